"""Files with semicolons, as old exports write them: quoted only where they must be."""

from pathlib import Path

import duckdb


def _line(row: tuple[str | None, ...]) -> str:
    return ";".join(map(_cell, row)) + "\r\n"


def _cell(value: str | None) -> str:
    if value is None:
        return ""
    special = any(mark in value for mark in ';"\n\r')
    return '"' + value.replace('"', '""') + '"' if special else value


def write_delimited(
    path: Path, region: duckdb.DuckDBPyConnection, table: str, encoding: str
) -> None:
    """Write a table of texts, by its first column, with its names in the first line."""
    cursor = region.cursor()
    cursor.execute(f"select * from {table} order by 1")  # noqa: S608
    names = tuple(column[0] for column in cursor.description or ())
    with path.open("wb") as out:
        out.write(_line(names).encode(encoding))
        while rows := cursor.fetchmany(20_000):
            out.write("".join(map(_line, rows)).encode(encoding))
