"""How many rows the live source holds: counted by code that shares nothing with what landed them.

A source that cannot be counted gives None, which no check passes.
"""

import csv
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal

import pyodbc
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from minns.config import Source, SourceTable, expand
from validation.messages import count_messages


def recount(source: Source, root: Path) -> dict[str, int | None]:
    """Rows of each of a source's tables as the source has them now; None where it cannot be
    told.
    """
    try:
        return dict(COUNTERS[source.kind](source, root))
    except (sa.exc.SQLAlchemyError, pyodbc.Error, OSError, UnicodeError, csv.Error):
        return dict.fromkeys(source.tables)


def absolute_url(url: str, root: Path) -> sa.URL:
    """An SQLAlchemy URL with its secrets filled in; a relative SQLite file starts at `root`."""
    parsed = make_url(expand(url))
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed.set(database=str(root / str(parsed.database)))
    return parsed


def _count_sql(source: Source, root: Path) -> Iterable[tuple[str, int]]:
    url = source.url or ""
    return _count_odbc(source) if url.startswith("odbc:") else _count_sqlalchemy(source, root)


def _count_sqlalchemy(source: Source, root: Path) -> Iterator[tuple[str, int]]:
    url = absolute_url(source.url or "", root)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        raise FileNotFoundError  # SQLite would make an empty database of it
    database = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with database.connect() as connection:
            for name, table in source.tables.items():
                live = sa.table(name, schema=table.schema_name)
                counted = sa.select(sa.func.count()).select_from(live)
                yield name, connection.execute(counted).scalar_one()
    finally:
        database.dispose()


def _count_odbc(source: Source) -> Iterator[tuple[str, int]]:
    text = expand(source.url or "").removeprefix("odbc:")
    connection = pyodbc.connect(text, readonly=True)
    try:
        mark = connection.getinfo(pyodbc.SQL_IDENTIFIER_QUOTE_CHAR).strip()
        for name, table in source.tables.items():
            parts = (part for part in (table.schema_name, name) if part)
            quoted = ".".join(mark + part.replace(mark or "\0", mark * 2) + mark for part in parts)
            row = connection.execute(f"select count(*) from {quoted}").fetchone()  # noqa: S608
            yield name, int(row[0])
    finally:
        connection.close()


def _count_files(source: Source, root: Path) -> Iterator[tuple[str, int]]:
    folder = root / expand(source.folder or "")
    for name, table in source.tables.items():
        found = sorted(folder.glob(table.file or name))
        if not found:
            raise FileNotFoundError
        yield name, sum(_records(source.kind, table, file) for file in found)


def _records(kind: str, table: SourceTable, path: Path) -> int:
    """Records of one file that are not blank, without its header."""
    if kind == "fixed":
        with path.open(encoding=table.encoding) as lines:
            return sum(map(bool, map(str.strip, lines)))
    csv.field_size_limit(sys.maxsize)  # notes are longer than the library's default
    with path.open(encoding=table.encoding, newline="") as lines:
        quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if table.quote else csv.QUOTE_NONE
        records = csv.reader(
            lines, delimiter=table.delimiter, quotechar=table.quote or None, quoting=quoting
        )
        return sum(map(bool, records)) - int(table.header)


#: How the rows of each kind of source are counted; paths start at the given folder.
COUNTERS: dict[str, Callable[[Source, Path], Iterable[tuple[str, int]]]] = {
    "sql": _count_sql,
    "csv": _count_files,
    "fixed": _count_files,
    "hl7v2": count_messages,
}
