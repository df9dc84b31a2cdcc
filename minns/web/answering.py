"""A request before and after a page sees it: who asks, their form, what may be kept of the answer.

Nothing of a request is ever logged but the name of its page.
"""

import logging
import sys
import traceback
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from threading import Lock
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from minns.config import LANGUAGES
from minns.errors import MinnsError
from minns.site import Site
from minns.web import access
from minns.web.page import render
from minns.web.sessions import Session, Sessions
from minns.web.users import User, users

LOG = logging.getLogger("minns.web")
_MOST = 64 * 1024
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True)
class Web:
    """What the pages work on."""

    site: Site
    wave: str | None = None
    secure: bool = False
    sessions: Sessions = field(default_factory=Sessions)
    #: One question to the run's tables at a time: two reviewers never take up the same pair.
    turn: Lock = field(default_factory=Lock)

    @property
    def cookie(self) -> str:
        """A browser takes the name with __Host- over TLS only, and from this host only."""
        return "__Host-minns" if self.secure else "minns"


@dataclass(frozen=True)
class Asked:
    """A request, as a page sees it."""

    web: Web
    session: Session
    user: User | None
    form: dict[str, str]

    @property
    def language(self) -> str:
        """The language that was chosen, else the project's."""
        chosen = self.session.language
        return chosen if chosen in LANGUAGES else self.web.site.project.language

    @property
    def who(self) -> User:
        """Who is logged in; pages that need nobody do not ask."""
        if self.user is None:
            raise AssertionError("a page without roles asked who is logged in")
        return self.user

    def page(self, name: str, status: int = 200, **values: object) -> Response:
        """A page of our own, in the language of who asks."""
        text = render(name, self.language, session=self.session, user=self.user, **values)
        return Response(text, status, media_type="text/html; charset=utf-8")


View = Callable[[Asked], Response]


def to(place: str) -> Response:
    """Go on to another page, by GET."""
    return RedirectResponse(place, 303)


def guarded(
    web: Web, page: str, view: View, roles: Collection[str] | None
) -> Callable[[Request], object]:
    """A page as the server runs it: `roles` may see it, None is everybody."""

    async def endpoint(request: Request) -> Response:
        form = await _form(request) if request.method == "POST" else {}
        token = request.cookies.get(web.cookie, "")
        response = await run_in_threadpool(
            _answer, web, page, view, roles, token, form, request.method == "POST"
        )
        response.headers.update(HEADERS)
        if web.secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    return endpoint


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form; none when it is too large or is no form."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MOST:
            return {}
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        return {}


def _answer(
    web: Web,
    page: str,
    view: View,
    roles: Collection[str] | None,
    token: str,
    form: dict[str, str],
    acts: bool,
) -> Response:
    session = web.sessions.find(token) if token else None
    fresh = session is None
    session = session or web.sessions.begin()
    user = users(web.site.ledger).get(session.user) if session.user else None
    if user is not None and (not user.enabled or user.hash != session.stamp):
        user = None  # disabled, or the password was changed since they logged in
    asked = Asked(web, session, user, form)
    try:
        response = _refused(asked, page, roles, acts) or view(asked)
    except MinnsError as error:
        response = asked.page("message", 409, title="Not done", text=str(error))
    except Exception:
        _tell_bug(page)
        response = asked.page("message", 500, title="Something went wrong", text="")
    if fresh and "set-cookie" not in response.headers:
        keep(response, web, session)
    return response


def _refused(asked: Asked, page: str, roles: Collection[str] | None, acts: bool) -> Response | None:
    """The refusal, or None when the page may be seen and the form is one of ours."""
    why = None
    if roles is not None and asked.user is None:
        why = "not logged in"
    elif acts and not asked.session.owns(asked.form.get("csrf", "")):
        why = "foreign form"
    elif roles is not None and asked.user is not None and asked.user.role not in roles:
        why = "role"
    if why is None:
        return None
    if asked.user is None:
        # whoever finds the port could fill the ledger, so these go to the server's log
        LOG.warning("refused: %s, %s", page, why)
        return asked.page("message", 403, title="Log in first", text="") if acts else to("/login")
    access.refused(asked.web.site.ledger, asked.user.name, page, why)
    return asked.page("message", 403, title="Refused", text="")


def keep(response: Response, web: Web, session: Session) -> None:
    """Give the browser its session."""
    response.set_cookie(
        web.cookie, session.token, path="/", secure=web.secure, httponly=True, samesite="strict"
    )


def _tell_bug(page: str) -> None:
    """Where it happened and of what kind; the message of an error may quote a patient's value."""
    kind, _, trace = sys.exc_info()
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(trace)]
    LOG.error("bug: %s, %s at %s", page, kind.__name__ if kind else "", " < ".join(places[::-1]))
