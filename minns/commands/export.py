"""`minns export`: what the record knows, written to files."""

from pathlib import Path
from typing import Annotated

import typer

from minns import console, inquiry, resources
from minns.commands import HERE, JsonOption, ProjectOption, research, told
from minns.commands.conflicts import LanguageOption, LookerOption
from minns.ips import desk
from minns.review.desk import spoken
from minns.site import open_site

app = typer.Typer(no_args_is_help=True, help="Write what the record knows to files.")
research.add_to(app)


@app.callback()
def _export() -> None:
    """Write what the record knows to files."""


@app.command("identities", epilog="Example: minns export identities identities.csv")
@told
def export_identities(
    file: Path, project: ProjectOption = HERE, as_json: JsonOption = False
) -> None:
    """Write source, local_id, person_id, probability and method of every identity to CSV."""
    site = open_site(project)
    rows = inquiry.export_identities(site, file)
    if as_json:
        console.print_json({"file": str(file), "identities": rows})
    else:
        console.say(f"{console.number(rows)} identities in {file}")


@app.command("fhir", epilog="Example: minns export fhir resources --person P3F2A90B1C4D7")
@told
def export_fhir(
    folder: Annotated[Path, typer.Argument(help="Where the NDJSON files go.")],
    person: Annotated[
        str | None, typer.Option(help="Only this person's, and what they refer to: a person's id.")
    ] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write the record as FHIR R4 resources: a file of NDJSON a type, each resource checked."""
    with console.Watching() as watch:
        made = resources.export_fhir(open_site(project), folder, person, watch).as_json()
    if as_json:
        console.print_json(made)
        return
    console.show_table(["resource", "number"], [[*line] for line in made["types"].items()])
    count = console.number(made["resources"])
    console.say(f"{count} resources in {folder}; {len(made['written'])} files written.")


@app.command("ips", epilog="Example: minns export ips P3F2A90B1C4D7 summary.json --language en")
@told
def export_ips(
    person: Annotated[
        str,
        typer.Argument(
            help="The person's id, or SOURCE:ID. Never a personal number: a command line stays in"
            " the shell's history."
        ),
    ],
    file: Annotated[
        Path | None, typer.Argument(help="Where the document goes; without it to stdout.")
    ] = None,
    by: LookerOption = None,
    language: LanguageOption = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write a patient's International Patient Summary: one FHIR document.

    What the patient has had blocked is left out and counted. Whom you look at is in the ledger.
    """
    site = open_site(project)
    with console.Watching() as watch:
        bundle = desk.summary(site, person, spoken(site, language), by=by, watch=watch)
    if file is not None:
        desk.write(bundle, file)
    if file is None:
        console.print_json(bundle)
    elif as_json:
        console.print_json({"file": str(file), **desk.counted(bundle)})
    else:
        found = desk.counted(bundle)
        console.show_table(["section", "entries"], [[*line] for line in found["sections"].items()])
        console.say(f"{console.number(found['entries'])} entries in {file}")
