"""Names, dates and homes: what agrees, what does not, and what says nothing."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import duckdb
import pytest


@pytest.fixture(scope="module")
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute(files("link").joinpath("macros.sql").read_text(encoding="utf-8"))
    yield connection
    connection.close()


def one(db: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> Any:
    row = db.execute(f"select {sql}", list(values)).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("left", "right", "agreement"),
    [
        ("Anna-Karin", "Karin", 2),
        ("Anna-Karin", "ANNAKARIN", 2),
        ("Carlsson", "Karlson", 2),
        ("Göran", "GOERAN", 2),
        ("Åke", "Aake", 2),
        ("Christina", "Kristina", 2),
        ("Thomas", "Tomas", 2),
        ("Öberg", "OBERG", 2),
        ("Mohammed", "Mohamed", 2),
        ("Bergstrom", "Bergstrom Ek", 2),
        ("Johanssen", "Johansson", 1),
        ("Sven", "Erik", 0),
        ("Fatima", "Birgitta", 0),
    ],
)
def test_names(db: duckdb.DuckDBPyConnection, left: str, right: str, agreement: int) -> None:
    assert one(db, "names_agree(name_words(?), name_words(?))", left, right) == agreement
    assert one(db, "names_agree(name_words(?), name_words(?))", right, left) == agreement


@pytest.mark.parametrize(
    "name",
    ["Flicka", "Pojke 2", "GOSSE", "Barn 1", "Tvilling A", "Okänd", "Skyddad uppgift", "Poke"],
)
def test_a_placeholder_is_no_name(db: duckdb.DuckDBPyConnection, name: str) -> None:
    assert one(db, "is_placeholder_name(?)", name) is True


@pytest.mark.parametrize("name", ["Barnaby", "Anna", "Testa", "Babylonia", "Nanna", "Namnér"])
def test_a_name_is_no_placeholder(db: duckdb.DuckDBPyConnection, name: str) -> None:
    assert one(db, "is_placeholder_name(?)", name) is False


@pytest.mark.parametrize(
    ("left", "right", "agreement"),
    [
        ("19900212", "19900212", 2),
        ("19900212", "19901202", 1),
        ("19900212", "19900213", 1),
        ("19900212", "19950212", 1),
        ("19900212", "19600212", 0),
        ("19900212", "19910213", 0),
        ("19900212", None, None),
    ],
)
def test_dates(
    db: duckdb.DuckDBPyConnection, left: str, right: str | None, agreement: int | None
) -> None:
    assert one(db, "dates_agree(?, cast(? as varchar))", left, right) == agreement


def test_a_door_needs_its_postal_code(db: duckdb.DuckDBPyConnection) -> None:
    def homes(*values: str | None) -> Any:
        return one(
            db, "homes_agree(?, ?, ?, ?, ?, ?)", *(v if v is None else str(v) for v in values)
        )

    assert homes("a1", "41101", None, "a1", "41101", None) == 2
    assert homes("a1", "41101", None, "a1", "50330", None) == 0
    assert homes("a1", "41101", None, "b2", "41101", None) == 1
    assert homes("a1", "41101", "123456", "b2", "50330", "123456") == 2
    assert homes(None, None, None, "b2", "50330", "123456") is None
