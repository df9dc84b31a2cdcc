"""The live sources, read again as text by code that shares nothing with what landed them.

Every value comes as text with a mark before it ('=' and the value, '-' for NULL), so that NULL is
told from empty. Rows are streamed: no table is held in memory.
"""

import csv
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import sqlalchemy as sa

from minns.config import Source, SourceTable, expand
from validation.recount import absolute_url

_BATCH = 20_000
Row = Sequence[str]


def readable(source: Source) -> bool:
    """Whether the contents of a source can be read here; others are only counted."""
    return source.kind in ("sql", "csv", "fixed") and not (source.url or "").startswith("odbc:")


class Broken(Exception):
    """A source could not be read to its end; says nothing of what it holds."""


#: What drivers and files raise.
_TROUBLE = (sa.exc.SQLAlchemyError, sqlite3.Error, OSError, ValueError, IndexError, csv.Error)


def stream(source: Source, name: str, columns: Sequence[str], root: Path) -> pa.RecordBatchReader:
    """A live table's rows as marked text, in the given columns."""
    table = source.tables[name]
    read = _sql if source.kind == "sql" else _delimited if source.kind == "csv" else _fixed
    schema = pa.schema([(column, pa.string()) for column in columns])
    return pa.RecordBatchReader.from_batches(
        schema,
        (
            pa.record_batch([pa.array(c, pa.string()) for c in zip(*rows, strict=True)], schema)
            for rows in _batches(read(source, name, table, columns, root))
        ),
    )


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Rows in batches; a driver's trouble comes without its words, which quote values."""
    try:
        while batch := list(islice(rows, _BATCH)):
            yield batch
    except _TROUBLE:
        raise Broken from None


def _marked(value: Any) -> str:
    """A driver's value with its mark."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return "=" + value
    return "=" + _plain(value)


def _plain(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return _shortest(value)
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.isoformat(sep=" ")
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case _:
            return str(value)


def _shortest(value: float) -> str:
    """A float as SQLite writes it: fifteen digits where they say all of it, else seventeen."""
    told = f"{value:.15g}"
    if float(told) != value:
        told = f"{value:.17g}"
    digits, mark, power = told.partition("e")
    whole = digits.lstrip("-").isdigit()
    return digits + (".0" if whole else "") + mark + power


def _sql(
    source: Source, name: str, table: SourceTable, columns: Sequence[str], root: Path
) -> Iterator[Row]:
    url = absolute_url(source.url or "", root)
    backend = url.get_backend_name()
    if backend == "sqlite" and not Path(str(url.database)).is_file():
        raise FileNotFoundError  # SQLite would make an empty database of it
    database = sa.create_engine(url, poolclass=sa.NullPool)
    chosen: list[sa.ColumnElement[Any]] = [sa.column(column) for column in columns]
    if backend == "postgresql":
        chosen = [sa.cast(column, sa.Text) for column in chosen]
    statement = sa.select(*chosen).select_from(sa.table(name, schema=table.schema_name))
    try:
        with database.connect().execution_options(yield_per=_BATCH) as connection:
            for row in connection.execute(statement):
                yield tuple(map(_blob if backend == "sqlite" else _marked, row))
    finally:
        database.dispose()


def _blob(value: Any) -> str:
    """SQLite's bytes as its own literal; all else as everywhere."""
    return f"=X'{value.hex().upper()}'" if isinstance(value, bytes) else _marked(value)


def _files(source: Source, name: str, table: SourceTable, root: Path) -> Iterable[Path]:
    folder = root / expand(source.folder or "")
    found = sorted(folder.glob(table.file or name))
    if not found:
        raise FileNotFoundError
    return found


def _delimited(
    source: Source, name: str, table: SourceTable, columns: Sequence[str], root: Path
) -> Iterator[Row]:
    csv.field_size_limit(sys.maxsize)
    encoding = "utf-8-sig" if table.encoding.lower().replace("-", "") == "utf8" else table.encoding
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if table.quote else csv.QUOTE_NONE
    for path in _files(source, name, table, root):
        with path.open(encoding=encoding, newline="") as lines:
            records = csv.reader(
                lines, delimiter=table.delimiter, quotechar=table.quote or None, quoting=quoting
            )
            header = next(records, []) if table.header else list(table.columns)
            places = [header.index(column) for column in columns] if header else []
            for record in records:
                if record:
                    yield tuple("=" + record[place] for place in places)


def _fixed(
    source: Source, name: str, table: SourceTable, columns: Sequence[str], root: Path
) -> Iterator[Row]:
    layout = {field.name: field for field in table.fields}
    for path in _files(source, name, table, root):
        with path.open(encoding=table.encoding) as lines:
            for line in lines:
                if line.strip():
                    yield tuple(
                        "=" + line[layout[c].start - 1 : layout[c].start - 1 + layout[c].width]
                        for c in columns
                    )
