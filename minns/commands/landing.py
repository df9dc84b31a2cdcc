"""`minns landing`: are landings whole, and how do they differ?"""

from textwrap import shorten
from typing import Annotated

import typer

from extract.delta import KINDS, Delta
from minns import console, landings
from minns.commands import HERE, JsonOption, ProjectOption, told
from minns.errors import GateError
from minns.site import open_site

app = typer.Typer(no_args_is_help=True, help="Landings: raw copies of sources.")


@app.command(
    "verify",
    epilog="Example: minns landing verify melior; minns landing verify melior --files --json",
)
@told
def verify(
    name: Annotated[str, typer.Argument(help="The source.")],
    snapshot: Annotated[str | None, typer.Option(help="Its number; default the latest.")] = None,
    files: Annotated[
        bool, typer.Option("--files", help="Only files; leave the source be.")
    ] = False,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Re-read a landing's files and its source, and name every difference; exit 9 if there is one.

    A source that lives changes: what differs there is told by row, and is the next delta.
    """
    with console.Watching() as watch:
        found = landings.verify(open_site(project), name, snapshot, files_only=files, watch=watch)
    if as_json:
        console.print_json(found.as_json())
    else:
        _show(found)
    if not found.whole:
        raise typer.Exit(GateError.exit_code)


def _show(found: landings.Verified) -> None:
    said = found.as_json()
    rows = console.number(said["rows"])
    console.say(f"{said['source']} {said['snapshot']}: {rows} rows, by {said['by'] or 'unknown'}")
    console.say(f"  landed {said['moment'] or 'at a moment not told'} with {said['driver']}\n")
    if found.faults:
        columns = ["table", "part", "row", "what"]
        console.show_table(columns, [[getattr(f, c) for c in columns] for f in found.faults])
    else:
        console.say("Its files are as they were landed.")
    if found.source is None:
        return
    if found.source.empty:
        console.say("Its source holds the same.")
    else:
        console.say("\nits source differs by now", "bold")
        _show_delta(found.source)


@app.command(
    "delta", epilog="Example: minns landing delta melior; minns landing delta melior --old 0001"
)
@told
def delta(
    name: Annotated[str, typer.Argument(help="The source.")],
    old: Annotated[str | None, typer.Option(help="A landing; default the one before.")] = None,
    new: Annotated[str | None, typer.Option(help="A later one; default the latest.")] = None,
    most: Annotated[int, typer.Option(min=0, help="Rows named of a table.")] = 100,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Rows inserted, deleted, changed and re-keyed between two landings, by content."""
    earlier, later, found = landings.between(open_site(project), name, old, new, most)
    if as_json:
        numbers = {"old": earlier.folder.name, "new": later.folder.name}
        console.print_json({**numbers, **found.as_json()})
    elif found.empty:
        console.say("They hold the same.")
    else:
        _show_delta(found)


def _show_delta(found: Delta) -> None:
    counted = {t: kinds for t, kinds in found.counts.items() if sum(kinds.values())}
    console.show_table(
        ["table", *KINDS], [[t, *(kinds[k] for k in KINDS)] for t, kinds in counted.items()]
    )
    console.say("")
    rows = [[d.table, d.kind, d.row, shorten(", ".join(d.columns), 60)] for d in found.rows]
    console.show_table(["table", "kind", "row", "columns"], rows)
