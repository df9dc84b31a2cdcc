"""Obstetrix, maternity: semicolon CSV in code page 850."""

from pathlib import Path

import duckdb

from minns.demo.delimited import write_delimited

TABLES = ("patient", "diagnos", "matning", "varning", "anteckning", "atgard", "vaccination")


def write(folder: Path, region: duckdb.DuckDBPyConnection) -> None:
    """Write the export's files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        write_delimited(folder / f"{table}.csv", region, f"obstetrix.{table}", "cp850")
