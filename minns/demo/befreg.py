"""Befreg, the region's copy of the population register: which numbers are one person's."""

from pathlib import Path

import duckdb

from minns.demo.delimited import write_delimited

TABLES = ("hanvisning", "koppling", "avregistrering")


def write(folder: Path, region: duckdb.DuckDBPyConnection) -> None:
    """Write the copy's files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        write_delimited(folder / f"{table}.csv", region, f"befreg.{table}", "utf-8")
