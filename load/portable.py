"""An open shared record in any database that SQLAlchemy speaks to: slower than in bulk, the same.

Rows go in by many at a time and come out streamed. Statements are SQLAlchemy's own, or plain SQL
whose names are quoted as the database quotes them.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from load.databases import database_engine, reserved_name, said
from load.faults import locked, told
from load.relational import Target
from load.schema import (
    SEALED,
    foreign_key,
    foreign_keys,
    index_of,
    indexes,
    reservation,
    target_metadata,
)
from load.stamps import reserved_file
from minns.engine import quote
from minns.model import DUCKDB, TARGET

#: Rows of one statement that writes, of one batch that is read, and ids that one statement names.
_WRITTEN, _READ, _NAMED = 2_000, 20_000, 900

_ARROW = {
    "text": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "decimal": pa.decimal128(18, 6),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
}
#: The type of each column that a record has, by name.
_TYPES: dict[str, pa.DataType] = {
    **{c.name: _ARROW[c.type] for table in TARGET.values() for c in table.columns},
    **dict.fromkeys(("valid_from_load", "valid_to_load", *SEALED), pa.int64()),
}
#: Plain SQL: texts, which stay, and names in quotes.
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"([^"]+)\"""")

#: What databases say otherwise than SQLite and PostgreSQL do.
_SPOKEN = {
    "mysql": {r"\bas text\)": "as char)"},
    "mssql": {
        r"\bas text\)": "as varchar(40))",
        r"\bsubstr\(": "substring(",
        r"\bselect 1 from (\S+) limit 1\b": r"select top 1 1 as one from \1",
    },
    "oracle": {r"\bas text\)": "as varchar2(40))", r"\blimit 1\b": "fetch first 1 rows only"},
}


class PortableTarget(Target):
    """As `Target`, through SQLAlchemy. What it takes from there is plain SQL."""

    def __init__(self, url: sa.URL, schema: str | None, *, reserve: bool) -> None:
        super().__init__(url, schema, reserve=reserve)
        # Nothing is known of its rows but what they hold: no marks, no file that was stamped.
        self.dialect = "portable"
        self._metadata = target_metadata(schema)

    def __enter__(self) -> "PortableTarget":
        with self._translated(), ExitStack() as opened:
            engine = database_engine(self.url)
            opened.callback(engine.dispose)
            self._connection = opened.enter_context(engine.connect())
            if self.reserve and not self._reserved(opened):
                raise locked(self.place)
            self._connection.commit()
            self._closing = opened.pop_all()
        return self

    def _reserved(self, closing: ExitStack) -> bool:
        backend = self.url.get_backend_name()
        if backend == "sqlite":
            return reserved_file(Path(f"{self.url.database}.lock"), closing)
        if backend == "mysql":
            return reserved_name(self._connection, self.url)
        return self._reserved_row(closing)

    def _reserved_row(self, closing: ExitStack) -> bool:
        """A row that a second session holds as long as we load; ours commits again and again."""
        row = reservation(self.schema)
        engine = self._connection.engine
        with engine.begin() as connection:
            row.create(connection, checkfirst=True)
            if connection.scalar(sa.select(row.c.number)) is None:
                connection.execute(sa.insert(row).values(number=1))
        holder = closing.enter_context(engine.connect())
        wanted = sa.select(row.c.number).with_for_update(nowait=True)
        try:
            holder.execute(wanted.with_hint(row, "with (updlock, nowait)", "mssql"))
        except sa.exc.DBAPIError:
            return False
        return True

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            raise told(self.place, said(error)) from None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; a lock that another run holds is an error in one sentence."""
        try:
            with self._translated():
                yield
                self._connection.commit()
        except BaseException:
            # A server has undone it already when it went away.
            with suppress(sa.exc.SQLAlchemyError):
                self._connection.rollback()
            raise

    def _spoken(self, sql: str) -> str:
        """Plain SQL as this database has it: names are quoted its way, and only where need be."""
        dialect = self._connection.dialect
        quoted = dialect.identifier_preparer.quote
        for ours, theirs in _SPOKEN.get(dialect.name, {}).items():
            sql = re.sub(ours, theirs, sql)
        return _QUOTED.sub(lambda found: quoted(found[1]) if found[1] else found[0], sql)

    def _execute(self, sql: str) -> list[tuple[Any, ...]]:
        options = {"no_parameters": True}
        result = self._connection.exec_driver_sql(self._spoken(sql), execution_options=options)
        return [tuple(row) for row in result] if result.returns_rows else []

    @contextmanager
    def stream(self, sql: str) -> Iterator[pa.RecordBatchReader]:
        """A query's rows as Arrow, streamed, in the types of the model."""
        options = {"no_parameters": True, "stream_results": True, "yield_per": _READ}
        failed: list[sa.exc.DBAPIError] = []
        with self.transaction():
            result = self._connection.exec_driver_sql(self._spoken(sql), execution_options=options)
            with closing(result):
                try:
                    yield _reader(result, failed)
                except Exception:
                    # Who read it tells of an error of its own.
                    if failed:
                        raise failed[0] from None
                    raise

    def _table(self, name: str) -> sa.Table:
        return self._metadata.tables[f"{self.schema}.{name}" if self.schema else name]

    def ingest(self, table: str, rows: pa.RecordBatchReader | pa.Table) -> None:
        """Append rows to a table, by column name."""
        self.quiet.discard(table)
        insert = sa.insert(self._table(table))
        for batch in rows.to_batches() if isinstance(rows, pa.Table) else rows:
            for start in range(0, batch.num_rows, _WRITTEN):
                self._connection.execute(insert, batch.slice(start, _WRITTEN).to_pylist())

    def close_versions(self, table: str, row_ids: pa.Table, load_id: int) -> None:
        """End the current versions of `row_ids` at `load_id`; see `Target`. Nothing is marked."""
        held = self._table(table)
        ids = row_ids["row_id"].to_pylist()
        for start in range(0, len(ids), _NAMED):
            these = sa.and_(
                held.c.row_id.in_(ids[start : start + _NAMED]), held.c.valid_to_load.is_(None)
            )
            if load_id == self._gone_on_with:
                begun = held.c.valid_from_load == load_id
                self._connection.execute(sa.delete(held).where(these, begun))
            self._connection.execute(sa.update(held).where(these).values(valid_to_load=load_id))

    def rehash(self, table: str, versions: pa.Table) -> None:
        """Give versions (row_id, valid_from_load) another content_hash."""
        held = self._table(table)
        update = (
            sa.update(held)
            .where(held.c.row_id == sa.bindparam("id"), held.c.valid_from_load == sa.bindparam("v"))
            .values(content_hash=sa.bindparam("hash"))
        )
        said = versions.select(["row_id", "valid_from_load", "content_hash"])
        if said.num_rows:
            self._connection.execute(update, said.rename_columns(["id", "v", "hash"]).to_pylist())

    def text_sql(self, column: str) -> str:
        """SQL for a column as text with a mark before it; see `Target`."""
        named: sa.ColumnClause[str] = sa.column(column)
        mark = sa.literal_column("'='", sa.Text) + sa.cast(named, sa.Text)
        empty = sa.literal_column("'-'", sa.Text)
        marked = sa.case((named.is_(None), empty), else_=mark).compile(
            dialect=self._connection.dialect
        )
        return f"{marked} as {quote(column)}"

    def sql_value(self, column: str, kind: str) -> str:
        """DuckDB SQL that renders a column as SQLAlchemy takes it for this database."""
        if kind == "decimal" and self.url.get_backend_name() == "sqlite":
            return f"cast({quote(column)} as {DUCKDB['text']})"
        return quote(column)

    def is_sealed(self) -> bool:
        """Whether a load ever sealed this record; those of earlier versions did not."""
        with self.transaction():
            if not sa.inspect(self._connection).has_table("seal", schema=self.schema):
                return False
            some = sa.select(self._table("seal").c.versions).limit(1)
            return self._connection.execute(some).first() is not None

    def make_keys(self) -> None:
        """Make the indexes and foreign keys that a first load left out."""
        metadata = target_metadata(self.schema, indexed=False)
        # SQLite can add no foreign keys to a table that is there.
        keyed = self.url.get_backend_name() != "sqlite"
        with self.transaction():
            known = sa.inspect(self._connection)
            present = _named(known.get_multi_indexes(schema=self.schema))
            if keyed:
                present |= _named(known.get_multi_foreign_keys(schema=self.schema))
        for name, table in TARGET.items():
            held = metadata.tables[f"{self.schema}.{name}" if self.schema else name]
            made = [index_of(held, columns) for columns in indexes(table)]
            keys = foreign_keys(table) if keyed else {}
            wanted = [
                *(sa.schema.CreateIndex(index) for index in made if index.name not in present),
                *(
                    sa.schema.AddConstraint(foreign_key(held, key, column))
                    for key, column in keys.items()
                    if key not in present
                ),
            ]
            with self.transaction(), self._unproved():
                for each in wanted:
                    self._connection.execute(each)

    @contextmanager
    def _unproved(self) -> Iterator[None]:
        """MariaDB would copy a whole table to prove a key over rows that we have just loaded."""
        if self.url.get_backend_name() != "mysql":
            yield
            return
        self._execute("set foreign_key_checks = 0")
        yield
        self._execute("set foreign_key_checks = 1")


def _named(found: Mapping[Any, list[Any]]) -> set[str]:
    return {each["name"] for listed in found.values() for each in listed}


def _reader(result: sa.CursorResult[Any], failed: list[sa.exc.DBAPIError]) -> pa.RecordBatchReader:
    """A result as Arrow. Of a column without a type of the model, the first rows tell it."""
    names, parts = list(result.keys()), result.partitions()
    first = next(parts, [])
    columns = [list(column) for column in zip(*first, strict=True)] or [[] for _ in names]
    schema = pa.schema(
        [(name, _type(name, held)) for name, held in zip(names, columns, strict=True)]
    )

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            for rows in chain([first] if first else [], parts):
                held = zip(zip(*rows, strict=True), schema, strict=True)
                yield pa.record_batch([_array(v, field.type) for v, field in held], schema=schema)
        except sa.exc.DBAPIError as error:
            failed.append(error)
            raise

    return pa.RecordBatchReader.from_batches(schema, batches())


def _type(name: str, values: list[Any]) -> pa.DataType:
    """Texts stay texts, whatever their column holds otherwise: the query made them so, or the
    database (SQLite) knows no better.
    """
    value = next((value for value in values if value is not None), None)
    if isinstance(value, str):
        return pa.string()
    return _TYPES.get(name, pa.int64() if isinstance(value, int) else pa.string())


def _array(values: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    if pa.types.is_boolean(kind):
        return pa.array([None if value is None else bool(value) for value in values], kind)
    if not pa.types.is_string(kind) and any(isinstance(value, str) for value in values):
        return pa.array(values, pa.string()).cast(kind)
    return pa.array(values, kind)
