"""The SQL Server path: pyodbc through FreeTDS, against a server that speaks its protocol."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import extract
from minns.config import Source
from minns.errors import ConfigError, SourceError
from minns.store import Store

Serve = Callable[[Mapping[str, Sequence[Mapping[str, Any]]]], str]
ROWS = [
    {"id": 1, "pnr": 197101012345, "name": "Åsa Öberg", "value": 123456789.123456789, "note": None},
    {"id": 2, "pnr": 1, "name": "ä" * 3900, "value": 0.1, "note": "x"},
]


def land(url: str, folder: Path, table: str) -> list[dict[str, Any]]:
    tables = {table: {"key": ["id"]}}
    source = Source.model_validate({"name": "mssql", "kind": "sql", "url": url, "tables": tables})
    landed = extract.land(source, Store(folder / "work"), root=folder)
    rows: list[dict[str, Any]] = pq.read_table(landed.folder / table).to_pylist()
    return sorted(rows, key=lambda row: str(row["_row_key"]))


def test_every_value_arrives_as_it_was_stored(tds_server: Serve, tmp_path: Path) -> None:
    landed = land(tds_server({"pat": ROWS}), tmp_path, "pat")
    assert [{name: row[name] for name in ROWS[0]} for row in landed] == ROWS


def test_a_wrong_password_is_told_and_never_shown(tds_server: Serve, tmp_path: Path) -> None:
    url = tds_server({"pat": ROWS}).replace("Pwd=", "Pwd=hemlig")
    with pytest.raises(SourceError, match=r"FreeTDS 127\.0\.0\.1") as caught:
        land(url, tmp_path, "pat")
    assert "hemlig" not in str(caught.value)


def test_sqlite_is_never_read_through_odbc(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="sqlite:///FILE"):
        land("odbc:Driver={SQLite3};Database=old.db", tmp_path, "pat")


def test_a_driver_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no ODBC driver 'Nowhere'"):
        land("odbc:Driver={Nowhere};Server=s;Uid=u;Pwd=p", tmp_path, "pat")
