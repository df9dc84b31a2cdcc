"""Obstetrix, maternity: semicolon CSV in code page 850."""

from pathlib import Path

import duckdb

TABLES = ("patient", "diagnos", "matning", "varning", "anteckning")


def _line(row: tuple[str | None, ...]) -> str:
    return ";".join(map(_cell, row)) + "\r\n"


def _cell(value: str | None) -> str:
    if value is None:
        return ""
    special = any(mark in value for mark in ';"\n\r')
    return '"' + value.replace('"', '""') + '"' if special else value


def write(folder: Path, region: duckdb.DuckDBPyConnection) -> None:
    """Write the export's files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        cursor = region.cursor()
        cursor.execute(f"select * from obstetrix.{table} order by 1")  # noqa: S608
        names = tuple(column[0] for column in cursor.description or ())
        with (folder / f"{table}.csv").open("wb") as out:
            out.write(_line(names).encode("cp850"))
            while rows := cursor.fetchmany(20_000):
                out.write("".join(map(_line, rows)).encode("cp850"))
