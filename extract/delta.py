"""What differs between two landings of a source, row by row, by key and content hash.

Inserted, deleted, changed (with the columns that differ), and re-keyed: a row that went and one
that came with all the same but the key. Of a key that may be personal only its hash is told.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from minns.engine import Engine, literal, quote, row_hash_sql
from minns.store import Dataset

KINDS = ("inserted", "deleted", "changed", "re-keyed")
#: Parts of the names of key columns that may be an identity number.
_PERSONAL = re.compile(r"p(ers)?(on)?_?n(umme)?r|ssn|namn|name", re.I)


@dataclass(frozen=True)
class Difference:
    """One row: its table, what became of it, its pointer, and the columns that differ."""

    table: str
    kind: str
    row: str
    columns: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Delta:
    """Two landings: rows by table and kind, and the first of the rows themselves."""

    counts: Mapping[str, Mapping[str, int]]
    rows: tuple[Difference, ...]

    @property
    def empty(self) -> bool:
        return not any(sum(kinds.values()) for kinds in self.counts.values())

    def as_json(self) -> dict[str, Any]:
        counts = {table: dict(kinds) for table, kinds in self.counts.items()}
        return {"counts": counts, "rows": [row.as_json() for row in self.rows]}


def delta(engine: Engine, old: Dataset, new: Dataset, most: int = 100) -> Delta:
    """How `new` differs from `old`; of each table at most so many rows are named."""
    counts, rows = {}, []
    for table in sorted({*old.tables, *new.tables}):
        made = _compared(engine, old, new, table)
        counts[table] = {kind: made.get(kind, 0) for kind in KINDS}
        rows += _named(engine, new if table in new.tables else old, table, most)
    return Delta(counts, tuple(rows))


def _columns(landing: Dataset, table: str) -> list[str]:
    if table not in landing.tables:
        return []
    return [c["name"] for c in landing.manifest["tables"][table]["columns"]]


def _side(engine: Engine, name: str, landing: Dataset, table: str, shared: Sequence[str]) -> None:
    """A view of a landed table: pointer, content hash, and the hash of all but the key."""
    paths = landing.parts(table) if table in landing.tables else []
    if not paths:
        engine.run(
            f"create or replace temp view {name} as select cast(null as varchar) as _row_key,"
            " cast(null as varchar) as _row_hash, cast(null as varchar) as _rest where false"
        )
        return
    key = landing.manifest["tables"][table]["key"]
    rest = [column for column in shared if column not in key]
    listed = ", ".join(literal(str(path)) for path in paths)
    hashed = row_hash_sql(rest) if rest and key else "_row_hash"
    kept = "".join(f", {quote(c)}" for c in shared)
    engine.run(
        f"create or replace temp view {name} as select _row_key, _row_hash, {hashed} as _rest{kept}"  # noqa: S608
        f" from read_parquet([{listed}])"
    )


def _compared(engine: Engine, old: Dataset, new: Dataset, table: str) -> dict[str, int]:
    """`_difference`: pointer, kind and columns of each row that differs; gives counts by kind."""
    there = _columns(new, table)
    shared = [column for column in _columns(old, table) if column in there]
    _side(engine, "_old", old, table, shared)
    _side(engine, "_new", new, table, shared)
    both = bool(old.tables and table in old.tables and table in new.tables)
    differing = ", ".join(
        f"case when o.{quote(c)} is distinct from n.{quote(c)} then {literal(c)} end"
        for c in shared
    )
    columns = "[]"
    if both and shared:
        listed = f"list_filter([{differing}], lambda c: c is not null)"
        columns = f"if(o._row_key is null or n._row_key is null, [], {listed})"
    engine.run(
        "create or replace temp table _difference as"  # noqa: S608
        " select coalesce(n._row_key, o._row_key) as row, case when o._row_key is null"
        " then 'inserted' when n._row_key is null then 'deleted' else 'changed' end as kind,"
        f" cast({columns} as varchar[]) as columns, coalesce(n._rest, o._rest) as rest"
        " from _old o full join _new n using (_row_key)"
        " where o._row_hash is distinct from n._row_hash"
    )
    # all the same but the key, once on either side: the row got another key
    engine.run(
        "create or replace temp table _rekeyed as select rest from _difference"
        " where kind in ('inserted', 'deleted') group by rest having count(*) = 2"
        " and count(*) filter (kind = 'inserted') = 1"
    )
    key = new.manifest["tables"].get(table, {}).get("key")
    if key:
        engine.run(
            "delete from _difference where kind = 'deleted' and rest in (select rest from _rekeyed)"
        )
        engine.run(
            "update _difference set kind = 're-keyed'"
            " where kind = 'inserted' and rest in (select rest from _rekeyed)"
        )
    return dict(engine.rows("select kind, count(*) from _difference group by 1"))


def _named(engine: Engine, landing: Dataset, table: str, most: int) -> list[Difference]:
    key = landing.manifest["tables"][table]["key"]
    rows = engine.rows(
        "select row, kind, columns from _difference order by kind, row limit ?", [most]
    )
    return [
        Difference(table, kind, pointer(engine, row, key), tuple(columns))
        for row, kind, columns in rows
    ]


def pointer(engine: Engine, row: str, key: Sequence[str]) -> str:
    """A row's key, or its md5 where the key may be a person's number or name."""
    digits = sum(character.isdigit() for character in row)
    if digits >= 10 or any(_PERSONAL.search(column) for column in key):
        return "md5:" + str(engine.value("select md5(?)", [row]))[:16]
    return row
