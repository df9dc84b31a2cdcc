"""The pages' addresses, who may open which, and the server that answers."""

import ssl
from importlib.resources import files
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from minns.errors import ConfigError
from minns.site import Site
from minns.web import disputes, reading, signing, views
from minns.web.answering import HEADERS, View, Web, guarded

REVIEWERS = frozenset({"steward", "clinician"})
LEADS = frozenset({"steward", "lead"})
READERS = REVIEWERS | LEADS
ADMINS = frozenset({"admin"})
EVERY = REVIEWERS | LEADS | ADMINS
#: Address, name, who may (None: everybody), what a look does, what a form does.
PAGES: tuple[tuple[str, str, frozenset[str] | None, View | None, View | None], ...] = (
    ("/", "home", EVERY, views.home, None),
    ("/login", "login", None, views.show_login, views.do_login),
    ("/logout", "logout", EVERY, None, views.do_logout),
    ("/language", "language", None, None, views.do_language),
    ("/review", "review", REVIEWERS, views.show_review, views.do_review),
    ("/review/undo", "undo", REVIEWERS, None, views.do_undo),
    ("/conflicts", "conflicts", REVIEWERS, disputes.show_conflicts, None),
    ("/conflict", "conflict", REVIEWERS, disputes.show_conflict, disputes.do_settle),
    ("/conflict/open", "open", REVIEWERS, None, disputes.do_open),
    ("/samples", "samples", READERS, reading.show_samples, None),
    ("/samples/open", "open sample", READERS, None, reading.do_open),
    ("/sample", "sample", READERS, reading.show_fact, reading.do_verdict),
    ("/sample/undo", "undo verdict", READERS, None, reading.do_undo),
    ("/sample/sheet", "sheet", READERS, reading.show_sheet, None),
    ("/sample/settle", "settle", READERS, reading.show_dispute, reading.do_settle),
    ("/sample/sign", "sign", READERS, signing.show_sign, signing.do_sign),
    ("/progress", "progress", LEADS, views.show_progress, None),
    ("/access", "access", ADMINS, views.show_access, None),
)
_STATIC = {"minns.css": "text/css", "review.js": "text/javascript"}


def pages(web: Web) -> Starlette:
    """The pages as an ASGI application."""
    routes: list[BaseRoute] = []
    for path, name, roles, look, act in PAGES:
        for method, view in (("GET", look), ("POST", act)):
            if view is not None:
                endpoint = guarded(web, name, view, roles)
                routes.append(Route(path, endpoint, methods=[method], name=name))
    routes.append(Route("/static/{name}", _static, methods=["GET"]))
    return Starlette(routes=routes, exception_handlers={404: _plain, 405: _plain})


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _STATIC:
        return Response("", 404, HEADERS)
    held = files("minns.web").joinpath("static", name).read_bytes()
    return Response(held, 200, HEADERS, media_type=_STATIC[name])


async def _plain(request: Request, error: Exception) -> Response:
    return Response("", getattr(error, "status_code", 404), HEADERS)


def serve(
    site: Site,
    wave: str | None,
    host: str,
    port: int,
    certificate: tuple[Path, Path] | None = None,
) -> None:
    """Serve the pages until stopped; what is logged names pages, never addresses or patients."""
    web = Web(site, wave, secure=certificate is not None)
    certfile, keyfile = certificate or (None, None)
    if certfile is not None and keyfile is not None:
        _refuse_unreadable(certfile, keyfile)
    uvicorn.run(
        pages(web),
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
        ssl_certfile=certfile,
        ssl_keyfile=keyfile,
    )


def _refuse_unreadable(certfile: Path, keyfile: Path) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certfile, keyfile)
    except OSError:
        raise ConfigError(
            "a certificate and its key in PEM files",
            found="none that belong together",
            do="Check --certfile and --keyfile.",
        ) from None
