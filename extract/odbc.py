"""ODBC by pyodbc's rows in the types of the driver's own catalogue, with the session set so that
drivers do not bend values (booleans as characters, times in the session's zone).
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyodbc

from extract.postgres import reason
from extract.rows import batches
from extract.source import Extract, Field, chosen, missing_table, unreachable, unreadable
from minns.config import Source, SourceTable, expand
from minns.errors import ConfigError

TYPES: dict[int, pa.DataType] = {
    **dict.fromkeys(
        (pyodbc.SQL_TINYINT, pyodbc.SQL_SMALLINT, pyodbc.SQL_INTEGER, pyodbc.SQL_BIGINT), pa.int64()
    ),
    **dict.fromkeys((pyodbc.SQL_FLOAT, pyodbc.SQL_DOUBLE), pa.float64()),
    pyodbc.SQL_REAL: pa.float32(),
    pyodbc.SQL_BIT: pa.bool_(),
    pyodbc.SQL_TYPE_DATE: pa.date32(),
    pyodbc.SQL_TYPE_TIMESTAMP: pa.timestamp("us"),
    **dict.fromkeys(
        (pyodbc.SQL_BINARY, pyodbc.SQL_VARBINARY, pyodbc.SQL_LONGVARBINARY), pa.binary()
    ),
}
#: What psqlODBC says of a numeric without precision, which may hold more: staged as text.
UNBOUNDED = (28, 6)
#: Added to the connection string for PostgreSQL: real booleans, rows fetched in pieces, UTC.
POSTGRES = "BoolsAsChar=0;UseDeclareFetch=1;Fetch=20000;ConnSettings=set timezone to 'UTC';"


def arrow_type(code: int, name: str, size: int | None, digits: int | None) -> pa.DataType:
    """The Arrow type for a column as the driver's catalogue describes it; text if none is sure."""
    if code in (pyodbc.SQL_NUMERIC, pyodbc.SQL_DECIMAL):
        precision, scale = size or 0, digits or 0
        sure = 0 < precision <= 38 and 0 <= scale <= precision and (size, digits) != UNBOUNDED
        return pa.decimal128(precision, scale) if sure else pa.string()
    if name.lower() == "timestamptz":
        return pa.timestamp("us", tz="UTC")
    return TYPES.get(code, pa.string())


class Odbc:
    """One ODBC connection without autocommit."""

    path = "pyodbc rows"

    def __init__(self, source: str, connection: pyodbc.Connection) -> None:
        self._source, self._connection = source, connection
        self._mark = str(connection.getinfo(pyodbc.SQL_IDENTIFIER_QUOTE_CHAR)).strip() or '"'

    def read(self, name: str, table: SourceTable) -> Extract:
        """A table, by what the driver's catalogue tells of its columns."""
        try:
            known = self._columns(name, table.schema_name)
            if not known:
                raise missing_table(self._source, name)
            names = chosen(self._source, name, table, tuple(known))
            fields = tuple(known[column] for column in names)
            place = ".".join(self._quoted(p) for p in (table.schema_name, name) if p)
            query = f"select {', '.join(map(self._quoted, names))} from {place}"  # noqa: S608
            count = self._connection.execute(f"select count(*) from {place}").fetchone()  # noqa: S608
        except pyodbc.Error as error:
            raise unreadable(self._source, name, _state(error)) from None
        return Extract(fields, self._batches(query, fields, name), count[0], {"query": query})

    def _quoted(self, name: str) -> str:
        return f"{self._mark}{name.replace(self._mark, self._mark * 2)}{self._mark}"

    def _columns(self, name: str, schema: str | None) -> dict[str, Field]:
        """The driver takes names as patterns, so other tables are dropped from its answer."""
        found = self._connection.cursor().columns(table=name, schema=schema).fetchall()
        rows = [row for row in found if row.table_name == name]
        return {row.column_name: _field(row) for row in rows}

    def _batches(self, query: str, fields: Sequence[Field], name: str) -> Iterator[pa.RecordBatch]:
        try:
            cursor = self._connection.execute(query)
            yield from batches(cursor.fetchmany, fields, self._source, name)
            cursor.close()
        except pyodbc.Error as error:
            raise unreadable(self._source, name, _state(error)) from None


def _field(row: Any) -> Field:
    size, digits = row.column_size, row.decimal_digits
    type_ = arrow_type(row.data_type, row.type_name, size, digits)
    exact = row.data_type in (pyodbc.SQL_NUMERIC, pyodbc.SQL_DECIMAL)
    told = f"({size},{digits})" if exact else ""
    return Field(row.column_name, f"{row.type_name}{told}", type_)


def _state(error: pyodbc.Error) -> str:
    return f"ODBC state {error.args[0]}"


@contextmanager
def open_odbc(source: Source, root: Path) -> Iterator[Odbc]:
    """Connect with an `odbc:<connection string>`."""
    given = expand(source.url or "").removeprefix("odbc:")
    driver, server = _part(given, "driver"), _part(given, "server|servername|dsn")
    if "sqlite" in driver.lower():
        raise ConfigError(
            f"a url sqlite:///FILE for {source.name}",
            found="the ODBC driver for SQLite, which bends numbers and dates silently",
            do="Read SQLite files without ODBC.",
        )
    postgres = "postgres" in driver.lower() or "psqlodbc" in driver.lower()
    try:
        text = f"{given.rstrip(';')};{POSTGRES if postgres else ''}"
        connection = pyodbc.connect(text, autocommit=False, timeout=10)
        _limit(connection, source.gently.statement_seconds, postgres)
        if postgres:
            connection.execute("set transaction isolation level repeatable read read only")
    except pyodbc.Error as error:
        found = (
            f"no ODBC driver '{driver}' on this machine"
            if error.args[0] in ("IM002", "01000")
            else reason(" ".join(map(str, error.args)))
        )
        raise unreachable(source.name, f"{driver} {server}".strip(), found) from None
    try:
        yield Odbc(source.name, connection)
    finally:
        connection.close()


def _limit(connection: pyodbc.Connection, seconds: int | None, postgres: bool) -> None:
    """Let the database end a statement by itself; psqlODBC takes the limit as SQL only, and for the
    transaction, which ends with the landing.
    """
    if seconds is None:
        return
    if postgres:
        connection.execute(f"set statement_timeout = '{int(seconds)}s'")
        connection.commit()
    else:
        connection.timeout = seconds


def _part(text: str, keys: str) -> str:
    found = re.search(rf"(?i)(?:^|;)\s*(?:{keys})\s*=\s*(\{{[^}}]*\}}|[^;]*)", text)
    return found.group(1).strip("{} ") if found else ""
