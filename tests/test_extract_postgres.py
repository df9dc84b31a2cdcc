"""PostgreSQL, straight and through ODBC: every value arrives as it was stored."""

import datetime as dt
import itertools
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest

import extract
from extract import reach
from minns.config import Source
from minns.errors import SourceError
from minns.store import Store

UTC = dt.UTC
LONG = "åäö ÅÄÖ; \"q\" 'x' \\ \t\r\n" * 400
WIDE = Decimal("1234567890123456789012345678.0123456789")
VALUES: dict[str, tuple[str, Any, Any]] = {
    # column: type, value stored, value landed
    "f8": ("float8", 123456789.123456789, 123456789.123456789),
    "f8_tenth": ("float8", 0.1, 0.1),
    "money": ("numeric(12,2)", Decimal("1234567890.10"), Decimal("1234567890.10")),
    "big": ("numeric", Decimal("12345678901234567890.123456789"), "12345678901234567890.123456789"),
    "wide": ("numeric(38,10)", WIDE, WIDE),
    "yes": ("boolean", True, True),
    "no": ("boolean", False, False),
    "number": ("bigint", 197101012345, 197101012345),
    "day": ("date", dt.date(1971, 1, 1), dt.date(1971, 1, 1)),
    "moment": (
        "timestamp",
        dt.datetime(2020, 10, 25, 2, 30, 0, 123456),
        dt.datetime(2020, 10, 25, 2, 30, 0, 123456),
    ),
    "instant": (
        "timestamptz",
        "2020-10-25 02:30:00.123456+02",
        dt.datetime(2020, 10, 25, 0, 30, 0, 123456, tzinfo=UTC),
    ),
    "short": ("varchar(20)", "Åsa Öberg-Ähl", "Åsa Öberg-Ähl"),
    "text_300": ("text", "å" * 300, "å" * 300),
    "text_long": ("text", LONG, LONG),
    "varchar_long": ("varchar(20000)", LONG, LONG),
    "empty": ("text", "", ""),
    "nothing": ("text", None, None),
    "no_number": ("numeric(5,1)", None, None),
    "id": ("integer", 7, 7),
}


@pytest.fixture(params=["copy", "odbc", "rows"])
def url(request: pytest.FixtureRequest, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database by each of the three ways."""
    if request.param == "rows":
        monkeypatch.delitem(reach.DATABASES, "postgresql")
        return postgres_url
    way = "postgres_url" if request.param == "copy" else "odbc_postgres"
    return str(request.getfixturevalue(way))


def fill(postgres_url: str, *statements: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def source(url: str, **tables: dict[str, Any]) -> Source:
    return Source.model_validate({"name": "melior", "kind": "sql", "url": url, "tables": tables})


def landed(url: str, folder: Path, **tables: dict[str, Any]) -> list[dict[str, Any]]:
    store = Store(folder / "work")
    dataset = extract.land(source(url, **tables), store, root=folder)
    (name,) = tables
    rows: list[dict[str, Any]] = pq.read_table(dataset.folder / name).to_pylist()
    return rows


def test_every_value_arrives_as_it_was_stored(url: str, postgres_url: str, tmp_path: Path) -> None:
    columns = ", ".join(f"{name} {given[0]}" for name, given in VALUES.items())
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        connection.execute(f"create table t ({columns})".encode())
        marks = ", ".join(["%s"] * len(VALUES))
        stored = [given[1] for given in VALUES.values()]
        connection.execute(f"insert into t values ({marks})".encode(), stored)
    (row,) = landed(url, tmp_path, t={})
    assert {name: row[name] for name in VALUES} == {n: given[2] for n, given in VALUES.items()}


def test_both_ways_give_a_row_the_same_hash(
    postgres_url: str, odbc_postgres: str, tmp_path: Path
) -> None:
    columns = "id int, f real, d date, ts timestamp, n numeric(8,3), b boolean, t text, c char(4)"
    values = "(1, 0.1, '1971-01-01', '2020-01-01 10:00', 12.5, true, 'å', 'x')"
    fill(postgres_url, f"create table t ({columns})", f"insert into t values {values}")
    hashes = [
        [row["_row_hash"] for row in landed(url, tmp_path / str(n), t={})]
        for n, url in enumerate((postgres_url, odbc_postgres))
    ]
    assert hashes[0] == hashes[1]


def test_values_without_room_in_a_type_are_staged_as_text(
    postgres_url: str, tmp_path: Path
) -> None:
    fill(
        postgres_url,
        "create table t (n numeric(5,2), d date, ts timestamp, f float8)",
        "insert into t values ('NaN', 'infinity', '-infinity', 'NaN'),"
        " (1.5, '0044-03-15 BC', now(), 1)",
    )
    rows = landed(postgres_url, tmp_path, t={})
    assert {row["n"] for row in rows} == {"NaN", "1.50"}
    assert {row["d"] for row in rows} == {"infinity", "0044-03-15 BC"}
    assert "-infinity" in {row["ts"] for row in rows}


def test_a_table_of_one_column_keeps_its_empty_rows(postgres_url: str, tmp_path: Path) -> None:
    fill(postgres_url, "create table t (x text)", r"insert into t values (null), (''), ('\.')")
    assert sorted(str(row["x"]) for row in landed(postgres_url, tmp_path, t={})) == [
        "",
        "None",
        "\\.",
    ]


def test_all_tables_are_read_as_of_one_moment(postgres_url: str, tmp_path: Path) -> None:
    """A row written between two tables' reading is in neither count nor rows."""
    fill(postgres_url, "create table a (x int)", "create table b (x int)")
    fill(postgres_url, "insert into a select generate_series(1, 9)", "insert into b values (1)")
    seen: Iterator[int] = itertools.count()

    def progress(done: int, total: int | None = None) -> None:
        if next(seen) == 0:
            fill(postgres_url, "insert into b values (2)")

    store = Store(tmp_path / "work")
    dataset = extract.land(
        source(postgres_url, a={}, b={}), store, root=tmp_path, progress=progress
    )
    assert dataset.rows("b") == 1


def test_schema_and_columns_are_as_told(url: str, postgres_url: str, tmp_path: Path) -> None:
    fill(postgres_url, "create schema s", 'create table s."Pat_1" (a int, "B b" text)')
    fill(postgres_url, """insert into s."Pat_1" values (1, 'x')""", "create table pat_1 (a int)")
    (row,) = landed(url, tmp_path, Pat_1={"schema": "s", "columns": ["B b"]})
    assert set(row) == {"B b", "_row_key", "_row_hash"}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("minns:tyst", "minns:fel"), "user or password refused"),
        (("Pwd=tyst", "Pwd=fel"), "user or password refused"),
    ],
    ids=["copy", "odbc"],
)
def test_a_wrong_password_is_told_and_never_shown(
    request: pytest.FixtureRequest, change: tuple[str, str], found: str, tmp_path: Path
) -> None:
    way = "odbc_postgres" if change[0].startswith("Pwd") else "postgres_url"
    url = request.getfixturevalue(way).replace(*change)
    with pytest.raises(SourceError, match=found) as caught:
        landed(url, tmp_path, t={})
    assert "kanarie" not in str(caught.value) and caught.value.__cause__ is None


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"melior at 127\.0\.0\.1:1/x; found no answer"):
        landed("postgresql://u:hemlig@127.0.0.1:1/x", tmp_path, t={})


def test_a_missing_table_is_told(url: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="the table 'nowhere' in melior"):
        landed(url, tmp_path, nowhere={})


def test_a_missing_column_is_told(url: str, postgres_url: str, tmp_path: Path) -> None:
    fill(postgres_url, "create table t (x int)", "insert into t values (1)")
    with pytest.raises(SourceError, match="the column 'y' in table 't'"):
        landed(url, tmp_path, t={"key": ["y"]})


def test_a_changed_type_is_told(url: str, postgres_url: str, tmp_path: Path) -> None:
    fill(postgres_url, "create table t (x int)", "insert into t values (1)")
    landed(url, tmp_path, t={})
    fill(postgres_url, "alter table t alter column x type text")
    with pytest.raises(
        SourceError, match=r"(?i)the type int.* of column 'x' in table 't' of melior"
    ):
        landed(url, tmp_path, t={})
