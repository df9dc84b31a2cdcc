"""`minns source`: look at a source before it is moved."""

from pathlib import Path
from typing import Annotated, Any

import typer

from extract.profile import Asked, as_json
from minns import console, pipeline, profiling
from minns.commands import HERE, JsonOption, ProjectOption, told
from minns.errors import ConfigError, GateError
from minns.site import open_site

app = typer.Typer(no_args_is_help=True, help="Look at a source before it is moved.")


@app.command("check", epilog="Example: minns source check melior")
@told
def check(name: str, project: ProjectOption = HERE, as_json: JsonOption = False) -> None:
    """Land and shape one source: is it reachable, complete, and does its mapping keep every row?"""
    with console.Watching() as watch:
        lines = pipeline.check_source(open_site(project), name, watch)
    if as_json:
        console.print_json(lines)
        return
    columns = ["table", "rows", "statements", "quarantined", "excluded"]
    console.show_table(columns, [[line[c] for c in columns] for line in lines])
    console.say("Every row is accounted for.")


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
