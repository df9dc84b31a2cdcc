"""`minns web`, `minns user` and `minns access-log`: the pages, who may use them, who looked."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from minns import console
from minns.commands import HERE, JsonOption, ProjectOption, told
from minns.errors import ConfigError
from minns.site import open_site
from minns.web import access, server, users

app = typer.Typer(no_args_is_help=True, help="Who may use the pages of 'minns web'.")
NameArgument = Annotated[str, typer.Argument(help="The name that they log in with.")]


def _password() -> str:
    """Asked for twice on a terminal, else the first line of stdin; never an argument."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _tell(user: users.User, as_json: bool, what: str) -> None:
    if as_json:
        console.print_json(user.as_json())
    else:
        console.say(f"{user.name} ({user.role}) {what}")


@app.command("add", epilog="Example: minns user add anna --role clinician")
@told
def user_add(
    name: NameArgument,
    role: Annotated[str, typer.Option("--role", help=f"One of {', '.join(users.ROLES)}.")],
    protected: Annotated[
        bool, typer.Option("--protected", help="Protected persons may be shown to them.")
    ] = False,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Let somebody in; the password is asked for, or read from stdin."""
    ledger = open_site(project).ledger
    made = users.add(ledger, name, role, _password(), protected=protected)
    _tell(made, as_json, "may log in.")


@app.command("list", epilog="Example: minns user list --json")
@told
def user_list(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """Every user, with role and whether they may log in."""
    found = users.users(open_site(project).ledger)
    lines = [found[name].as_json() for name in sorted(found)]
    if as_json:
        console.print_json(lines)
        return
    columns = ["name", "role", "protected", "enabled"]
    console.show_table(columns, [[line[c] for c in columns] for line in lines])


@app.command("disable", epilog="Example: minns user disable anna")
@told
def user_disable(
    name: NameArgument, project: ProjectOption = HERE, as_json: JsonOption = False
) -> None:
    """Let somebody in no more, at once; what they decided stays."""
    _tell(users.disable(open_site(project).ledger, name), as_json, "may not log in any more.")


@app.command("password", epilog="Example: minns user password anna")
@told
def user_password(
    name: NameArgument, project: ProjectOption = HERE, as_json: JsonOption = False
) -> None:
    """A new password, asked for or read from stdin; it also unlocks and enables."""
    ledger = open_site(project).ledger
    users.named(ledger, name)
    _tell(users.change(ledger, name, _password()), as_json, "has a new password.")


@told
def access_log(
    by: Annotated[str | None, typer.Option("--by", help="Only of this user.")] = None,
    patient: Annotated[
        str | None, typer.Option("--patient", help="Only at this SOURCE:ID or person id.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="From this day on: 2026-11-01.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help=f"One of {', '.join(access.KINDS)}.")
    ] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Who looked at which patient, when and why; log-ins and refusals too."""
    ledger = open_site(project).ledger
    lines = access.log(ledger, by=by, patient=patient, since=since, kind=kind)
    if as_json:
        console.print_json(lines)
        return
    columns = ["when", "who", "kind", "what", "why"]
    rows = [[*(each[c] for c in columns), ", ".join(each["patients"])] for each in lines]
    console.show_table([*columns, "patients"], rows)


@told
def web(
    host: Annotated[str, typer.Option("--host", help="Where it listens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 8765,
    certfile: Annotated[Path | None, typer.Option("--certfile", help="For TLS, PEM.")] = None,
    keyfile: Annotated[Path | None, typer.Option("--keyfile", help="For TLS, PEM.")] = None,
    wave: Annotated[str | None, typer.Option("--wave", help="Of this wave's last run.")] = None,
    project: ProjectOption = HERE,
) -> None:
    """Serve the pages until Ctrl-C; only to this machine unless told otherwise.

    Let somebody in first: 'minns user add'. Beyond this machine use TLS.
    """
    if (certfile is None) != (keyfile is None):
        raise ConfigError("--certfile and --keyfile", found="one of them", do="Give both.")
    site = open_site(project)
    both = (certfile, keyfile) if certfile is not None and keyfile is not None else None
    console.say(f"{'https' if both else 'http'}://{host}:{port}/  (Ctrl-C ends it)")
    server.serve(site, wave, host, port, both)
