"""`minns terminology`: import editions of code systems, list them, look codes up."""

import datetime
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from minns import console
from minns.commands import HERE, JsonOption, ProjectOption, told
from minns.errors import ConfigError
from minns.site import open_site
from minns.terminology import FORMATS, Edition, Release, editions, import_release, look_up

app = typer.Typer(no_args_is_help=True, help="Editions of standard code systems, kept locally.")
_FORMATS = ", ".join(FORMATS)


def _day(text: str | None) -> datetime.date | None:
    """A date as the operator wrote it."""
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        raise ConfigError(
            "a date such as 2024-01-01", found="something else", do="Write it so."
        ) from None


def _columns(given: list[str]) -> dict[str, str]:
    """`field=Name` options."""
    pairs = [text.partition("=") for text in given]
    if not all(field and name for field, _, name in pairs):
        raise ConfigError(
            "--column FIELD=NAME", found="something else", do="Write for example code=Kod."
        )
    return {field: name for field, _, name in pairs}


def _json(edition: Edition) -> dict[str, Any]:
    line = asdict(edition)
    day = edition.valid_from
    return {**line, "folder": str(edition.folder), "valid_from": str(day) if day else None}


@app.command("import", epilog="Example: minns terminology import release.txt --version 2024")
@told
def import_(
    release: Annotated[Path, typer.Argument(help="The release: a file, or an unpacked folder.")],
    system: Annotated[str | None, typer.Option(help="Our name of the code system.")] = None,
    version: Annotated[str | None, typer.Option(help="When the release does not say.")] = None,
    kind: Annotated[str | None, typer.Option("--format", help=_FORMATS)] = None,
    valid_from: Annotated[str | None, typer.Option(help="From when the edition holds.")] = None,
    column: Annotated[list[str] | None, typer.Option(help="FIELD=NAME, for text files.")] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Import a release of a code system as one edition; other editions stay."""
    site = open_site(project)
    asked = Release(release, system, version, kind, _day(valid_from), _columns(column or []))
    edition = import_release(site.store, asked, site.code_systems, site.project.memory_limit)
    if as_json:
        console.print_json(_json(edition))
        return
    console.say(
        f"{edition.system} {edition.version}: {console.number(edition.concepts)} concepts, "
        f"{console.number(edition.retired)} of them retired"
    )
    for reason, lines in edition.refused.items():
        console.say(f"  {console.number(lines)} lines not taken: {reason}")


@app.command("list", epilog="Example: minns terminology list --json")
@told
def list_(project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """The editions in the store."""
    lines = [_json(edition) for edition in editions(open_site(project).store)]
    if as_json:
        console.print_json(lines)
        return
    columns = ["system", "version", "valid_from", "concepts", "retired", "format"]
    console.show_table(columns, [[line[c] for c in columns] for line in lines])
    if not lines:
        console.say("None yet. Begin with 'minns terminology import FILE'.")


@app.command("lookup", epilog="Example: minns terminology lookup icd-10-se E11.9 --on 2024-05-01")
@told
def lookup_(
    system: str,
    what: Annotated[str, typer.Argument(help="A code, or words of its text.")],
    version: Annotated[str | None, typer.Option(help="Edition; else the newest.")] = None,
    on: Annotated[str | None, typer.Option(help="The edition that held on this day.")] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """A code's text, validity and replacement; or the codes whose texts have these words."""
    found = look_up(open_site(project).store, system, what, version=version, day=_day(on))
    lines = [
        {**asdict(concept), "valid_from": str(concept.valid_from or "")}
        | {"valid_to": str(concept.valid_to or ""), "replaced_by": list(concept.replaced_by)}
        for concept in found
    ]
    if as_json:
        console.print_json(lines)
    else:
        columns = ["version", "code", "display", "state", "replaced_by"]
        shown = [
            {**line, "replaced_by": " ".join(c.replaced_by)}
            for line, c in zip(lines, found, strict=True)
        ]
        console.show_table(columns, [[line[c] for c in columns] for line in shown])
    if not found:
        raise ConfigError(
            f"a code or text in {system}", found="no such concept", do="Try fewer words."
        )
