"""PostgreSQL by COPY: as text, which is exact, parsed into the catalogue's types."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.csv
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from extract.source import Extract, Field, chosen, unreachable, unreadable
from minns.config import Source, SourceTable, expand

#: Bytes parsed at a time; also the longest row.
BLOCK = 16 << 20
TYPES: dict[str, pa.DataType] = {
    **dict.fromkeys(("int2", "int4", "int8"), pa.int64()),
    "float4": pa.float32(),
    "float8": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}
COLUMNS = """
    select a.attname, format_type(a.atttypid, a.atttypmod), t.typname, a.atttypmod
    from pg_attribute a join pg_type t on t.oid = a.atttypid
    where a.attrelid = to_regclass(%s) and a.attnum > 0 and not a.attisdropped
    order by a.attnum
"""
SESSION = (
    "set timezone = 'UTC'",
    "set datestyle = 'ISO, YMD'",
    "set extra_float_digits = 3",
    "set bytea_output = 'hex'",
    "begin isolation level repeatable read read only",
)


def arrow_type(name: str, modifier: int) -> pa.DataType:
    """The Arrow type that holds every value of a type exactly; text where there is none."""
    if name == "numeric" and modifier >= 4:
        precision, scale = (modifier - 4) >> 16, (modifier - 4) & 0x7FF
        if precision <= 38 and scale <= precision:
            return pa.decimal128(precision, scale)
    return TYPES.get(name, pa.string())


def doubt(column: str, type_: pa.DataType) -> sql.Composable:
    """SQL that is true for values that the Arrow type has no room for."""
    name = sql.Identifier(column)
    if pa.types.is_decimal(type_):
        return sql.SQL("coalesce(bool_or({} = 'NaN'), false)").format(name)
    if pa.types.is_date(type_) or pa.types.is_timestamp(type_):
        return sql.SQL(
            "coalesce(bool_or(not isfinite({0}) or {0} < '0001-01-01' or {0} >= '10000-01-01'),"
            " false)"
        ).format(name)
    return sql.SQL("false")


class _Pieces:
    """A COPY as a file that pyarrow reads."""

    closed = False

    def __init__(self, copy: psycopg.Copy) -> None:
        self._copy = copy
        self._rest: bytes = b""

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True

    def read(self, size: int = -1) -> bytes:
        pieces: list[bytes | bytearray | memoryview] = [self._rest]
        length = len(self._rest)
        while length < size and (piece := self._copy.read()):
            pieces.append(piece)
            length += len(piece)
        data = b"".join(pieces)
        self._rest = data[size:]
        return data[:size]


class Postgres:
    """One connection in one repeatable-read transaction."""

    path = "psycopg copy"

    def __init__(self, source: str, connection: psycopg.Connection[Any]) -> None:
        self._source, self._connection = source, connection

    def read(self, name: str, table: SourceTable) -> Extract:
        """A table; a column with a value that its Arrow type cannot hold is staged as text."""
        parts = (table.schema_name, name) if table.schema_name else (name,)
        place = sql.Identifier(*parts)
        try:
            shown = place.as_string(self._connection)
            known = {row[0]: row[1:] for row in self._connection.execute(COLUMNS, (shown,))}
            names = chosen(self._source, name, table, tuple(known))
            types = {column: arrow_type(*known[column][1:]) for column in names}
            rows, doubtful = self._doubtful(place, types)
        except psycopg.Error as error:
            raise unreadable(self._source, name, _why(error)) from None
        fields = tuple(
            Field(c, known[c][0], pa.string() if c in doubtful else types[c]) for c in names
        )
        query = sql.SQL("select {} from {}").format(
            sql.SQL(", ").join(map(sql.Identifier, names)), place
        )
        facts = {"query": query.as_string(self._connection)}
        return Extract(fields, self._batches(query, fields, name, rows), rows, facts)

    def _doubtful(
        self, place: sql.Identifier, types: dict[str, pa.DataType]
    ) -> tuple[int, frozenset[str]]:
        checks = sql.SQL(", ").join(doubt(column, type_) for column, type_ in types.items())
        query = sql.SQL("select count(*), {} from {}").format(checks, place)
        found = self._connection.execute(query).fetchone()
        assert found is not None
        return found[0], frozenset(c for c, bad in zip(types, found[1:], strict=True) if bad)

    def _batches(
        self, query: sql.Composed, fields: Sequence[Field], name: str, rows: int
    ) -> Iterator[pa.RecordBatch]:
        if rows == 0:
            return
        copy = sql.SQL("copy ({}) to stdout (format csv)").format(query)
        try:
            with self._connection.cursor() as cursor, cursor.copy(copy) as pieces:
                yield from _parsed(_Pieces(pieces), fields)
        except psycopg.Error as error:
            raise unreadable(self._source, name, _why(error)) from None
        except pa.ArrowInvalid:
            why = f"text that is not UTF-8, or a row longer than {BLOCK >> 20} MiB"
            raise unreadable(self._source, name, why) from None


def _why(error: psycopg.Error) -> str:
    if isinstance(error, psycopg.errors.QueryCanceled):
        return "a statement that took longer than it may (statement_seconds)"
    return type(error).__name__


def _parsed(pieces: _Pieces, fields: Sequence[Field]) -> Iterator[pa.RecordBatch]:
    """NULL is a field without quotes and nothing in it; the empty text has quotes."""
    names = [field.name for field in fields]
    read = pa.csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=names)
    parse = pa.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
    convert = pa.csv.ConvertOptions(
        column_types={field.name: field.type for field in fields},
        null_values=[""],
        true_values=["t"],
        false_values=["f"],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    with pa.csv.open_csv(pieces, read, parse, convert) as reader:
        yield from reader


def connect(url: URL, statement_seconds: int | None = None) -> psycopg.Connection[Any]:
    """A connection with a session in which text means the same everywhere."""
    options: dict[str, Any] = {"connect_timeout": "10", **url.query}
    connection = psycopg.connect(
        host=url.host,
        port=url.port,
        user=url.username,
        password=url.password,
        dbname=url.database,
        client_encoding="utf8",
        autocommit=True,
        **options,
    )
    try:
        connection.execute(f"set statement_timeout = '{statement_seconds or 0}s'")
        for statement in SESSION:
            connection.execute(statement)
    except psycopg.Error:
        connection.close()
        raise
    return connection


@contextmanager
def open_postgres(source: Source, root: Path) -> Iterator[Postgres]:
    """Connect, and hold all tables still in one transaction."""
    url = make_url(expand(source.url or ""))
    place = f"{url.host or 'the local socket'}:{url.port or 5432}/{url.database or ''}"
    try:
        connection = connect(url, source.gently.statement_seconds)
    except psycopg.Error as error:
        raise unreachable(source.name, place, reason(str(error))) from None
    with connection:
        yield Postgres(source.name, connection)


def reason(message: str) -> str:
    """Why a database did not let us in, without the driver's own words."""
    lower = message.lower()
    if any(part in lower for part in ("password", "authentication", "login failed")):
        return "user or password refused"
    if "does not exist" in lower:
        return "no such database or user"
    return "no answer"
