"""`minns export`: what the record knows, written to files."""

from pathlib import Path

import typer

from minns import console, inquiry
from minns.commands import HERE, JsonOption, ProjectOption, research, told
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
