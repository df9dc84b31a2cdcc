"""What waits in quarantine: groups of one rule, and the rows of a group."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from minns.engine import Engine, literal
from minns.inquiry import PastRun, all_runs, newest_run, records
from minns.model import QUARANTINE
from minns.quarantine.owners import owner_of, owners
from minns.runner import Runner
from minns.site import Site
from minns.store import Dataset

_SHAPED = "shape-"
_KEY = ", ".join(QUARANTINE.key)


@dataclass(frozen=True)
class Asked:
    """Which rows are asked for; what is None leaves none out. `older`: days, at least."""

    source: str | None = None
    table: str | None = None
    rule: str | None = None
    owner: str | None = None
    older: int | None = None

    def where(self) -> str:
        """The condition on pointers and rules, in SQL."""
        named = {"source": self.source, "source_table": self.table, "rule": self.rule}
        given = (f"{name} = {literal(value)}" for name, value in named.items() if value is not None)
        return " and ".join(given) or "true"


def shaped(run: PastRun) -> dict[str, Dataset]:
    """A run's shapes by source."""
    found = sorted(name for name in run.tables if name.startswith(_SHAPED))
    return {name.removeprefix(_SHAPED): run.tables[name] for name in found}


def view(engine: Engine, name: str, shapes: Mapping[str, Dataset]) -> None:
    """Make the quarantine of several sources readable under `name`."""
    parts = [part for dataset in shapes.values() for part in dataset.parts(QUARANTINE.name)]
    if parts:
        engine.view(name, parts)
    else:
        engine.empty(QUARANTINE, name)


def groups(site: Site, asked: Asked, wave: str | None = None) -> list[dict[str, Any]]:
    """A line for each source, table, kind, rule and field: its rows, when the oldest of them was
    first seen by a run, the days since, and whose it is; most rows first.
    """
    with Runner(site.project, site.store).engine() as engine:
        waiting(site, engine, wave)
        lines = records(
            engine,
            "select source, source_table as \"table\", kind, rule, coalesce(field, '') as field, "  # noqa: S608
            f"count(*) as rows, min(since) as since from waiting where {asked.where()} "
            "group by all order by rows desc, source, source_table, kind, rule, field",
        )
    known, today = owners(site), site.ledger.moment()
    for line in lines:
        line["days"] = _days(line["since"], today)
        line["owner"] = owner_of(known, line["source"], line["table"], line["rule"])
    return [
        line
        for line in lines
        if asked.owner in (None, line["owner"]) and line["days"] >= (asked.older or 0)
    ]


def rows(
    site: Site, asked: Asked, *, page: int = 1, size: int = 50, wave: str | None = None
) -> list[dict[str, Any]]:
    """Rows that wait, a page of them: pointer, kind, rule, field and since when; no value."""
    first = (page - 1) * size
    with Runner(site.project, site.store).engine() as engine:
        waiting(site, engine, wave)
        return records(
            engine,
            'select source, source_table as "table", row_key as key, kind, rule, '  # noqa: S608
            f"coalesce(field, '') as field, since from waiting where {asked.where()} "
            f"order by {_KEY} limit {int(size)} offset {int(first)}",
        )


def waiting(site: Site, engine: Engine, wave: str | None) -> None:
    """Make `waiting`: the quarantine of the newest run, each row with the moment of the first run
    that had it there too. A run whose tables are no longer kept tells nothing.
    """
    run = newest_run(site, wave)
    view(engine, "newest", shaped(run))
    earlier = " union all ".join(
        f"select {_KEY}, {literal(moment)} as moment from read_parquet([{listed}]) "  # noqa: S608
        "where source in (select distinct source from newest)"
        for moment, listed in _seen(all_runs(site))
    )
    engine.run(
        f"create or replace temp table first_seen as select {_KEY}, min(moment) as since "  # noqa: S608
        f"from ({earlier}) group by all"
    )
    engine.run(
        "create or replace temp view waiting as select n.*, s.since "  # noqa: S608
        f"from newest as n join first_seen as s using ({_KEY})"
    )


def _seen(runs: Sequence[PastRun]) -> Iterator[tuple[str, str]]:
    """Each run's moment with the files of its quarantine, listed in SQL; the same files once."""
    known: set[Path] = set()
    for run in runs:
        parts = [p for dataset in shaped(run).values() for p in dataset.parts(QUARANTINE.name)]
        new = [part for part in parts if part not in known]
        known.update(new)
        if new:
            yield run.finished.moment, ", ".join(literal(str(part)) for part in new)


def _days(since: str, until: str) -> int:
    return (datetime.fromisoformat(until) - datetime.fromisoformat(since)).days
