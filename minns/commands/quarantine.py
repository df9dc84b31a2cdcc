"""`minns quarantine`: rows that broke a rule, listed, handed on and tried again."""

from pathlib import Path
from typing import Annotated

import typer

from minns import console
from minns.commands import HERE, JsonOption, ProjectOption, told
from minns.commands.conflicts import LookerOption
from minns.quarantine import handing, owners, replay, waiting
from minns.review.desk import somebody
from minns.site import open_site

app = typer.Typer(
    no_args_is_help=True, help="Rows that broke a rule: whose they are, and what frees them."
)
SourceOption = Annotated[str | None, typer.Option(help="Of this source.")]
TableOption = Annotated[str | None, typer.Option(help="Of this table.")]
RuleOption = Annotated[str | None, typer.Option(help="That broke this rule.")]
SourceArgument = Annotated[str, typer.Argument(help="The source.")]


@app.command("list", epilog="Example: minns quarantine list --older 14 --owner anna")
@told
def quarantine_list(
    source: SourceOption = None,
    table: TableOption = None,
    rule: RuleOption = None,
    owner: Annotated[str | None, typer.Option(help="Whose; '' for nobody's.")] = None,
    older: Annotated[int | None, typer.Option(min=0, help="Waiting this many days.")] = None,
    wave: Annotated[str | None, typer.Option(help="Of this wave's newest run.")] = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """What waits after the newest run: each table's rows by rule, since when, and whose."""
    site = open_site(project)
    found = waiting.groups(site, waiting.Asked(source, table, rule, owner, older), wave)
    if as_json:
        console.print_json(found)
        return
    columns = ["source", "table", "kind", "rule", "field", "rows", "days", "owner"]
    if not found:
        console.say("Nothing waits.")
        return
    console.show_table(columns, [[line[c] for c in columns] for line in found])
    console.say(
        "A row stands under each rule it broke. Mend the cause, then: minns quarantine replay"
    )


@app.command("show", epilog="Example: minns quarantine show melior diagnos --rule no_such_patient")
@told
def quarantine_show(
    source: SourceArgument,
    table: Annotated[str | None, typer.Argument(help="The table; default all.")] = None,
    rule: RuleOption = None,
    page: Annotated[int, typer.Option(min=1, help="Which page.")] = 1,
    size: Annotated[int, typer.Option(min=1, help="Rows on a page.")] = 50,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """The rows themselves, by key: their rule, the field at fault, since when. No value is shown;
    'minns trace' follows one of them.
    """
    site = open_site(project)
    found = waiting.rows(site, waiting.Asked(source, table, rule), page=page, size=size)
    if as_json:
        console.print_json(found)
        return
    columns = ["table", "key", "kind", "rule", "field", "since"]
    console.show_table(columns, [[line[c] for c in columns] for line in found])
    if len(found) == size:
        console.say(f"More: --page {page + 1}")


@app.command(
    "export",
    epilog="Example: minns quarantine export rows.csv --source melior --table diagnos --values",
)
@told
def quarantine_export(
    path: Annotated[Path, typer.Argument(help="The CSV file to write.")],
    source: SourceOption = None,
    table: TableOption = None,
    rule: RuleOption = None,
    values: Annotated[
        bool, typer.Option("--values", help="And what each row says: patients' data. Kept who.")
    ] = False,
    by: LookerOption = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Rows that wait, as a file for whoever mends the source."""
    site = open_site(project)
    asked = waiting.Asked(source, table, rule)
    rows = handing.export(site, path, asked, values=values, by=somebody(by))
    if as_json:
        console.print_json({"file": str(path), "rows": rows})
    else:
        console.say(f"{console.number(rows)} rows in {path}")


@app.command(
    "assign", epilog="Example: minns quarantine assign melior anna --rule unreadable_date --by leo"
)
@told
def quarantine_assign(
    source: SourceArgument,
    owner: Annotated[str, typer.Argument(help="Who sees to it; '' takes the name away.")],
    table: TableOption = None,
    rule: RuleOption = None,
    by: LookerOption = None,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Say whose rows they are: of a source, or of one table or rule of it. Written to the ledger.

    Who is named for a table or rule goes before who is named for the source.
    """
    site = open_site(project)
    said = owners.assign(site, source, owner.strip(), table=table, rule=rule, by=somebody(by))
    if as_json:
        console.print_json(said)
    else:
        console.say(f"{source}: {owner.strip() or 'nobody'}")


@app.command("replay", epilog="Example: minns quarantine replay melior; minns quarantine replay")
@told
def quarantine_replay(
    sources: Annotated[list[str] | None, typer.Argument(help="Sources; default all.")] = None,
    land: Annotated[
        bool, typer.Option("--land", help="Read the sources again: they were mended themselves.")
    ] = False,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Try rows again with the mapping as it is now: what is solved, what persists, what is new.

    The record is not touched: the next run brings what is solved.
    """
    with console.Watching() as watch:
        found = replay.replay(open_site(project), sources or (), land=land, watch=watch)
    if as_json:
        console.print_json(found)
        return
    columns = ["source", "table", "kind", "rule", "before", "solved", "persisting", "new"]
    console.show_table(columns, [[line[c] for c in columns] for line in found])
    if any(line["solved"] for line in found):
        console.say("Run 'minns plan WAVE' to see what the freed rows become.")
