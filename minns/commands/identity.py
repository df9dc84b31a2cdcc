"""`minns identity`: who is who, what people change about it, and what follows for others."""

from pathlib import Path
from typing import Annotated

import typer

from minns import changes, console, identity, inquiry, showing
from minns.beside import comparing, telling
from minns.commands import HERE, JsonOption, ProjectOption, told
from minns.commands.conflicts import LanguageOption, LookerOption, RehearsalOption
from minns.review.desk import spoken
from minns.site import open_site

app = typer.Typer(no_args_is_help=True, help="Who is who: look, decide, and tell others.")

WhoArgument = Annotated[str, typer.Argument(help="A person's id, or SOURCE:ID")]
ReviewerOption = Annotated[str, typer.Option("--reviewer", help="Who decides.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept, so without names.")]
_NEXT = "It takes effect with the next 'minns run'."


@app.command("decide", epilog="Example: minns identity decide melior:17 asynja:4 same")
@told
def identity_decide(
    left: Annotated[str, typer.Argument(help="SOURCE:LOCAL_ID")],
    right: Annotated[str, typer.Argument(help="SOURCE:LOCAL_ID")],
    verdict: Annotated[str, typer.Argument(help="same, different or withdrawn")],
    reason: Annotated[str, typer.Option(help="Why; kept in the ledger.")] = "",
    reviewer: Annotated[str, typer.Option(help="Who decides; kept in the ledger.")] = "",
    project: ProjectOption = HERE,
) -> None:
    """Record a judgement about two identities; the next run obeys it."""
    inquiry.decide(open_site(project), left, right, verdict, reason, reviewer)
    console.say(f"Recorded. {_NEXT}")


@app.command("show", epilog="Example: minns identity show melior:17")
@told
def identity_show(
    who: WhoArgument, project: ProjectOption = HERE, as_json: JsonOption = False
) -> None:
    """The identities of a person, how each is tied, since when, and which pairs are open."""
    found = identity.show(open_site(project), who)
    if as_json:
        console.print_json(found)
    else:
        showing.show_person(found)


@app.command(
    "merge",
    epilog="Example: minns identity merge melior:17 asynja:4 --reviewer anna --reason 'read both'",
)
@told
def identity_merge(
    one: WhoArgument,
    other: WhoArgument,
    reviewer: ReviewerOption,
    reason: ReasonOption,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Judge two persons to be one: every identity of the one with every one of the other."""
    came = identity.merge(open_site(project), one, other, reviewer, reason)
    _tell(came, as_json)


@app.command(
    "split",
    epilog="Example: minns identity split melior:17 --from P3F2A90B1C4D7 --reviewer anna"
    " --reason 'two patients'",
)
@told
def identity_split(
    who: Annotated[list[str], typer.Argument(help="SOURCE:ID of each identity that leaves")],
    person: Annotated[str, typer.Option("--from", help="The person that they leave.")],
    reviewer: ReviewerOption,
    reason: ReasonOption,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Judge identities not to be this person's: each with every one that remains."""
    came = identity.split(open_site(project), who, person, reviewer, reason)
    _tell(came, as_json)


@app.command(
    "compare", epilog="Example: minns identity compare melior:17 asynja:4 --html compare.html"
)
@told
def identity_compare(
    who: Annotated[
        list[str] | None,
        typer.Argument(help="Persons' ids, or SOURCE:ID; nobody: all whose identities move."),
    ] = None,
    wave: Annotated[
        str | None, typer.Option(help="The wave whose next run is meant; default the last one.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a page to this file instead.")
    ] = None,
    by: LookerOption = None,
    rehearsal: RehearsalOption = False,
    language: LanguageOption = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Persons as the record has them beside what the next run makes of them; nothing is changed.

    Each fact, and where it goes: what stays, moves, is folded or unfolded, and which conflicts and
    judgements go with it. Whom you look at is written to the ledger.
    """
    site = open_site(project)
    speaks = spoken(site, language)
    with console.Watching() as watch:
        found = comparing.compare(
            site, who or (), wave=wave, rehearsal=rehearsal, by=by, watch=watch
        )
    if html is not None:
        telling.write_page(found, html, speaks)
    if as_json:
        console.print_json(found)
    elif html is not None:
        console.say(str(html))
    else:
        telling.show(found, speaks)


@app.command("history", epilog="Example: minns identity history melior:17")
@told
def identity_history(
    who: WhoArgument, project: ProjectOption = HERE, as_json: JsonOption = False
) -> None:
    """What happened to a person or identity, in order: events of the registry and judgements."""
    lines = identity.history(open_site(project), who)
    if as_json:
        console.print_json(lines)
    else:
        showing.show_history(lines)


@app.command(
    "changes", epilog="Example: minns identity changes --since wave-1-cutover-1 --hl7 changes.hl7"
)
@told
def identity_changes(
    since: Annotated[
        str | None, typer.Option("--since", help="The run after which; default: from the first.")
    ] = None,
    hl7: Annotated[
        Path | None, typer.Option("--hl7", help="Write HL7 v2 messages (A28, A29, A31, A40) here.")
    ] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write a CSV file here.")] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Which ids changed, for the systems that hold them: listed, as CSV or as HL7 v2."""
    found = changes.changes(open_site(project), since, csv, hl7)
    if as_json:
        console.print_json(found)
    else:
        showing.show_changes(found)


def _tell(came: dict[str, object], as_json: bool) -> None:
    if as_json:
        console.print_json(came)
        return
    overruled = f", {came['overruled']} of them over an earlier one" if came["overruled"] else ""
    console.say(f"{came['judgements']} judgements '{came['verdict']}' recorded{overruled}. {_NEXT}")
