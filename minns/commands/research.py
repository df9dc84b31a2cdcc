"""`minns export parquet` and `minns export omop`: the record for research and follow-up."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from load.research import Choice
from minns import console, exporting
from minns.commands import HERE, JsonOption, ProjectOption, told
from minns.commands.conflicts import RehearsalOption
from minns.site import open_site

FolderArgument = Annotated[
    Path, typer.Argument(help="A folder to make, or one with an earlier export.")
]
IdentifiersOption = Annotated[
    bool,
    typer.Option(
        "--with-identifiers",
        help="Also numbers, names, addresses, keys, who wrote; ids are the record's own.",
    ),
]
TextsOption = Annotated[
    bool, typer.Option("--with-texts", help="Also free text, which can name anybody.")
]
AsOfOption = Annotated[
    int | None, typer.Option("--as-of", help="As it stood after this load; default now.")
]
KeyOption = Annotated[
    Path | None,
    typer.Option(
        help="File with the key of the ids that leave, made if not there; default research.key in"
        " the work folder. Another key gives ids that cannot be joined with these."
    ),
]
ByOption = Annotated[
    str | None, typer.Option("--by", help="Who exports, for the ledger; default who is logged in.")
]


def parquet(
    folder: FolderArgument,
    with_identifiers: IdentifiersOption = False,
    with_texts: TextsOption = False,
    as_of: AsOfOption = None,
    key: KeyOption = None,
    by: ByOption = None,
    rehearsal: RehearsalOption = False,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """The consolidated record as open columnar files, with a data dictionary.

    Protected persons and what a block covers are left out and counted. That you exported is
    written to the ledger.
    """
    choice = Choice(with_identifiers, with_texts)
    asked = exporting.Asked(choice, rehearsal=rehearsal, as_of=as_of, by=by, key=key)
    with console.Watching() as watch:
        manifest = exporting.parquet(open_site(project), folder, asked, watch.begin("export"))
    _show(folder, manifest, as_json)


def omop(
    folder: FolderArgument,
    vocabulary: Annotated[
        str | None,
        typer.Option(help="Version of the imported system 'omop'; default the newest."),
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Also each table as CSV.")] = False,
    holder: Annotated[
        str, typer.Option(help="Who answers for the data, for the table cdm_source.")
    ] = "not stated",
    with_identifiers: IdentifiersOption = False,
    with_texts: TextsOption = False,
    as_of: AsOfOption = None,
    key: KeyOption = None,
    by: ByOption = None,
    rehearsal: RehearsalOption = False,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """The record as tables of the OMOP Common Data Model 5.4.

    Standard concepts come from an Athena download ('minns terminology import FOLDER --system
    omop'); without one, and where it knows no such code, the concept is 0.
    """
    asked = exporting.Asked(
        Choice(with_identifiers, with_texts),
        rehearsal=rehearsal,
        as_of=as_of,
        by=by,
        vocabulary=vocabulary,
        csv=csv,
        holder=holder,
        key=key,
    )
    with console.Watching() as watch:
        manifest = exporting.omop(open_site(project), folder, asked, watch.begin("export"))
    _show(folder, manifest, as_json)


def add_to(app: typer.Typer) -> None:
    """Make both commands of `minns export`."""
    app.command("parquet", epilog="Example: minns export parquet research")(told(parquet))
    app.command("omop", epilog="Example: minns export omop cdm --csv --holder 'Region Väst'")(
        told(omop)
    )


def _show(folder: Path, manifest: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        console.print_json({"folder": str(folder), **manifest})
        return
    console.say(f"{manifest['record']}, as it stood after load {manifest['load']}\n", "bold")
    books = {"person": manifest["persons"], **manifest["facts"]}
    rows = [
        [
            name,
            book["record"],
            book["exported"],
            ", ".join(f"{why} {console.number(n)}" for why, n in book["left_out"].items()),
        ]
        for name, book in books.items()
    ]
    console.show_table(["", "in the record", "exported", "left out"], rows)
    console.say("")
    console.show_table(["table", "rows"], [list(line) for line in manifest["tables"].items()])
    console.say(f"\n{folder}")
