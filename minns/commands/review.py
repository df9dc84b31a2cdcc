"""`minns review`: the queue of doubtful pairs, and decisions about them."""

from typing import Annotated

import typer

from minns import console, showing
from minns.commands import HERE, JsonOption, ProjectOption, told
from minns.review import desk
from minns.site import open_site

app = typer.Typer(no_args_is_help=True, help="Decide the pairs of identities that wait.")

WaveOption = Annotated[str | None, typer.Option("--wave", help="Of this wave's last run.")]
LookerOption = Annotated[
    str | None, typer.Option("--reviewer", help="Who looks; default who is logged in.")
]
ReviewerOption = Annotated[str, typer.Option("--reviewer", help="Who decides.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept, so without names.")]
ProtectedOption = Annotated[
    bool, typer.Option("--protected", help="Protected persons as well, without addresses.")
]
LanguageOption = Annotated[
    str | None, typer.Option("--language", help="sv or en; default the project's.")
]
WhatArgument = Annotated[list[str], typer.Argument(help="PAIR, or SOURCE:ID SOURCE:ID")]
DecisionArgument = Annotated[
    list[str], typer.Argument(help="PAIR (or SOURCE:ID SOURCE:ID) and same, different or unsure")
]
SettledArgument = Annotated[
    list[str], typer.Argument(help="PAIR (or SOURCE:ID SOURCE:ID) and same or different")
]


@app.command("next", epilog="Example: minns review next --wave wave-2 --reviewer anna")
@told
def review_next(
    wave: WaveOption = None,
    reviewer: LookerOption = None,
    protected: ProtectedOption = False,
    adjudicate: Annotated[
        bool, typer.Option("--adjudicate", help="A pair on which two others differ.")
    ] = False,
    language: LanguageOption = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show the pair that does most harm while it waits, and who of it is known."""
    site = open_site(project)
    shown = desk.next_pair(
        site, wave, reviewer, language, protected=protected, adjudicate=adjudicate
    )
    if as_json:
        console.print_json(shown)
    elif shown["pair"] is None:
        showing.show_nothing(shown)
    else:
        showing.show_pair(shown, desk.spoken(site, language))


@app.command("show", epilog="Example: minns review show melior:17 asynja:4")
@told
def review_show(
    what: WhatArgument,
    wave: WaveOption = None,
    reviewer: LookerOption = None,
    protected: ProtectedOption = False,
    language: LanguageOption = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Two identities side by side, their care, and what speaks for and against one person."""
    site = open_site(project)
    shown = desk.show_pair(site, wave, what, reviewer, language, protected=protected)
    if as_json:
        console.print_json(shown)
    else:
        showing.show_pair(shown, desk.spoken(site, language))


@app.command(
    "decide",
    epilog="Example: minns review decide melior:17 asynja:4 same --reviewer anna"
    " --reason 'read both'",
)
@told
def review_decide(
    words: DecisionArgument,
    reviewer: ReviewerOption,
    reason: ReasonOption,
    wave: WaveOption = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Record what a reviewer decides about a pair; the next run obeys a judgement."""
    came = desk.decide_pair(open_site(project), wave, words, reviewer, reason)
    if as_json:
        console.print_json(came)
    else:
        showing.show_decision(came)


@app.command(
    "adjudicate",
    epilog="Example: minns review adjudicate melior:17 asynja:4 same --reviewer eva"
    " --reason 'read both'",
)
@told
def review_adjudicate(
    words: SettledArgument,
    reviewer: ReviewerOption,
    reason: ReasonOption,
    wave: WaveOption = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Settle a pair on which two reviewers differ, as a third."""
    site = open_site(project)
    came = desk.decide_pair(site, wave, words, reviewer, reason, adjudicate=True)
    if as_json:
        console.print_json(came)
    else:
        showing.show_decision(came)


@app.command("stats", epilog="Example: minns review stats --wave wave-2")
@told
def review_stats(
    wave: WaveOption = None, project: ProjectOption = HERE, as_json: JsonOption = False
) -> None:
    """How many pairs wait and why, who decided, how well they agree, how long it will take."""
    found = desk.figures(open_site(project), wave)
    if as_json:
        console.print_json(found)
    else:
        showing.show_figures(found)
