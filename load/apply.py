"""Apply a difference in batches: each ends old versions and adds new ones in one transaction.

A run that is killed leaves whole batches. The next one compares again, finds only what is missing,
and goes on under the same load number, so that the end is the same as of an unbroken run.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

import duckdb
import pyarrow as pa

from load import seals
from load.diff import SEVERAL, Difference, TableDifference
from load.relational import Target
from load.waves import Action
from minns.engine import Engine, literal, quote
from minns.model import FIRST, TARGET
from minns.step import Progress, silent

#: Rows of one transaction: large enough for bulk speed, small enough to be undone quickly.
BATCH = 200_000
#: Changes that two sessions apply at once, where the database takes two. Few are not worth a second
#: session; the many of a first load come in one stream at nearly the speed of a bare copy, and two
#: of those would want twice the memory.
BESIDE = range(10_000, 1_000_000)


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


@dataclass
class _Progress:
    """Rows done by all lanes together, and whether any lane broke off."""

    shown: Progress
    total: int
    done: int = 0
    broken: bool = False
    _lock: Lock = field(default_factory=Lock)

    def add(self, rows: int) -> None:
        with self._lock:
            self.done += rows
            self.shown(self.done, self.total)


@dataclass(frozen=True)
class _Lane:
    """A session of the engine and one of the target that apply tables, one after the other. What a
    lane makes in the engine it names after the table: the engine's tables are the lanes' together.
    """

    engine: Engine
    target: Target
    desired: Mapping[str, list[Path]]
    changes: Path
    load_id: int
    progress: _Progress

    def apply(self, table: str, part: str, size: int) -> None:
        """The changes of a table that `part` (SQL) tells, in batches of `size`."""
        self.engine.view(table, self.desired[table])
        self.engine.view(f"every_{table}", self.changes / f"{table}.parquet")
        change, batch = f"change_{table}", f"batch_{table}"
        self.engine.run(
            f"create or replace view {change} as from {quote(f'every_{table}')} where {part}"
        )
        for first, last in self._batches(change, size):
            if self.progress.broken:
                return
            self.engine.run(
                f"create or replace table {batch} as "  # noqa: S608
                f"select * from {change} where row_id between ? and ?",
                [first, last],
            )
            self._apply_batch(table)
            self.progress.add(int(self.engine.value(f"select count(*) from {batch}")))  # noqa: S608

    def _batches(self, change: str, size: int) -> list[tuple[str, str]]:
        """The first and last row_id of each batch, in order."""
        return self.engine.rows(
            f"select min(row_id), max(row_id) from ("  # noqa: S608
            f"select row_id, (row_number() over (order by row_id) - 1) // {int(size)} as batch "
            f"from {change}) group by batch order by batch"
        )

    def _apply_batch(self, table: str) -> None:
        """One transaction. What the database marks the batch with joins `load_mark`."""
        batch, begun = f"batch_{table}", f"begun_{table}"
        self.engine.run(
            f"create or replace table {begun} as "  # noqa: S608
            f"select row_id from {batch} where change <> 'closed'"
        )
        ended = self.engine.table(
            f"select row_id from {batch} where change <> 'added' order by row_id"  # noqa: S608
        )
        cursor = self.engine.connection.cursor()
        # The rows are made ready here while the database ends the versions before them.
        with closing(cursor), ThreadPoolExecutor(1) as aside, self.target.transaction():
            ready = aside.submit(_reader, cursor, self._rendered(table))
            marks, mark = None, self.target.mark()
            if ended.num_rows:
                marks = self.target.close_versions(table, ended, self.load_id)
            self.target.ingest(table, ready.result())
        self._add_marks(table, mark, marks)

    def _rendered(self, table: str) -> str:
        """The new versions of one batch as this database stores them."""
        model = TARGET[table]
        kinds = {column.name: column.type for column in model.columns}
        render = self.target.sql_value
        values = [
            f"{render(name, kinds[name])} as {quote(name)}" if name in kinds else quote(name)
            for name in ("row_id", "content_hash", *model.names)
        ]
        return f"""
            select {", ".join(values)}, cast({int(self.load_id)} as bigint) as valid_from_load,
                cast(null as bigint) as valid_to_load
            from {quote(table)} semi join begun_{table} using (row_id)
            order by row_id"""  # noqa: S608

    def _add_marks(self, table: str, mark: int, ended: pa.Table | None) -> None:
        self.engine.run(
            f"insert into load_mark select {literal(table)}, {seals.BUCKET}, "  # noqa: S608
            f"count(*) * {int(mark)} from begun_{table} group by 2"
        )
        if ended is not None:
            with self.engine.arrow(f"ended_{table}", ended):
                self.engine.run(
                    f"insert into load_mark select {literal(table)}, bucket, "  # noqa: S608
                    f"versions * {int(mark)} - marks from ended_{table}"
                )


def _reader(cursor: duckdb.DuckDBPyConnection, sql: str) -> pa.RecordBatchReader:
    return cursor.sql(sql).to_arrow_reader(50_000)


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
) -> tuple[pa.Table, pa.Table]:
    """New seals of whole tables that others may have touched, and of the parts of all others that
    the load changed.
    """
    touched = {table.table for table in difference.tables if table.total}
    for table in plain:
        engine.view(f"done_{table}", difference.folder / f"{table}.parquet")
    reckoned = seals.advance(engine, target, sorted(plain), load_id)
    read = seals.seal(engine, target, sorted((touched | target.unquiet) - plain))
    return read, reckoned


def _passes(difference: Difference) -> list[list[tuple[str, str]]]:
    """Tables in the order in which they are applied, each with which of its changes.

    A block comes before all that it may cover, and is ended after it: while a load is under way,
    nothing stands open that was closed before it or is closed after it.
    """
    tables = [table.table for table in difference.tables if table.total]
    first = [(FIRST, "change <> 'closed'")] if FIRST in tables else []
    last = [(FIRST, "change = 'closed'")] if FIRST in tables else []
    return [first, [(table, "true") for table in tables if table != FIRST], last]


def _apply_pass(lane: _Lane, tables: Iterator[tuple[str, str]], size: int) -> None:
    """Tables until the last is taken, by this lane or by another that takes of the same."""
    try:
        for table, part in tables:
            if not lane.progress.broken:
                lane.apply(table, part, size)
    except BaseException:
        lane.progress.broken = True
        raise


def _apply_tables(lane: _Lane, difference: Difference, size: int) -> None:
    marks = "table_name varchar, bucket varchar, marks hugeint"
    lane.engine.run(f"create or replace table load_mark ({marks})")
    rows = {table.table: table.total for table in difference.tables}
    for tables in _passes(difference):
        if len(tables) > 1 and difference.total in BESIDE and lane.target.takes_two:
            _apply_in_two(lane, iter(sorted(tables, key=lambda one: -rows[one[0]])), size)
        else:
            _apply_pass(lane, iter(tables), size)


def _apply_in_two(lane: _Lane, tables: Iterator[tuple[str, str]], size: int) -> None:
    """Two sessions at once, the largest tables first: most of what a change costs, the database
    spends on one core.
    """
    with (
        lane.target.beside() as target,
        lane.engine.beside() as engine,
        ThreadPoolExecutor(1) as aside,
    ):
        second = replace(lane, engine=engine, target=target)
        other = aside.submit(_apply_pass, second, tables, size)
        _apply_pass(lane, tables, size)
        other.result()


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
    shown = _Progress(progress, difference.total)
    lane = _Lane(engine, target, desired, difference.folder, load_id, shown)
    _apply_tables(lane, difference, batch)
    target.make_keys()
    target.finish_load(load_id, *_seals(engine, target, difference, plain, load_id))
    return Loaded(load_id, difference.tables, frozenset(plain))
