"""The rows of the record behind a plan's counts: which would be added, changed or closed, and in
which columns.

In: the difference between the record and what it would become, with both. Out: a line for each row:
ids and names of columns, never a value. The target is only read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import load
from minns.engine import Engine, literal, quote
from minns.errors import ConfigError
from minns.inquiry import exported, records
from minns.model import TARGET

#: What a line tells, in order; `columns`: those in which a changed row says something else.
COLUMNS = ("change", "row", "person_id", "source", "columns")


def _read_old(engine: Engine, target: load.Target | None, table: str) -> None:
    """Make `old_row`: what the record holds of the rows that would change or be closed."""
    names = TARGET[table].names
    nothing = ", ".join(f"null::varchar as {quote(name)}" for name in ("row_id", *names))
    engine.run(f"create or replace table old_row as select {nothing} where false")
    if target is None:
        return
    listed = ", ".join(quote(name) for name in ("row_id", *names))
    typed = ", ".join(f"cast({quote(n)} as varchar) as {quote(n)}" for n in ("row_id", *names))
    sql = f"select {listed} from {target.name(table)} where valid_to_load is null"  # noqa: S608
    with target.stream(sql) as reader, engine.arrow("held_row", reader):
        engine.run(
            f"insert into old_row select * from (select {typed} from held_row) "  # noqa: S608
            "semi join (select row_id from change where change <> 'added') using (row_id)"
        )


def _new_sql(target: load.Target | None, table: str) -> str:
    """The rows that would stand, as the target stores them, as text."""
    values = (
        f"cast({target.sql_value(c.name, c.type) if target else quote(c.name)} as varchar)"
        f" as {quote(c.name)}"
        for c in TARGET[table].columns
    )
    return f"select row_id, {', '.join(values)} from {quote(table)}"  # noqa: S608


def _behind_sql(target: load.Target | None, table: str) -> str:
    model = TARGET[table]
    key = ", ".join(f"coalesce(n.{quote(k)}, o.{quote(k)})" for k in model.key)
    person, source = (
        f"coalesce(n.{name}, o.{name})" if name in model.names else "null"
        for name in ("person_id", "source")
    )
    differing = ", ".join(
        f"case when n.{quote(c)} is distinct from o.{quote(c)} then {literal(c)} end"
        for c in model.names
    )
    return f"""
        select change, concat_ws(' ', {key}) as "row", {person} as person_id, {source} as source,
            case when change = 'changed' then concat_ws(' ', {differing}) end as columns
        from change as c
        left join ({_new_sql(target, table)}) as n using (row_id)
        left join old_row as o using (row_id)"""  # noqa: S608


@dataclass(frozen=True)
class Asked:
    """Which table's rows are asked for, how many are shown, and the CSV file that gets them all."""

    table: str
    most: int = 50
    file: Path | None = None


@dataclass(frozen=True)
class Behind:
    """The rows behind the counts of one table: how many, and the first of them (COLUMNS)."""

    table: str
    rows: int
    shown: tuple[dict[str, Any], ...]
    file: str | None

    def as_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)


def refuse_unknown(table: str) -> None:
    """Raise `ConfigError` when the record has no such table."""
    if table not in TARGET:
        raise ConfigError(
            "a table of the record", found=table, do=f"Name one of {', '.join(TARGET)}."
        )


def behind(
    engine: Engine,
    desired: Mapping[str, Sequence[Path]],
    difference: load.Difference,
    target: load.Target | None,
    asked: Asked,
) -> Behind:
    """The rows of a table that a load would touch, by change and key; all of them go to the file.

    `target` is None where no record is made yet.
    """
    table = asked.table
    engine.view(table, desired[table])
    engine.view("change", difference.folder / f"{table}.parquet")
    _read_old(engine, target, table)
    engine.run(f"create or replace table behind as {_behind_sql(target, table)}")
    ordered = f"select {', '.join(map(quote, COLUMNS))} from behind order by all"  # noqa: S608
    if asked.file is not None:
        with exported(asked.file) as path:
            engine.run(f"copy ({ordered}) to {literal(str(path))} (format csv, header, quote '\"')")
    shown = records(engine, f"{ordered} limit {int(asked.most)}")
    rows = int(engine.value("select count(*) from behind"))
    return Behind(table, rows, tuple(shown), str(asked.file) if asked.file else None)
