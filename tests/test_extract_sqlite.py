"""SQLite: columns hold what they like, and all of it arrives."""

import sqlite3
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import extract
from minns.config import Source
from minns.errors import SourceError
from minns.store import Store


def land(folder: Path, *statements: str, **table: Any) -> list[dict[str, Any]]:
    """Run statements on the database and land its table `t`."""
    with sqlite3.connect(folder / "old.db") as db:
        for statement in statements:
            db.execute(statement)
    db.close()
    given = {"name": "old", "kind": "sql", "url": "sqlite:///old.db", "tables": {"t": table}}
    landed = extract.land(Source.model_validate(given), Store(folder / "work"), root=folder)
    rows: list[dict[str, Any]] = pq.read_table(landed.folder / "t").to_pylist()
    return sorted(rows, key=lambda row: str(row["_row_key"]))


@pytest.mark.parametrize(
    ("declared", "stored", "landed"),
    [
        pytest.param("integer", ["197101012345"], [197101012345], id="12 digits in INTEGER"),
        pytest.param("int", ["7", "'n/a'"], ["7", "n/a"], id="text in INTEGER"),
        pytest.param("int", ["7", "null"], [7, None], id="NULL is no doubt"),
        pytest.param("int", ["9223372036854775807"], [9223372036854775807], id="greatest integer"),
        pytest.param("numeric", ["12.5", "'n/a'"], ["12.5", "n/a"], id="text in NUMERIC"),
        pytest.param("date", ["'20200101'"], ["20200101"], id="digits in DATE"),
        pytest.param("date", ["'2020-01-01'", "''"], ["2020-01-01", ""], id="text in DATE"),
        pytest.param(
            "timestamp",
            ["'2020-01-01 10:00:00.123456'"],
            ["2020-01-01 10:00:00.123456"],
            id="sub-seconds",
        ),
        pytest.param("", ["0.1", "'x'", "3"], ["0.1", "x", "3"], id="mixed"),
        pytest.param("", ["123456789.123456789"], ["123456789.12345679"], id="float as text"),
        pytest.param(
            "real", ["123456789.123456789", "0.1"], [123456789.123456789, 0.1], id="float"
        ),
        pytest.param("real", ["0.1", "'<0.1'"], ["0.1", "<0.1"], id="text in REAL"),
        pytest.param("text", ["'007'", "''", "null"], ["007", "", None], id="text"),
        pytest.param("text", ["'åäö ÅÄÖ' || char(10) || '\"'"], ['åäö ÅÄÖ\n"'], id="Swedish"),
        pytest.param("text", ["'a'", "x'00ff'"], ["a", "X'00FF'"], id="bytes in TEXT"),
        pytest.param("blob", ["x'00ff'"], [b"\x00\xff"], id="bytes"),
        pytest.param("boolean", ["1", "0"], ["1", "0"], id="boolean"),
    ],
)
def test_every_value_arrives_as_it_was_stored(
    tmp_path: Path, declared: str, stored: list[str], landed: list[Any]
) -> None:
    values = (f"insert into t values ({n}, {value})" for n, value in enumerate(stored))
    rows = land(tmp_path, f"create table t (id integer, x {declared})", *values, key=["id"])
    found = [row["x"] for row in rows]
    assert [float(x) if declared == "" and x != "x" else x for x in found] == [
        float(x) if declared == "" and x != "x" else x for x in landed
    ]


def test_a_float_as_text_is_the_same_float(tmp_path: Path) -> None:
    values = [0.1, 1 / 3, 2 / 3, 1e300, 123456789.123456789, -5e-324]
    inserts = (f"insert into t values ({value!r})" for value in values)
    rows = land(tmp_path, "create table t (x)", *inserts)
    assert sorted(float(row["x"]) for row in rows) == sorted(values)


def test_views_and_strange_names_are_read(tmp_path: Path) -> None:
    (row,) = land(
        tmp_path,
        'create table "o""dd" ("select" text, "Å b" int)',
        """insert into "o""dd" values ('x', 1)""",
        'create view t as select * from "o""dd"',
    )
    assert (row["select"], row["Å b"]) == ("x", 1)


def test_a_missing_file_is_told_and_not_made(tmp_path: Path) -> None:
    given = {"name": "old", "kind": "sql", "url": "sqlite:///no.db", "tables": {"t": {}}}
    with pytest.raises(SourceError, match=r"no\.db; found no such file"):
        extract.land(Source.model_validate(given), Store(tmp_path / "work"), root=tmp_path)
    assert not (tmp_path / "no.db").exists()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "old.db").write_text("not a database, though long enough to look at" * 40)
    given = {"name": "old", "kind": "sql", "url": "sqlite:///old.db", "tables": {"t": {}}}
    with pytest.raises(SourceError, match="not SQLite"):
        extract.land(Source.model_validate(given), Store(tmp_path / "work"), root=tmp_path)


def test_text_that_is_not_utf8_is_told_without_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="text that is not UTF-8") as caught:
        land(tmp_path, "create table t (x text)", "insert into t values (cast(x'c5e4' as text))")
    assert "xc5" not in str(caught.value)


def test_a_missing_table_or_column_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="the table 't' in old"):
        land(tmp_path)
    with pytest.raises(SourceError, match="the column 'y' in table 't' of old"):
        land(tmp_path, "create table t (x)", "insert into t values (1)", columns=["y"])


def test_a_changed_type_is_told_with_both_types(tmp_path: Path) -> None:
    land(tmp_path, "create table t (x int)", "insert into t values (1)")
    with pytest.raises(SourceError, match=r"the type INT of column 'x' in table 't'.*found TEXT"):
        land(tmp_path, "drop table t", "create table t (x TEXT)", "insert into t values (1)")
