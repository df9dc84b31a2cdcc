"""What each page does with a request."""

from starlette.responses import Response

from minns.config import LANGUAGES
from minns.errors import ConfigError
from minns.recorded import holds_personal_number
from minns.review import desk
from minns.review.words import texts
from minns.web import access
from minns.web.answering import Asked, keep, to
from minns.web.users import log_in

#: The first page of each role.
HOME = {"steward": "/review", "clinician": "/review", "lead": "/progress", "admin": "/access"}
_WHY = "identity review"
_LONGEST = 500
#: So many lines of the access log, the newest first.
_LINES = 500


def home(asked: Asked) -> Response:
    """To the page where one works."""
    return to(HOME[asked.who.role])


def show_login(asked: Asked) -> Response:
    """The form to log in."""
    return to("/") if asked.user else asked.page("login", failed=False)


def do_login(asked: Asked) -> Response:
    """Log in; a new session, so that one that somebody planted is worth nothing."""
    web, form = asked.web, asked.form
    user = log_in(web.site.ledger, form.get("name", ""), form.get("password", ""))
    if user is None:
        return asked.page("login", 403, failed=True)
    web.sessions.end(asked.session)
    response = to("/")
    keep(response, web, web.sessions.begin(user.name, user.hash, asked.session.language))
    return response


def do_logout(asked: Asked) -> Response:
    """Forget the session."""
    asked.web.sessions.end(asked.session)
    response = to("/login")
    response.delete_cookie(asked.web.cookie, path="/")
    return response


def do_language(asked: Asked) -> Response:
    """Speak another language from now on."""
    if asked.form.get("language") in LANGUAGES:
        asked.session.language = asked.form["language"]
    return to("/")


def show_review(asked: Asked) -> Response:
    """The pair that is to be decided next; who looks is in the ledger before it is shown."""
    web, user = asked.web, asked.who
    with web.turn:
        shown = desk.next_pair(
            web.site,
            web.wave,
            user.name,
            asked.language,
            protected=user.protected,
            adjudicate=False,
            why=_WHY,
        )
    asked.session.shown = shown["pair"] or ""
    return asked.page("review", shown=shown, last=asked.session.last)


def do_review(asked: Asked) -> Response:
    """Record a decision about the pair that this session was shown, and go to the next."""
    web, form, session = asked.web, asked.form, asked.session
    pair, verdict = form.get("pair", ""), form.get("verdict", "")
    if not pair or pair != session.shown:
        access.refused(web.site.ledger, asked.who.name, "review", "a pair that was not shown")
        return asked.page("message", 403, title="Refused", text="")
    reason = _reason(form.get("reason", ""), asked.language)
    with web.turn:
        desk.decide_pair(web.site, web.wave, [pair, verdict], asked.who.name, reason)
    session.shown, session.last = "", (pair, verdict)
    return to("/review")


def _reason(text: str, language: str) -> str:
    """A reason without a personal number; both read is what it says when nothing is given."""
    text = " ".join(text.split())
    if len(text) > _LONGEST or holds_personal_number(text):
        raise ConfigError(
            f"a reason of at most {_LONGEST} characters without a personal number",
            found="another",
            do="Go back and write why, not who.",
        )
    return text or texts(language).gettext("Read side by side")


def do_undo(asked: Asked) -> Response:
    """Take back the last decision of this session."""
    web, last = asked.web, asked.session.last
    if last is not None:
        with web.turn:
            desk.undo_pair(web.site, web.wave, [last[0]], asked.who.name, "undone on the page")
        asked.session.last = None
    return to("/review")


def show_progress(asked: Asked) -> Response:
    """How the review goes: counts only, no patient."""
    with asked.web.turn:
        found = desk.figures(asked.web.site, asked.web.wave)
    return asked.page("progress", found=found)


def show_access(asked: Asked) -> Response:
    """The newest lines of the access log."""
    lines = access.log(asked.web.site.ledger)
    return asked.page("access", lines=lines[: -_LINES - 1 : -1], every=len(lines))
