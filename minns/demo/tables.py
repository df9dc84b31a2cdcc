"""The two relational journals: their tables as found in the catalogue, and how they are written."""

import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    create_engine,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

_BATCH = 20_000
_TYPES: dict[str, Any] = {
    "int": Integer,
    "bigint": BigInteger,
    "smallint": SmallInteger,
    "bool": Boolean,
    "date": Date,
    "time": DateTime,
    "text": Text,
    "num": lambda: Numeric(12, 2),
}


def schema(layout: dict[str, str]) -> MetaData:
    """Tables from terse lines `name:type`, the first column the key; varchar(n) as a number."""
    metadata = MetaData()
    for table, line in layout.items():
        columns = []
        for place, item in enumerate(line.split()):
            name, kind = item.split(":")
            made = String(int(kind)) if kind.isdigit() else _TYPES[kind]()
            columns.append(Column(name, made, primary_key=place == 0, autoincrement=False))
        Table(table, metadata, *columns)
    return metadata


def _batches(
    region: duckdb.DuckDBPyConnection, source: str, table: Table
) -> Iterator[list[tuple[Any, ...]]]:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    first = next(iter(table.columns)).name
    cursor = region.cursor()
    cursor.execute(f'select {names} from {source}."{table.name}" order by "{first}"')  # noqa: S608
    while rows := cursor.fetchmany(_BATCH):
        yield rows


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def write_sqlite(
    path: Path, region: duckdb.DuckDBPyConnection, source: str, metadata: MetaData
) -> None:
    """Write a journal as a SQLite file, the same bytes for the same region."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    try:
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")
        for table in metadata.sorted_tables:
            connection.execute(str(CreateTable(table).compile(dialect=sqlite.dialect())))
            marks = ", ".join("?" * len(table.columns))
            insert = f'insert into "{table.name}" values ({marks})'  # noqa: S608
            for rows in _batches(region, source, table):
                connection.executemany(insert, [tuple(map(_plain, row)) for row in rows])
        connection.commit()
    finally:
        connection.close()


def write_database(
    url: str, region: duckdb.DuckDBPyConnection, source: str, metadata: MetaData
) -> None:
    """Write a journal into any database that SQLAlchemy reaches; its tables must not exist yet."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
            for table in metadata.sorted_tables:
                names = [column.name for column in table.columns]
                for rows in _batches(region, source, table):
                    connection.execute(
                        table.insert(), [dict(zip(names, r, strict=True)) for r in rows]
                    )
    finally:
        engine.dispose()
