"""Desired against current, by id and hash of content: what to add, to change and to close.

What the target holds is read from it as little as can be: nothing of a table that nobody touched
since a load whose rows are still at hand (load.known), nothing of a bucket whose seal says what is
desired (load.seals), else all that is true now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from load import seals
from load.known import Known, recall
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
    """Make `current_row`: what of a table is true now in the target; and `open_bucket`: where that
    may differ from what is desired. Nothing is read of other buckets.
    """
    engine.run("create or replace table current_row (row_id varchar, content_hash varchar)")
    wanted = f"(select *, 0 as valid_from_load, null as valid_to_load from {quote(table)})"  # noqa: S608
    engine.run(f"create or replace table wanted_bucket as {seals.sums_sql(wanted)}")
    if target is None:
        engine.run("create or replace table open_bucket as select bucket from wanted_bucket")
        return
    seals.probe(engine, target, table)
    engine.run(_OPEN)
    where = seals.asked(engine, "select bucket from open_bucket")
    sql = (
        f"select row_id, content_hash from {target.name(table)} "  # noqa: S608
        f"where valid_to_load is null and {where}"
    )
    with target.stream(sql) as reader, engine.arrow("held_row", reader):
        engine.run(
            "insert into current_row select cast(row_id as varchar), cast(content_hash as varchar) "
            "from held_row where substr(cast(row_id as varchar), 1, 3) "
            "in (select bucket from open_bucket)"
        )


#: Buckets that are not known to hold what is desired.
_OPEN = """
    create or replace table open_bucket as
    select coalesce(w.bucket, s.bucket) as bucket
    from wanted_bucket as w full join sealed as s on s.bucket = w.bucket
    where not coalesce(s.quiet and s.current_rows = coalesce(w.current_rows, 0)
        and s.current_content = coalesce(w.current_content, 0), false)"""


def _changes_sql(wanted: str, held: str) -> str:
    """Rows that differ, with the hash of what was true and of what shall be."""
    return f"""
        select coalesce(d.row_id, c.row_id) as row_id,
            case when c.row_id is null then 'added'
                 when d.row_id is null then 'closed'
                 else 'changed' end as change,
            c.content_hash as held, d.content_hash as wanted
        from {wanted} as d
        full join {held} as c on c.row_id = d.row_id
        where c.content_hash is distinct from d.content_hash
        order by 1"""  # noqa: S608


#: What is read of the target. Several current versions of one row, which only others can have made,
#: are a change whatever they say.
SEVERAL = "several"
_HELD = f"""(
    select row_id, if(count(*) = 1, min(content_hash), '{SEVERAL}') as content_hash
    from current_row group by row_id)"""  # noqa: S608


def compare(
    engine: Engine,
    desired: Mapping[str, list[Path]],
    target: Target | None,
    folder: Path,
    known: Known | None = None,
) -> Difference:
    """Compare the desired record with what `target` holds (nothing, when None).

    `desired`: the Parquet parts of each table of `minns.model.TARGET`. `known`: the parts that the
    target's last load was of; no row is read of a table that nobody has touched since then. The
    changes (row_id, change, and the hashes `held` and `wanted`) are written to `folder`; the target
    is only read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = recall(target, known) if target is not None and known is not None else {}
    return Difference(
        folder,
        tuple(
            compare_table(engine, table, desired[table], target, folder, parts.get(table))
            for table in TARGET
        ),
    )


def compare_table(
    engine: Engine,
    table: str,
    desired: list[Path],
    target: Target | None,
    folder: Path,
    known: list[Path] | None = None,
) -> TableDifference:
    """As `compare`, of one table."""
    path = folder / f"{table}.parquet"
    engine.view(table, desired)
    if known is not None and target is not None and seals.is_quiet(target, table):
        engine.view("known_row", known)
        # Of the very same files no row is read.
        wanted = quote(table) if known != desired else f"(from {quote(table)} limit 0)"
        held = "known_row" if known != desired else "(from known_row limit 0)"
        engine.copy(_changes_sql(wanted, held), path)
    else:
        _read_current(engine, target, table)
        wanted = (
            f"(select row_id, content_hash from {quote(table)} "  # noqa: S608
            f"where {seals.BUCKET} in (select bucket from open_bucket))"
        )
        engine.copy(_changes_sql(wanted, _HELD), path)
    engine.view("change", path)
    counts: dict[str, int] = dict(
        engine.rows("select change, count(*) from change group by change")
    )
    return TableDifference(table, *(counts.get(w, 0) for w in ("added", "changed", "closed")))
