"""Desired against current, by id and hash of content: what to add, to change and to close."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from load.relational import Target
from minns.engine import Engine, quote
from minns.model import TARGET


@dataclass(frozen=True)
class TableDifference:
    """How many rows of one table are added, changed (a new version) and closed."""

    table: str
    added: int
    changed: int
    closed: int

    @property
    def total(self) -> int:
        return self.added + self.changed + self.closed


@dataclass(frozen=True)
class Difference:
    """What would be loaded; `folder` holds `<table>.parquet` with row_id and change."""

    folder: Path
    tables: tuple[TableDifference, ...]

    @property
    def total(self) -> int:
        return sum(table.total for table in self.tables)


def _read_current(engine: Engine, target: Target | None, table: str) -> None:
    """Make `current_row`: what of a table is true now in the target."""
    engine.run("create or replace table current_row (row_id varchar, content_hash varchar)")
    if target is None:
        return
    sql = (
        f"select row_id, content_hash from {target.name(table)} "  # noqa: S608
        "where valid_to_load is null"
    )
    with target.stream(sql) as reader, engine.arrow("held_row", reader):
        engine.run(
            "insert into current_row "
            "select cast(row_id as varchar), cast(content_hash as varchar) from held_row"
        )


def _changes_sql(table: str) -> str:
    return f"""
        select coalesce(d.row_id, c.row_id) as row_id,
            case when c.row_id is null then 'added'
                 when d.row_id is null then 'closed'
                 else 'changed' end as change
        from {quote(table)} as d
        full join current_row as c on c.row_id = d.row_id
        where c.content_hash is distinct from d.content_hash
        order by 1"""  # noqa: S608


def compare(
    engine: Engine, desired: Mapping[str, list[Path]], target: Target | None, folder: Path
) -> Difference:
    """Compare the desired record with what `target` holds (nothing, when None).

    `desired`: the Parquet parts of each table of `minns.model.TARGET`. The changes are written to
    `folder`; the target is only read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for table in TARGET:
        engine.view(table, desired[table])
        _read_current(engine, target, table)
        path = folder / f"{table}.parquet"
        engine.copy(_changes_sql(table), path)
        engine.view("change", path)
        counts: dict[str, int] = dict(
            engine.rows("select change, count(*) from change group by change")
        )
        found.append(
            TableDifference(
                table,
                counts.get("added", 0),
                counts.get("changed", 0),
                counts.get("closed", 0),
            )
        )
    return Difference(folder, tuple(found))
