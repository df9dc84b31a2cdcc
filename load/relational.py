"""An open shared record in SQLite or PostgreSQL: read and written in bulk, as Arrow through ADBC.

Every statement belongs to a transaction that ends soon: a reader that lingers would keep SQLite
from tidying its log, and PostgreSQL from tidying its tables.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from copy import copy
from pathlib import Path
from types import TracebackType
from typing import Any

import adbc_driver_manager
import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from load.faults import locked, told
from load.schema import foreign_keys, index_name, indexes
from load.stamps import reserved_file, stamp, untouched
from load.waves import Action, LoadRow
from minns.engine import literal, quote
from minns.model import DUCKDB, TARGET

#: How long a statement waits for another writer before it gives up (milliseconds).
LOCK_WAIT = 5000
#: Settings of a session: what comes first is waited for, what a commit says is on the disk.
_SESSION = {
    "sqlite": (
        f"pragma busy_timeout = {LOCK_WAIT}",
        "pragma synchronous = normal",
        "pragma cache_size = -131072",
        "pragma temp_store = file",
    ),
    "postgresql": (f"set lock_timeout = {LOCK_WAIT}", "set jit = off"),
}
#: Rows of one Arrow batch that is read.
_READ_ROWS = 100_000


class Target:
    """An open shared record. `with open_target(url, schema) as target:`

    With `reserve` it is ours alone to load into until it is closed: a difference that was computed
    here must not meet what another run has loaded since. Readers are not kept out.
    """

    def __init__(self, url: sa.URL, schema: str | None, *, reserve: bool) -> None:
        self.url, self.schema, self.reserve = url, schema, reserve
        self.dialect = url.get_backend_name()
        self.place = url.render_as_string(hide_password=True)
        #: What is known of foreign changes (load.seals): tables that are as they were sealed, and
        #: tables that others may have touched.
        self.quiet: set[str] = set()
        self.unquiet: set[str] = set()
        #: Whether the record was found, or made, as seals say (load.foreign).
        self.verified = False
        self._gone_on_with: int | None = None
        self._moved = 0
        self._connection: Any = None
        self._closing = ExitStack()

    def __enter__(self) -> "Target":
        with self._translated(), ExitStack() as closing:
            if self.dialect == "sqlite":
                self._connection = adbc_driver_sqlite.dbapi.connect(str(self.url.database))
            else:
                uri = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
                self._connection = adbc_driver_postgresql.dbapi.connect(uri)
            closing.callback(self._connection.close)
            # Outside of a transaction: within one, SQLite heeds no setting. (A connection that is
            # opened so would take every commit for done and do nothing.)
            self._connection.adbc_connection.set_autocommit(True)
            for setting in _SESSION[self.dialect]:
                self._execute(setting)
            if self.reserve and not self._reserved(closing):
                raise locked(self.place)
            self._connection.adbc_connection.set_autocommit(False)
            if self.dialect == "sqlite":
                self._moved = self._others_wrote()
                if untouched(Path(str(self.url.database))):
                    self.quiet = set(TARGET)
            self._closing = closing.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        keep = self.verified and error is None and self._moved == self._others_wrote()
        self._closing.close()
        if self.dialect == "sqlite" and self.reserve:
            stamp(Path(str(self.url.database)), keep=keep)

    @property
    def takes_two(self) -> bool:
        """Whether two sessions can write at once."""
        return self.dialect == "postgresql"

    @contextmanager
    def beside(self) -> Iterator["Target"]:
        """Another session on the same record, while this one holds it reserved."""
        other = copy(self)
        other._connection = None
        other.reserve = False
        with other:
            yield other

    def _others_wrote(self) -> int:
        """A number that SQLite changes when another program has written to the file."""
        if self.dialect != "sqlite":
            return 0
        with self.transaction():
            return int(self._execute("pragma data_version")[0][0])

    def _reserved(self, closing: ExitStack) -> bool:
        """Take the lock of those who load; it ends with the session, however that ends."""
        if self.dialect == "sqlite":
            return reserved_file(Path(f"{self.url.database}.lock"), closing)
        lock = f"hashtext('minns'), hashtext({literal(self.schema or '')})"
        return bool(self._execute(f"select pg_try_advisory_lock({lock})")[0][0])

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except adbc_driver_manager.Error as error:
            raise told(self.place, str(error)) from None

    def _execute(self, sql: str) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []

    def name(self, table: str) -> str:
        """The table's name in SQL, with its schema."""
        return f"{quote(self.schema)}.{quote(table)}" if self.schema else quote(table)

    def sql_value(self, column: str, kind: str) -> str:
        """DuckDB SQL that renders a column as this database stores it."""
        name = quote(column)
        if self.dialect != "sqlite" or kind in ("text", "integer"):
            return name
        if kind == "boolean":
            return f"cast({name} as bigint)"
        if kind == "timestamp":
            # SQLAlchemy's own rendering, so that every reader of the file understands it.
            return f"strftime({name}, '%Y-%m-%d %H:%M:%S.%f')"
        return f"cast({name} as {DUCKDB['text']})"

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; a lock that another run holds is an error in one sentence."""
        try:
            with self._translated():
                yield
                self._connection.commit()
        except BaseException:
            # SQLite has undone it already when the disk is full, a server when it went away.
            with suppress(adbc_driver_manager.Error):
                self._connection.rollback()
            raise

    @contextmanager
    def stream(self, sql: str) -> Iterator[pa.RecordBatchReader]:
        """A query's rows as Arrow, streamed."""
        with self.transaction(), self._connection.cursor() as cursor:
            if self.dialect == "sqlite":
                cursor.adbc_statement.set_options(
                    **{"adbc.sqlite.query.batch_rows": str(_READ_ROWS)}
                )
            cursor.execute(sql)
            yield cursor.fetch_record_batch()

    def ingest(self, table: str, rows: pa.RecordBatchReader | pa.Table) -> None:
        """Append rows to a table, by column name."""
        self.quiet.discard(table)
        options = {"db_schema_name": self.schema} if self.schema else {}
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest(table, rows, mode="append", **options)

    def mark(self) -> int:
        """What the database marks the rows with that this transaction writes; 0 where it does
        not.
        """
        if self.dialect != "postgresql":
            return 0
        return int(self._execute("select txid_current() % 4294967296")[0][0])

    def close_versions(self, table: str, row_ids: pa.Table, load_id: int) -> pa.Table | None:
        """End the current versions of `row_ids` at `load_id`. Gives, where the database marks its
        rows, how many versions of each bucket were ended and the sum of the marks they had.

        A version that this very load began, before it was killed, never stood in a whole record:
        it goes, so that what is true now can stand under the same number.
        """
        self._temporary("closed_row", row_ids)
        if load_id == self._gone_on_with:
            self._execute(
                f"delete from {self.name(table)} "  # noqa: S608
                f"where valid_from_load = {int(load_id)} and valid_to_load is null "
                "and row_id in (select row_id from closed_row)"
            )
        ended = f"update {self.name(table)} set valid_to_load = {int(load_id)}"  # noqa: S608
        marks = None
        if self.dialect == "postgresql":
            marks = self._end_marked(table, ended)
        else:
            self._execute(
                f"{ended} where valid_to_load is null "  # noqa: S608
                "and row_id in (select row_id from closed_row)"
            )
        self._execute("drop table closed_row")
        return marks

    def _end_marked(self, table: str, ended: str) -> pa.Table:
        """The marks are gone with the update, so they are found first: each by the key, for a load
        costs what it changes and not what the table holds. ("offset 0" keeps the planner from
        reading the whole table.)
        """
        self._execute(
            "create temporary table closed_version as "  # noqa: S608
            "select c.row_id, v.place, v.mark from closed_row as c cross join lateral ("
            f"select ctid as place, xmin::text::bigint as mark from {self.name(table)} as t "
            "where t.row_id = c.row_id and t.valid_to_load is null offset 0) as v"
        )
        self._execute(
            f"{ended} from closed_version as c where {quote(table)}.ctid = c.place "
            f"and {quote(table)}.row_id = c.row_id and valid_to_load is null"
        )
        marks = self._table(
            "select substr(row_id, 1, 3) as bucket, count(*) as versions, "
            "sum(mark)::bigint as marks from closed_version group by 1"
        )
        self._execute("drop table closed_version")
        return marks

    def _table(self, sql: str) -> pa.Table:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetch_arrow_table()

    def texts(self, sql: str) -> list[list[str]]:
        """A small result, all of it as text."""
        with self.transaction():
            return [[str(value) for value in row] for row in self._execute(sql)]

    def holds(self, sql: str) -> bool:
        """Whether a query gives any row."""
        with self.transaction():
            return bool(self._execute(sql))

    def _temporary(self, name: str, rows: pa.Table) -> None:
        """A table of this session; the database is told how large it is."""
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest(name, rows, mode="create", temporary=True)
        self._execute(f"analyze {name}")

    def rehash(self, table: str, versions: pa.Table) -> None:
        """Give versions (row_id, valid_from_load) another content_hash."""
        self._temporary("found_row", versions)
        name = self.name(table)
        same = (
            f"found_row.row_id = {name}.row_id "
            f"and found_row.valid_from_load = {name}.valid_from_load"
        )
        self._execute(
            f"update {name} set content_hash = "  # noqa: S608
            f"(select content_hash from found_row where {same}) "
            f"where row_id in (select row_id from found_row) "
            f"and exists (select 1 from found_row where {same})"
        )
        self._execute("drop table found_row")

    def text_sql(self, column: str) -> str:
        """SQL of this database for a column as text with a mark before it, so that NULL is told
        from empty and no driver guesses a type.
        """
        name = quote(column)
        return f"case when {name} is null then '-' else '=' || cast({name} as text) end as {name}"

    def is_sealed(self) -> bool:
        """Whether a load ever sealed this record; those of earlier versions did not."""
        with self.transaction():
            if self.dialect == "sqlite":
                known = "select 1 from sqlite_master where name = 'seal'"
            else:
                known = f"select 1 where to_regclass({literal(self.name('seal'))}) is not null"
            there = bool(self._execute(known))
            return there and bool(self._execute(f"select 1 from {self.name('seal')} limit 1"))  # noqa: S608

    def noted(self, load_id: int) -> int:
        """How many foreign changes are written down for a load."""
        sql = f"select coalesce(max(number), 0) from {self.name('foreign_change')}"  # noqa: S608
        return int(self._execute(f"{sql} where load_id = {int(load_id)}")[0][0])

    def loads(self) -> list[LoadRow]:
        """What was loaded here, in order."""
        with self.transaction():
            rows = self._execute(
                f"select load_id, run_id, wave, action, state from {self.name('load')} "  # noqa: S608
                "order by load_id"
            )
        return [LoadRow(int(row[0]), *row[1:]) for row in rows]

    def left_open(self, run_id: str) -> int | None:
        """The load that a killed attempt of this run began."""
        loads = self.loads()
        if loads and loads[-1].state == "open" and loads[-1].run_id == run_id:
            return loads[-1].load_id
        return None

    def open_load(self, run_id: str, wave: str, action: Action = "load") -> int:
        """The number of the load now begun; one that this run left open is gone on with.

        A load that another run left open stays what it is: broken off.
        """
        found = self.left_open(run_id)
        if found is not None:
            self._gone_on_with = found
            return found
        load_id = max((load.load_id for load in self.loads()), default=0) + 1
        row = {"load_id": load_id, "run_id": run_id, "wave": wave, "action": action}
        begun = pa.Table.from_pylist([{**row, "state": "open"}])
        with self.transaction():
            self._execute(
                f"update {self.name('load')} set state = 'broken' where state = 'open'"  # noqa: S608
            )
            self.ingest("load", begun)
        return load_id

    def make_keys(self) -> None:
        """Make the indexes and foreign keys that a first load left out."""
        for table in TARGET.values():
            for columns in indexes(table):
                name = quote(index_name(table.name, columns))
                listed = ", ".join(quote(c) for c in columns)
                with self.transaction():
                    self._execute(
                        f"create index if not exists {name} on {self.name(table.name)} ({listed})"
                    )
        if self.dialect == "postgresql":
            with self.transaction():
                self._make_foreign_keys()

    def _make_foreign_keys(self) -> None:
        schema = literal(self.schema) if self.schema else "current_schema()"
        known = self._execute(
            "select constraint_name from information_schema.table_constraints "  # noqa: S608
            f"where constraint_schema = {schema} and constraint_type = 'FOREIGN KEY'"
        )
        for table in TARGET.values():
            for name, column in foreign_keys(table).items():
                if (name,) not in known:
                    self._execute(
                        f"alter table {self.name(table.name)} add constraint {quote(name)} "
                        f"foreign key ({column}) references {self.name('load')} (load_id)"
                    )

    def finish_load(self, load_id: int, seals: pa.Table, parts: pa.Table) -> None:
        """Mark a load as whole, and seal what it left: whole tables, and of others some parts."""
        with self.transaction():
            self._put_seals(seals)
            self._put_parts(parts)
            self._execute(
                f"update {self.name('load')} set state = 'done' where load_id = {int(load_id)}"  # noqa: S608
            )

    def put_seals(self, seals: pa.Table) -> None:
        """Seal tables anew, without a load."""
        with self.transaction():
            self._put_seals(seals)

    def _put_parts(self, seals: pa.Table) -> None:
        """New seals in the place of those of the same buckets."""
        for table in sorted(set(seals["table_name"].to_pylist())):
            own = seals.filter(pc.equal(seals["table_name"], table))
            buckets = ", ".join(literal(bucket) for bucket in own["bucket"].to_pylist())
            self._execute(
                f"delete from {self.name('seal')} "  # noqa: S608
                f"where table_name = {literal(table)} and bucket in ({buckets})"
            )
        if seals.num_rows:
            self.ingest("seal", seals)

    def _put_seals(self, seals: pa.Table) -> None:
        """New seals in the place of all earlier ones of their tables."""
        tables = ", ".join(literal(name) for name in sorted(set(seals["table_name"].to_pylist())))
        if tables:
            self._execute(f"delete from {self.name('seal')} where table_name in ({tables})")  # noqa: S608
            self.ingest("seal", seals)
