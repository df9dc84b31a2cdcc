"""`minns show`: what the record holds of one patient."""

from pathlib import Path
from typing import Annotated

import typer

from minns import console
from minns.commands import HERE, JsonOption, ProjectOption, told
from minns.commands.conflicts import LanguageOption, LookerOption, RehearsalOption
from minns.overview import desk, terminal
from minns.review.desk import spoken
from minns.site import open_site

app = typer.Typer(no_args_is_help=True, help="What the record holds of one patient.")


@app.callback()
def _show() -> None:
    """What the record holds of one patient."""


@app.command("person", epilog="Example: minns show person melior:17 --html overview.html")
@told
def show_person(
    who: Annotated[
        str,
        typer.Argument(
            help="The person's id, or SOURCE:ID. Never a personal number: a command line stays in"
            " the shell's history."
        ),
    ],
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a page to this file instead.")
    ] = None,
    as_of: Annotated[
        int | None, typer.Option("--as-of", help="As it stood after this load; default now.")
    ] = None,
    by: LookerOption = None,
    rehearsal: RehearsalOption = False,
    language: LanguageOption = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """A patient at a glance: alerts, problems, medicines, results, contacts, with their sources.

    Whom you look at is written to the ledger.
    """
    site = open_site(project)
    speaks = spoken(site, language)
    shown = desk.person(site, who, speaks, rehearsal=rehearsal, as_of=as_of, by=by)
    if html is not None:
        desk.write_page(shown, html, speaks)
    if as_json:
        console.print_json(shown)
    elif html is not None:
        console.say(str(html))
    else:
        terminal.show(shown, speaks)
