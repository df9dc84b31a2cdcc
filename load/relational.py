"""The shared record in SQLite or PostgreSQL: opened, read and written in bulk through ADBC.

Tables are made by SQLAlchemy; rows go through ADBC as Arrow. The two never have the file open at
one time: SQLite's locks belong to the process, and closing one library's handle would drop the
other's lock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import adbc_driver_manager
import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import pyarrow as pa
import sqlalchemy as sa

from load.schema import INDEXES, target_metadata
from minns.engine import quote
from minns.errors import TargetError
from minns.model import DUCKDB, TARGET, Table

#: How long a statement waits for another writer before it gives up (milliseconds).
LOCK_WAIT = 5000


@dataclass(frozen=True)
class LoadRow:
    """One line of the target's table `load`."""

    load_id: int
    run_id: str
    wave: str
    state: str


class Target:
    """An open shared record. `with open_target(url, schema) as target:`"""

    def __init__(self, url: sa.URL, schema: str | None) -> None:
        self.url, self.schema = url, schema
        self.dialect = url.get_backend_name()
        self.place = url.render_as_string(hide_password=True)
        self._connection: Any = None

    def __enter__(self) -> "Target":
        with self._translated():
            if self.dialect == "sqlite":
                self._connection = adbc_driver_sqlite.dbapi.connect(str(self.url.database))
                self._execute(f"pragma busy_timeout = {LOCK_WAIT}")
            else:
                plain = self.url.set(drivername="postgresql")
                uri = plain.render_as_string(hide_password=False)
                self._connection = adbc_driver_postgresql.dbapi.connect(uri)
                self._execute(f"set lock_timeout = {LOCK_WAIT}")
            self._connection.commit()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except adbc_driver_manager.Error as error:
            raise _told(self.place, str(error)) from None

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
            self._connection.rollback()
            raise

    @contextmanager
    def stream(self, sql: str) -> Iterator[pa.RecordBatchReader]:
        """A query's rows as Arrow, streamed."""
        with self._translated(), self._connection.cursor() as cursor:
            cursor.execute(sql)
            yield cursor.fetch_record_batch()

    def ingest(self, table: str, rows: pa.RecordBatchReader | pa.Table) -> None:
        """Append rows to a table, by column name."""
        options = {"db_schema_name": self.schema} if self.schema else {}
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest(table, rows, mode="append", **options)

    def close_versions(self, table: str, row_ids: pa.Table, load_id: int) -> None:
        """End the current versions of `row_ids` at `load_id`."""
        with self._connection.cursor() as cursor:
            cursor.execute("drop table if exists closed_row")
            cursor.adbc_ingest("closed_row", row_ids, mode="create", temporary=True)
            cursor.execute(
                f"update {self.name(table)} set valid_to_load = {int(load_id)} "  # noqa: S608
                "where valid_to_load is null and row_id in (select row_id from closed_row)"
            )
            cursor.execute("drop table closed_row")

    def loads(self) -> list[LoadRow]:
        """What was loaded here, in order."""
        with self._translated():
            return [
                LoadRow(int(i), run, wave, state)
                for i, run, wave, state in self._execute(
                    f"select load_id, run_id, wave, state from {self.name('load')} "  # noqa: S608
                    "order by load_id"
                )
            ]

    def open_load(self, run_id: str, wave: str) -> int:
        """The number of the load now begun; one left open by a killed run is gone on with."""
        loads = self.loads()
        if loads and loads[-1].state == "open":
            return loads[-1].load_id
        load_id = loads[-1].load_id + 1 if loads else 1
        row = {"load_id": [load_id], "run_id": [run_id], "wave": [wave], "state": ["open"]}
        with self.transaction():
            self.ingest("load", pa.table(row))
        return load_id

    def finish_load(self, load_id: int) -> None:
        """Mark a load as whole, and make the indexes that a first load left out."""
        with self.transaction():
            self._execute(
                f"update {self.name('load')} set state = 'done' where load_id = {int(load_id)}"  # noqa: S608
            )
            for table in TARGET.values():
                for columns in indexes(table):
                    name = quote(f"{table.name}_by_{'_'.join(columns)}")
                    listed = ", ".join(quote(c) for c in columns)
                    self._execute(
                        f"create index if not exists {name} on {self.name(table.name)} ({listed})"
                    )


def indexes(table: Table) -> tuple[tuple[str, ...], ...]:
    """The indexes of a table: those named in the schema, else by person and by fact."""
    if table.name in INDEXES:
        return INDEXES[table.name]
    return tuple((name,) for name in ("fact_id", "person_id") if name in table.names)


def _told(place: str, message: str) -> TargetError:
    """What went wrong, without the statement's values."""
    text = message.lower()
    if "locked" in text or "lock timeout" in text or "busy" in text:
        return TargetError(
            f"to write to {place}",
            found="it is locked by another program",
            do="Wait until the other run has ended, then run again.",
        )
    if "disk is full" in text or "no space left" in text or "disk full" in text:
        return TargetError(
            f"room for the record at {place}", found="the disk is full", do="Free space, run again."
        )
    if "password authentication failed" in text or "authentication" in text:
        return TargetError(
            f"to sign in at {place}",
            found="the password or user was refused",
            do="Check 'target' in minns.toml and the environment variable it names.",
        )
    first = message.strip().splitlines()[0].split(":")[0]
    return TargetError(
        f"a shared record that answers at {place}",
        found=f"an error of the database ({first})",
        do="Check 'target' in minns.toml, and that the database is up.",
    )


def _make_tables(url: sa.URL, schema: str | None) -> None:
    """Make what is not there; refuse a database whose tables are not ours."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    metadata = target_metadata(schema)
    try:
        with engine.begin() as connection:
            if url.get_backend_name() == "sqlite":
                connection.exec_driver_sql("pragma journal_mode = wal")
            if schema:
                connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
            _refuse_foreign(connection, metadata, schema, str(url.render_as_string()))
            metadata.create_all(connection)
            present = set(sa.inspect(connection).get_view_names(schema=schema))
            for name in set(TARGET) - {v.removeprefix("current_") for v in present}:
                view, table = (f"current_{name}", name)
                prefix = f"{quote(schema)}." if schema else ""
                connection.exec_driver_sql(
                    f"create view {prefix}{quote(view)} as select * from {prefix}{quote(table)} "  # noqa: S608
                    "where valid_to_load is null"
                )
    except sa.exc.DBAPIError as error:
        raise _told(url.render_as_string(hide_password=True), str(error.orig)) from None
    finally:
        engine.dispose()


def _refuse_foreign(
    connection: sa.Connection, metadata: sa.MetaData, schema: str | None, place: str
) -> None:
    inspector = sa.inspect(connection)
    present = set(inspector.get_table_names(schema=schema))
    for table in metadata.tables.values():
        if table.name not in present:
            continue
        found = {column["name"] for column in inspector.get_columns(table.name, schema=schema)}
        wanted = {column.name for column in table.columns}
        if found != wanted:
            raise TargetError(
                f"the table '{table.name}' at {place} as minns makes it",
                found="other columns: " + ", ".join(sorted(found ^ wanted)),
                do="Give minns a database or schema of its own in 'target'.",
            )


def exists(url: str, schema: str | None) -> bool:
    """Whether a record has been made at `url`; a server that does not answer is an error."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return Path(str(parsed.database)).is_file()
    engine = sa.create_engine(parsed.set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            return sa.inspect(connection).has_table("load", schema=schema)
    except sa.exc.DBAPIError as error:
        raise _told(parsed.render_as_string(hide_password=True), str(error.orig)) from None
    finally:
        engine.dispose()


def open_target(url: str, schema: str | None = None, *, make: bool = True) -> Target:
    """The target at a SQLAlchemy URL (SQLite or PostgreSQL), made when it is not there.

    Raises `TargetError` when it cannot be reached, is locked, or holds other people's tables.
    """
    parsed = sa.make_url(url)
    backend = parsed.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise TargetError(
            "a target in SQLite or PostgreSQL",
            found=backend,
            do="Set 'target' in minns.toml to sqlite:///FILE or postgresql+psycopg://….",
        )
    if backend == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    if backend == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if make:
        _make_tables(parsed, schema)
    return Target(parsed, schema)
