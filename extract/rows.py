"""Rows of a driver as Arrow batches in the catalogue's types; the way for any database."""

import datetime
import decimal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy
from sqlalchemy import types
from sqlalchemy.engine import make_url

from extract.postgres import reason
from extract.source import BATCH, Extract, Field, chosen, missing_table, unreachable, unreadable
from minns.config import Source, SourceTable, expand
from minns.errors import SourceError

#: How each database holds all tables still for a while; others read as they do by default.
ISOLATION = {
    **dict.fromkeys(("mysql", "mariadb", "postgresql"), "REPEATABLE READ"),
    "oracle": "SERIALIZABLE",
}
Rows = Sequence[Sequence[Any]]


def arrow_type(declared: Any) -> pa.DataType:
    """The Arrow type for a type of SQLAlchemy; text where none is sure."""
    match declared:
        case types.Boolean():
            return pa.bool_()
        case types.Integer():
            return pa.int64()
        case types.Float():
            return pa.float64()
        case types.Numeric(precision=int(p), scale=int(s)) if p <= 38 and 0 <= s <= p:
            return pa.decimal128(p, s)
        case types.DateTime():
            return pa.timestamp("us", tz="UTC" if declared.timezone else None)
        case types.Date():
            return pa.date32()
        case types.LargeBinary():
            return pa.binary()
        case _:
            return pa.string()


def text(value: Any) -> str | None:
    """A value as text that says all of it."""
    match value:
        case None | str():
            return value
        case decimal.Decimal() if value.is_finite():
            return format(value, "f")
        case datetime.datetime():
            return value.isoformat(sep=" ")
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def batch(rows: Rows, fields: Sequence[Field], source: str, name: str) -> pa.RecordBatch:
    """Rows as a batch; a value that does not fit its column's type is refused, never bent."""
    arrays = []
    for field, column in zip(fields, zip(*rows, strict=True), strict=True):
        values = map(text, column) if field.type == pa.string() else column
        try:
            arrays.append(pa.array(values, field.type, size=len(rows)))
        except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, OverflowError):
            raise SourceError(
                f"values of the type {field.declared} in column '{field.name}' of table"
                f" '{name}' of {source}",
                found="one that does not fit it",
                do="Read the column through a view that casts it to text.",
            ) from None
    return pa.RecordBatch.from_arrays(arrays, names=[field.name for field in fields])


def batches(
    fetch: Callable[[int], Rows], fields: Sequence[Field], source: str, name: str
) -> Iterator[pa.RecordBatch]:
    """All rows that a cursor still has."""
    while rows := fetch(BATCH):
        yield batch(rows, fields, source, name)


class Database:
    """One connection of SQLAlchemy, in one transaction of the database's own isolation."""

    path = "sqlalchemy rows"

    def __init__(self, source: str, connection: sqlalchemy.Connection) -> None:
        self._source, self._connection = source, connection

    def read(self, name: str, table: SourceTable) -> Extract:
        """A table, by what the inspector tells of its columns."""
        try:
            known = sqlalchemy.inspect(self._connection).get_columns(name, table.schema_name)
        except sqlalchemy.exc.NoSuchTableError:
            raise missing_table(self._source, name) from None
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise unreadable(self._source, name, type(error).__name__) from None
        declared = {str(column["name"]): column["type"] for column in known}
        names = chosen(self._source, name, table, tuple(declared))
        fields = tuple(Field(c, _told(declared[c]), arrow_type(declared[c])) for c in names)
        place = sqlalchemy.table(name, schema=table.schema_name)
        query: Any = sqlalchemy.select(*(sqlalchemy.column(c) for c in names)).select_from(place)
        count = sqlalchemy.select(sqlalchemy.func.count()).select_from(place)
        try:
            rows = int(self._connection.execute(count).scalar_one())
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise unreadable(self._source, name, type(error).__name__) from None
        facts = {"query": " ".join(str(query.compile(self._connection)).split())}
        return Extract(fields, self._batches(query, fields, name), rows, facts)

    def _batches(
        self, query: sqlalchemy.Select[Any], fields: Sequence[Field], name: str
    ) -> Iterator[pa.RecordBatch]:
        try:
            options = {"stream_results": True, "yield_per": BATCH}
            with self._connection.execute(query, execution_options=options) as result:
                yield from batches(result.fetchmany, fields, self._source, name)
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise unreadable(self._source, name, type(error).__name__) from None


def _told(declared: Any) -> str:
    return str(declared) if not isinstance(declared, types.NullType) else "unknown"


@contextmanager
def open_rows(source: Source, root: Path) -> Iterator[Database]:
    """Connect by SQLAlchemy with whatever driver the URL names."""
    url = make_url(expand(source.url or ""))
    place = f"{url.host or url.drivername}/{url.database or ''}"
    try:
        engine = sqlalchemy.create_engine(url, hide_parameters=True)
    except (sqlalchemy.exc.SQLAlchemyError, ImportError):
        raise unreachable(source.name, place, "no driver for it on this machine") from None
    level = ISOLATION.get(engine.dialect.name)
    options = {"isolation_level": level} if level else {}
    try:
        with _connected(engine, source.name, place) as connection:
            limited(connection, source.gently.statement_seconds)
            yield Database(source.name, connection.execution_options(**options))
    finally:
        engine.dispose()


def limited(connection: sqlalchemy.Connection, seconds: int | None) -> None:
    """Let the database end a statement by itself, where it can: MariaDB and MySQL."""
    if seconds is None or connection.dialect.name not in ("mysql", "mariadb"):
        return
    told = getattr(connection.dialect, "is_mariadb", False)
    limit = f"max_statement_time = {seconds}" if told else f"max_execution_time = {seconds * 1000}"
    connection.exec_driver_sql(f"set session {limit}")
    connection.commit()


def _connected(engine: sqlalchemy.Engine, source: str, place: str) -> sqlalchemy.Connection:
    try:
        return engine.connect()
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise unreachable(source, place, reason(str(error))) from None
