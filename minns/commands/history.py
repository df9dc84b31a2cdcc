"""`minns history`: what a fact or a person was before, and which load changed it."""

from typing import Annotated, Any

import typer

from minns import console, history
from minns.commands import HERE, JsonOption, ProjectOption, told
from minns.commands.conflicts import LookerOption, RehearsalOption
from minns.site import open_site

app = typer.Typer(no_args_is_help=True, help="What the record held before, load by load.")


@app.command("fact", epilog="Example: minns history fact 1f2e3d4c5b6a79881726")
@told
def history_fact(
    fact_id: Annotated[str, typer.Argument(help="A fact's id.", metavar="FACT")],
    by: LookerOption = None,
    rehearsal: RehearsalOption = False,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Every version of a fact, what each load changed in it, and the rows that stood behind it."""
    found = history.fact(open_site(project), fact_id, rehearsal=rehearsal, by=by)
    if as_json:
        console.print_json(found)
    else:
        _show_fact(found)


@app.command(
    "person",
    epilog="Example: minns history person melior:17; minns show person melior:17 --as-of 1",
)
@told
def history_person(
    who: Annotated[
        str, typer.Argument(help="The person's id, or SOURCE:ID; never a personal number.")
    ],
    by: LookerOption = None,
    rehearsal: RehearsalOption = False,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """What each load did to a person; 'minns show person --as-of LOAD' shows how it stood then."""
    found = history.person(open_site(project), who, rehearsal=rehearsal, by=by)
    if as_json:
        console.print_json(found)
        return
    console.say(f"{found['person']} · {found['record']}\n", "bold")
    rows = [
        [line["load"], line["run"], line["action"], table, *did.values()]
        for line in found["loads"]
        for table, did in line["tables"].items()
    ]
    console.show_table(["load", "run", "", "table", "added", "changed", "closed"], rows)


def _show_fact(found: dict[str, Any]) -> None:
    console.say(f"{found['kind']} {found['fact']} · {found['record']}", "bold")
    for version in found["versions"]:
        ended = (
            f", until load {version['until']} ({version['ended_by']})" if version["until"] else ""
        )
        console.say(f"\nload {version['load']} ({version['run']}){ended}", "bold")
        rows = [
            [name, "" if was is None else str(was), "–" if now is None else str(now)]
            for name, (was, now) in version["changed"].items()
        ]
        console.show_table(["", "before", "value"], rows)
    console.say("")
    names = ("source", "source_table", "row_key", "role", "load", "until")
    console.show_table(names, [[line[name] for name in names] for line in found["sources"]])
