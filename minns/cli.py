"""The command line: a command parses, calls one function and renders what it gives back.

Exit codes: 0 when what was asked holds, else those of `minns.errors`.
"""

import logging
from pathlib import Path
from typing import Annotated

import typer

from minns import __version__, console, inquiry, pipeline, start
from minns.behind import Asked
from minns.commands import (
    HERE,
    JsonOption,
    ProjectOption,
    conflicts,
    delivery,
    export,
    history,
    identity,
    landing,
    link,
    maps,
    quarantine,
    review,
    samples,
    show,
    source,
    terminology,
    told,
    web,
    withdraw,
)
from minns.delivery import refuse_incomplete
from minns.errors import GateError
from minns.site import Mode, open_site

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Moves patients from many legacy journals into one shared record, and proves it.",
    epilog="Begin with 'minns demo', or with 'minns init' in an empty folder.",
    rich_markup_mode=None,
)
ledger_app = typer.Typer(no_args_is_help=True, help="The ledger of runs and decisions.")
app.add_typer(source.app, name="source")
app.add_typer(landing.app, name="landing")
app.add_typer(export.app, name="export")
app.add_typer(ledger_app, name="ledger")
app.add_typer(identity.app, name="identity")
app.add_typer(link.app, name="link")
app.add_typer(review.app, name="review")
app.add_typer(conflicts.app, name="conflict")
app.add_typer(samples.app, name="sample")
app.add_typer(samples.signoff, name="signoff")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(show.app, name="show")
app.add_typer(history.app, name="history")
app.add_typer(maps.app, name="map")
app.add_typer(terminology.app, name="terminology")

app.command(
    "withdraw", epilog="Example: minns withdraw wave-2 --cutover, then once more with --yes"
)(withdraw.withdraw)

app.add_typer(web.app, name="user")
app.command("web", epilog="Example: minns web --port 8765")(web.web)
app.command("access-log", epilog="Example: minns access-log --by anna --since 2026-11-01 --json")(
    web.access_log
)

app.command("delivery", epilog="Example: minns delivery --json")(delivery.delivery)

CutoverOption = Annotated[
    bool, typer.Option("--cutover", help="Load the real record; without it a rehearsal's own.")
]


def _mode(cutover: bool) -> Mode:
    return "cutover" if cutover else "rehearsal"


def _version(value: bool) -> None:
    if value:
        typer.echo(f"minns {__version__}")
        raise typer.Exit()


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Moves patients from many legacy journals into one shared record, and proves it."""
    # What libraries log may quote values, and all that an operator needs is told by ourselves.
    logging.getLogger().addHandler(logging.NullHandler())


@app.command("init", epilog="Example: minns init my-region")
@told
def init_(folder: Annotated[Path, typer.Argument(help="A new or empty folder.")] = HERE) -> None:
    """Start a project: minns.toml, a first wave and a first mapping to fill in."""
    for path in start.init(folder):
        console.say(f"  {path}")
    console.say(
        f"Next: describe a source in {folder / 'mappings'}, then 'minns source check NAME'."
    )


@app.command("demo", epilog="Example: minns demo --persons 2000 --dir demo")
@told
def demo_(
    persons: Annotated[int, typer.Option(min=50, help="Persons in the region.")] = 2000,
    seed: Annotated[int, typer.Option(help="Same seed, same region to the byte.")] = 1,
    folder: Annotated[Path, typer.Option("--dir", help="Where to build it.")] = Path("demo"),
    target: Annotated[str | None, typer.Option(help="SQLAlchemy URL of the record.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Build a synthetic region and run its two waves: rehearsal, cutover, and once more."""
    with console.Watching() as watch:
        shown = start.demo_(folder, persons, seed, target, watch, quiet=as_json)
    if as_json:
        console.print_json(shown.as_json())
    if not shown.held_up:
        raise typer.Exit(GateError.exit_code)


@app.command(
    "plan",
    epilog="Example: minns plan wave-2 --cutover;"
    " minns plan wave-2 --facts medication --to changes.csv",
)
@told
def plan_(
    wave: str,
    facts: Annotated[
        str | None,
        typer.Option(help="A table of the record: which of its rows are behind the counts."),
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="How many of them to show.")] = 50,
    to: Annotated[Path | None, typer.Option(help="A CSV file that gets all of them.")] = None,
    cutover: CutoverOption = False,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show what a run would do, without touching the record, the registry or the ledger."""
    asked = Asked(facts, most, to) if facts else None
    with console.Watching() as watch:
        found = pipeline.plan(open_site(project), wave, _mode(cutover), watch, asked)
    if as_json:
        console.print_json(found.as_json())
    else:
        console.show_plan(found.as_json())


@app.command("run", epilog="Example: minns run wave-1, then minns run wave-1 --cutover")
@told
def run_(
    wave: str,
    cutover: CutoverOption = False,
    accept_foreign: Annotated[
        bool,
        typer.Option(
            "--accept-foreign-changes",
            help="Load over what others changed in the record: theirs becomes history.",
        ),
    ] = False,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Run a wave, or go on with a run that was stopped; exit 0 only when every gate passes.

    'target' of minns.toml says where it loads: SQLite, PostgreSQL or MariaDB; SQL Server or Oracle
    untested; or a FHIR server or NDJSON files.
    """
    with console.Watching() as watch:
        outcome = pipeline.run(
            open_site(project), wave, _mode(cutover), watch, accept_foreign=accept_foreign
        )
    if as_json:
        console.print_json(outcome.as_json())
    else:
        console.show_outcome(outcome.as_json())
    refuse_incomplete(outcome.delivery)
    if not outcome.evidence.go:
        raise typer.Exit(GateError.exit_code)


@app.command("status", epilog="Example: minns status --json")
@told
def status_(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """Every run so far, the newest last."""
    lines = inquiry.status(open_site(project))
    if as_json:
        console.print_json(lines)
        return
    columns = ["run", "state", "verdict", "changes", "load", "finished"]
    console.show_table(columns, [[line[c] for c in columns] for line in lines])
    if not lines:
        console.say("No run yet. Begin with 'minns plan WAVE'.")


@app.command("trace", epilog="Example: minns trace melior diagnos 4711; minns trace P3F2A90B1C4D7")
@told
def trace_(
    what: Annotated[
        list[str], typer.Argument(help="SOURCE TABLE ROW_KEY, or a fact or person id.")
    ],
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """From a row to what became of it, or from a fact to the rows behind it."""
    lines = inquiry.trace(open_site(project), what)
    if as_json:
        console.print_json(lines)
        return
    columns = list(lines[0])
    console.show_table(columns, [[line[c] for c in columns] for line in lines])


@app.command("report", epilog="Example: minns report wave-1 --language en --out report.html")
@told
def report_(
    wave: str,
    cutover: CutoverOption = False,
    language: Annotated[str | None, typer.Option(help="sv or en; default the project's.")] = None,
    out: Annotated[Path | None, typer.Option(help="Copy the report to this file.")] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """The report of a wave's last run: where it is, or a copy of it, or its evidence as JSON."""
    site = open_site(project)
    if as_json:
        console.print_json(inquiry.evidence(site, wave, _mode(cutover)))
        return
    path = inquiry.report(site, wave, _mode(cutover), language, out)
    console.say(str(path))


@ledger_app.command("verify", epilog="Example: minns ledger verify")
@told
def ledger_verify(
    receipt: Annotated[
        list[str] | None,
        typer.Option(help="A signature's receipt that was kept elsewhere; may be repeated."),
    ] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Follow the ledger's chain from its first entry; exit 7 when it was altered.

    That its end was cut off, or that all was written anew, only receipts can tell.
    """
    entries = open_site(project).ledger.verify(receipt or ())
    if as_json:
        console.print_json({"entries": entries, "whole": True})
    else:
        console.say(f"{console.number(entries)} entries, the chain is whole.")
