"""Apply a difference in batches: each ends old versions and adds new ones in one transaction.

A run that is killed leaves whole batches. The next one compares again, finds only what is missing,
and goes on under the same load number, so that the end is the same as of an unbroken run.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from load import seals
from load.diff import SEVERAL, Difference, TableDifference
from load.relational import Target
from load.schema import columns_of
from load.waves import Action
from minns.engine import Engine, literal, quote
from minns.model import FIRST, TARGET
from minns.step import Progress, silent

#: Rows of one transaction: large enough for bulk speed, small enough to be undone quickly.
BATCH = 200_000


@dataclass(frozen=True)
class Loaded:
    """What was loaded; `load_id` is None when there was nothing to load."""

    load_id: int | None
    tables: tuple[TableDifference, ...]
    #: Tables whose seals were reckoned from the changes; all others were read to be sealed.
    reckoned: frozenset[str] = frozenset()

    @property
    def total(self) -> int:
        return sum(table.total for table in self.tables)


def _rendered(target: Target, table: str, load_id: int) -> str:
    """The new versions of one batch as this database stores them."""
    model = TARGET[table]
    kinds = {column.name: column.type for column in model.columns}
    values = [
        f"{target.sql_value(name, kinds[name])} as {quote(name)}" if name in kinds else quote(name)
        for name in columns_of(model)[:-2]
    ]
    return f"""
        select {", ".join(values)}, cast({int(load_id)} as bigint) as valid_from_load,
            cast(null as bigint) as valid_to_load
        from {quote(table)} semi join batch_row using (row_id)
        order by row_id"""  # noqa: S608


def _reader(cursor: duckdb.DuckDBPyConnection, sql: str) -> pa.RecordBatchReader:
    return cursor.sql(sql).to_arrow_reader(50_000)


def _batches(engine: Engine, size: int) -> list[tuple[str, str]]:
    """The first and last row_id of each batch, in order."""
    return engine.rows(
        f"select min(row_id), max(row_id) from ("  # noqa: S608
        f"select row_id, (row_number() over (order by row_id) - 1) // {int(size)} as batch "
        "from change) group by batch order by batch"
    )


def _apply_batch(engine: Engine, target: Target, table: str, load_id: int) -> None:
    """One transaction: the batch's rows are in `batch_change`. What the database marks them with
    joins `load_mark`.
    """
    engine.run(
        "create or replace table batch_row as "
        "select row_id from batch_change where change <> 'closed'"
    )
    ended = engine.connection.sql(
        "select row_id from batch_change where change <> 'added' order by row_id"
    ).to_arrow_table()
    cursor = engine.connection.cursor()
    # The rows are made ready here while the database ends the versions before them.
    with closing(cursor), ThreadPoolExecutor(1) as aside, target.transaction():
        ready = aside.submit(_reader, cursor, _rendered(target, table, load_id))
        marks, mark = None, target.mark()
        if ended.num_rows:
            marks = target.close_versions(table, ended, load_id)
        target.ingest(table, ready.result())
    _add_marks(engine, table, mark, marks)


def _add_marks(engine: Engine, table: str, mark: int, ended: pa.Table | None) -> None:
    engine.run(
        f"insert into load_mark select {literal(table)}, {seals.BUCKET}, count(*) * {int(mark)} "  # noqa: S608
        "from batch_row group by 2"
    )
    if ended is not None:
        with engine.arrow("ended_bucket", ended):
            engine.run(
                f"insert into load_mark select {literal(table)}, bucket, "  # noqa: S608
                f"versions * {int(mark)} - marks from ended_bucket"
            )


def _plain(engine: Engine, target: Target, difference: Difference) -> set[str]:
    """Tables to be loaded whose seals can be reckoned: nobody touched them, and no row has several
    versions that are true now.
    """
    found = set()
    for table in difference.tables:
        engine.view("change", difference.folder / f"{table.table}.parquet")
        several = f"select count(*) from change where held = {literal(SEVERAL)}"  # noqa: S608
        if table.total and seals.is_quiet(target, table.table) and not engine.value(several):
            found.add(table.table)
    return found


def _seals(
    engine: Engine, target: Target, difference: Difference, plain: set[str], load_id: int
) -> pa.Table:
    """New seals of all that the load changed, and of what others may have touched."""
    touched = {table.table for table in difference.tables if table.total}
    for table in plain:
        engine.view(f"done_{table}", difference.folder / f"{table}.parquet")
    reckoned = seals.advance(engine, target, sorted(plain), load_id)
    read = seals.seal(engine, target, sorted((touched | target.unquiet) - plain))
    return pa.concat_tables([reckoned, read])


def _passes(difference: Difference) -> list[tuple[str, str]]:
    """Tables in the order in which they are applied, each with which of its changes.

    A block comes before all that it may cover, and is ended after it: while a load is under way,
    nothing stands open that was closed before it or is closed after it.
    """
    tables = [table.table for table in difference.tables if table.total]
    first = [(FIRST, "change <> 'closed'")] if FIRST in tables else []
    last = [(FIRST, "change = 'closed'")] if FIRST in tables else []
    return [*first, *((table, "true") for table in tables if table != FIRST), *last]


def _apply_tables(
    engine: Engine,
    desired: Mapping[str, list[Path]],
    difference: Difference,
    target: Target,
    load_id: int,
    progress: Progress,
    batch: int,
) -> None:
    marks, done = "table_name varchar, bucket varchar, marks hugeint", 0
    engine.run(f"create or replace table load_mark ({marks})")
    for table, part in _passes(difference):
        engine.view(table, desired[table])
        engine.view("every_change", difference.folder / f"{table}.parquet")
        engine.run(f"create or replace view change as from every_change where {part}")
        for first, last in _batches(engine, batch):
            engine.run(
                "create or replace table batch_change as "
                "select * from change where row_id between ? and ?",
                [first, last],
            )
            _apply_batch(engine, target, table, load_id)
            done += int(engine.value("select count(*) from batch_change"))
            progress(done, difference.total)


def apply(
    engine: Engine,
    desired: Mapping[str, list[Path]],
    difference: Difference,
    target: Target,
    *,
    run_id: str,
    wave: str,
    action: Action = "load",
    progress: Progress = silent,
    batch: int = BATCH,
) -> Loaded:
    """Load a difference; an empty one loads nothing and leaves no trace.

    But a withdrawal is always written down: the wave is no longer in the record, even when none of
    its rows had come in.
    """
    if difference.total == 0 and action == "load" and target.left_open(run_id) is None:
        return Loaded(None, difference.tables)
    load_id = target.open_load(run_id, wave, action)
    plain = _plain(engine, target, difference)
    _apply_tables(engine, desired, difference, target, load_id, progress, batch)
    target.make_keys()
    target.finish_load(load_id, _seals(engine, target, difference, plain, load_id))
    return Loaded(load_id, difference.tables, frozenset(plain))
