"""`minns source`: look at a source before it is moved."""

import textwrap
from pathlib import Path
from typing import Annotated, Any

import typer

from extract.profile import Asked, as_json
from minns import console, pipeline, profiling, scaffolding
from minns.commands import HERE, JsonOption, ProjectOption, told
from minns.errors import ConfigError, GateError, MappingError
from minns.site import open_site

app = typer.Typer(no_args_is_help=True, help="Look at a source before it is moved.")


@app.command(
    "add",
    epilog="Example: minns source add kompass --url sqlite:///kompass.db;"
    " minns source add kompass --files exports/kompass;"
    " minns source add kompass --url 'postgresql://minns:${KOMPASS_PASSWORD}@db/kompass'",
)
@told
def add(
    name: Annotated[str, typer.Argument(help="A new source's name: a-z, 0-9 and _.")],
    url: Annotated[str | None, typer.Option(help="SQLAlchemy URL, or odbc:STRING.")] = None,
    files: Annotated[str | None, typer.Option(help="Folder of delimited files.")] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Profile a source that nobody has mapped, and write a first mapping of it."""
    if (url is None) == (files is None):
        raise ConfigError("--url or --files", found="both or neither", do="Give one of them.")
    site = open_site(project)
    with console.Watching() as watch:
        added = scaffolding.add_source(site, name, url=url, folder=files, watch=watch)
    profiling.keep(site, added.profile, site.project.language, added.files[0].parent / "profile")
    points = scaffolding.open_points(added.files[0].parent, None)
    if as_json:
        console.print_json({"files": [str(path) for path in added.files], "open": points})
        return
    for path in added.files:
        console.say(f"  {path}")
    console.say(f"Next: minns source check {name}, which says what is missing.")


@app.command(
    "check", epilog="Example: minns source check melior; minns source check kompass --missing"
)
@told
def check(
    name: str,
    missing: Annotated[
        bool, typer.Option("--missing", help="Only what the mapping wants, worst first.")
    ] = False,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Land and shape one source: is it reachable, complete, and does its mapping keep every row?

    And what its mapping still wants, in the order of what blocks most.
    """
    site = open_site(project)
    folder = site.mapping_folder(name)
    lines, broken = None, None
    try:
        with console.Watching() as watch:
            lines = pipeline.check_source(site, name, watch)
    except MappingError as error:
        broken = error
        if not missing:
            raise
    points = scaffolding.open_points(folder, lines, str(broken) if broken else "")
    if as_json:
        console.print_json(points if missing else lines)
    else:
        _show_check(None if missing else lines, points)
    if broken is not None:
        raise typer.Exit(broken.exit_code)


def _show_check(lines: list[dict[str, Any]] | None, points: list[dict[str, Any]]) -> None:
    if lines is not None:
        columns = ["table", "rows", "statements", "quarantined", "excluded"]
        console.show_table(columns, [[line[c] for c in columns] for line in lines])
        console.say("Every row is accounted for.")
    if points:
        console.say("\nwhat the mapping wants, what blocks most first", "bold")
        shown = ["weight", "where", "rows", "what"]
        short = [{**point, "what": textwrap.shorten(point["what"], 90)} for point in points]
        console.show_table(shown, [[point[c] or "" for c in shown] for point in short])
    elif lines is None:
        console.say("Nothing is missing.")


@app.command(
    "profile",
    epilog="Example: minns source profile melior; minns source profile melior --sample 100000;"
    " minns source profile --compare work/profiles/melior/0001 work/profiles/melior/0002",
)
@told
def profile(
    name: Annotated[str | None, typer.Argument(help="The source.")] = None,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(help="Two profiles, OLD and NEW: what drifted; exit 9 if that blocks."),
    ] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="Rows of each table; all.")] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same sample.")] = 1,
    landed: Annotated[bool, typer.Option(help="Of the latest landing, not of the source.")] = False,
    values: Annotated[bool, typer.Option(help="Show frequent values, personal ones too.")] = False,
    language: Annotated[str | None, typer.Option(help="sv or en; default the project's.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder; default in the work folder.")] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """What a source's tables hold, told without a person's values; or what drifted since."""
    if (name is None) == (compare is None):
        raise ConfigError(
            "a source, or --compare OLD NEW", found="both or neither", do="Give one of them."
        )
    if compare is not None:
        _compare(*compare, as_json)
        return
    assert name is not None
    site = open_site(project)
    asked = Asked(sample, seed, values)
    with console.Watching() as watch:
        found = profiling.profile_source(site, name, asked, landed=landed, watch=watch)
    folder = profiling.keep(site, found, language or site.project.language, out)
    if as_json:
        console.print_json(found)
        return
    columns = ["table", "rows", "columns", "key", "patient", "look at"]
    console.show_table(columns, [_line(table, t) for table, t in found["tables"].items()])
    console.say(f"{folder / 'profile.html'}, with profile.xlsx and profile.json beside it")


def _line(name: str, table: dict[str, Any]) -> list[Any]:
    """A table in one line, with what an engineer should look at."""
    key: list[str] = table["key"] or next(iter(table["candidate_keys"]), [])
    damaged = sum(bool(c["damage"]) for c in table["columns"])
    numbers = sum(bool(c["identity_numbers"]) for c in table["columns"])
    empty = sum(c["nulls"] == c["rows"] for c in table["columns"]) if table["rows"] else 0
    told_ = [
        "key not unique" if table["key_holds"] is False else "",
        f"{numbers} with identity numbers" if numbers else "",
        f"{damaged} with damaged text" if damaged else "",
        f"{empty} always empty" if empty else "",
    ]
    notes = ", ".join(filter(None, told_))
    named = "+".join(key)
    return [name, table["rows"], len(table["columns"]), named, table["patient"] or "", notes]


def _compare(old: Path, new: Path, json_wanted: bool) -> None:
    """Show the drift; what blocks is a gate that failed."""
    found = profiling.drift(old, new)
    if json_wanted:
        console.print_json(as_json(found))
    elif not found:
        console.say("Nothing has drifted.")
    else:
        columns = ["weight", "table", "column", "what", "old", "new"]
        console.show_table(columns, [[getattr(d, c) for c in columns] for d in found])
    if any(d.weight == "blocks" for d in found):
        raise typer.Exit(GateError.exit_code)
