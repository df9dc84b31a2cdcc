"""`minns conflict`: facts that disagree, listed, shown and settled."""

from typing import Annotated

import typer

from minns import console
from minns.commands import HERE, JsonOption, ProjectOption, told
from minns.conflicts import judging, listing, sides, telling
from minns.review.desk import spoken
from minns.site import open_site

app = typer.Typer(no_args_is_help=True, help="Facts that disagree: look, and settle them.")

RehearsalOption = Annotated[
    bool, typer.Option("--rehearsal", help="The rehearsal's record; default the real one.")
]
LanguageOption = Annotated[
    str | None, typer.Option("--language", help="sv or en; default the project's.")
]
LookerOption = Annotated[
    str | None, typer.Option("--by", help="Who looks; default who is logged in. Kept.")
]
IdArgument = Annotated[str, typer.Argument(help="A conflict's id.", metavar="ID")]


@app.command("list", epilog="Example: minns conflict list --kind alert --page 2")
@told
def conflict_list(
    person: Annotated[
        str | None,
        typer.Option(help="A person's id, or SOURCE:ID; never a personal number."),
    ] = None,
    kind: Annotated[str | None, typer.Option(help="Of this kind: alert, medication, …")] = None,
    rule: Annotated[str | None, typer.Option(help="Found by this rule.")] = None,
    state: Annotated[str, typer.Option(help="open, settled or all.")] = "open",
    page: Annotated[int, typer.Option(min=1, help="Which page.")] = 1,
    size: Annotated[int, typer.Option(min=1, help="Conflicts on a page.")] = 50,
    by: LookerOption = None,
    rehearsal: RehearsalOption = False,
    language: LanguageOption = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """The conflicts that wait, patient by patient, the most dangerous first."""
    site = open_site(project)
    asked = listing.Asked(person, kind, rule, state, page, size)
    speaks = spoken(site, language)
    found = listing.conflicts(site, asked, speaks, rehearsal=rehearsal, by=by)
    if as_json:
        console.print_json(found)
    else:
        telling.show_list(found, speaks)


@app.command("show", epilog="Example: minns conflict show 1f2e3d4c5b6a79881726")
@told
def conflict_show(
    conflict: IdArgument,
    by: LookerOption = None,
    rehearsal: RehearsalOption = False,
    language: LanguageOption = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Both sides of a conflict with all their sources, and what differs marked."""
    site = open_site(project)
    speaks = spoken(site, language)
    found = sides.conflict(site, conflict, speaks, rehearsal=rehearsal, by=by)
    if as_json:
        console.print_json(found)
    else:
        telling.show_conflict(found, speaks)


@app.command(
    "settle",
    epilog="Example: minns conflict settle 1f2e3d4c5b6a79881726 --verdict first --by anna"
    " --reason 'the later one is a slip'",
)
@told
def conflict_settle(
    conflict: IdArgument,
    verdict: Annotated[
        str, typer.Option(help="both, first, second or neither stands; withdrawn: open again.")
    ],
    reason: Annotated[str, typer.Option(help="Why; kept, so without names.")],
    by: Annotated[str, typer.Option(help="Who decides; kept.")],
    rehearsal: RehearsalOption = False,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Judge a conflict. Both facts stay; the next run marks the conflict as settled."""
    came = judging.settle(open_site(project), conflict, verdict, reason, by, rehearsal=rehearsal)
    if as_json:
        console.print_json(came)
    else:
        console.say("Recorded. It takes effect with the next 'minns run'; both facts stay.")
