"""Identity numbers, held against python-stdnum, personnummer and the public lists."""

import datetime
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.se import personnummer as stdnum_personnummer

from minns.codes import CODE_SYSTEMS, macros

BESIDE = (folder / "shared/data" for folder in Path(__file__).parents)
PUBLIC = next((data for data in BESIDE if data.exists()), Path("none")) / (
    "conformance/personnummer"
)


@pytest.fixture(scope="module")
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute(macros())
    yield connection
    connection.close()


def one(db: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> Any:
    row = db.execute(f"select {sql}", list(values)).fetchone()
    assert row is not None
    return row[0]


def check_digit(nine: str) -> int:
    doubled = (int(c) * (2 - i % 2) for i, c in enumerate(nine))
    return -sum(d // 10 + d % 10 for d in doubled) % 10


@pytest.mark.parametrize(
    ("raw", "reference", "expected"),
    [
        ("19900222-2397", None, "199002222397"),
        ("199002222397", "2020-01-01", "199002222397"),
        ("900222-2397", "2020-01-01", "199002222397"),
        ("9002222397", "1991-01-01", "199002222397"),
        ("100222-2397", "2020-01-01", "201002222397"),
        ("100222+2397", "2020-01-01", "191002222397"),
        ("100222-2397", "2009-12-31", "191002222397"),
        (" 900222 2397 ", "2020-01-01", "199002222397"),
        ("810829M071", "2020-01-01", "19810829M071"),
        ("810829+M071", "2020-01-01", "18810829M071"),
        ("18810829+M071", "2020-01-01", "18810829M071"),
        ("000101-T220", "2020-01-01", "20000101T220"),
        ("001301-T220", "2020-01-01", "001301T220"),
        ("9002222397", None, "9002222397"),
        ("a-17", "2020-01-01", "A17"),
        ("", "2020-01-01", None),
        (None, "2020-01-01", None),
    ],
)
def test_a_number_is_read_by_the_records_own_date(
    db: duckdb.DuckDBPyConnection, raw: str | None, reference: str | None, expected: str | None
) -> None:
    assert one(db, "normalised_number(?, cast(? as date))", raw, reference) == expected


@pytest.mark.parametrize(
    ("number", "kind", "valid"),
    [
        ("199002222397", "personal", True),
        ("199002222398", "personal", False),
        ("199002302397", "personal", False),
        ("22950606FH20", "national_reserve", True),
        ("00342145BZ31", "national_reserve", True),
        ("98240301AA06", "national_reserve", True),
        ("98240301AA07", "national_reserve", False),
        ("19810829M071", "vgr_reserve", True),
        ("19810829M070", "vgr_reserve", True),
        ("19930829X802", "vgr_reserve", True),
        ("19810829M075", "vgr_reserve", False),
        ("17001111A912", "vgr_old_reserve", False),
        ("191212121212", "personal", False),
        ("201212121212", "personal", False),
        ("190001010000", "personal", False),
        ("111111111111", "other", False),
        ("A17", "other", False),
    ],
)
def test_kind_and_validity(
    db: duckdb.DuckDBPyConnection, number: str, kind: str, valid: bool
) -> None:
    assert one(db, "number_kind(?)", number) == kind
    assert one(db, "is_valid_number(?)", number) is valid


def test_no_number_is_no_kind_and_not_valid(db: duckdb.DuckDBPyConnection) -> None:
    assert one(db, "number_kind(null)") is None
    assert one(db, "is_valid_number(null)") is False


def test_birth_date_and_sex_are_read_from_the_number(db: duckdb.DuckDBPyConnection) -> None:
    expected = (datetime.date(1981, 8, 29), "male")
    assert one(
        db, "(number_birth_date(n), number_sex(n)) from (select ? as n)", "19810829M071"
    ) == (expected)
    assert one(db, "number_birth_date('25780404KHD5')") == datetime.date(1978, 4, 4)
    assert one(db, "number_sex('25780404KHD5')") == "unknown"
    assert one(db, "number_sex('199002222397')") == "male"


@settings(deadline=None, max_examples=30)
@given(
    day=st.dates(datetime.date(1890, 1, 1), datetime.date(2025, 12, 31)),
    serial=st.integers(1, 999),
    last=st.integers(0, 9),
)
def test_validity_agrees_with_stdnum(
    db: duckdb.DuckDBPyConnection, day: datetime.date, serial: int, last: int
) -> None:
    number = f"{day:%Y%m%d}{serial:03d}{last}"
    if number in {"191212121212", "201212121212"} or number[2:] == number[-1] * 10:
        return
    assert one(db, "is_valid_number(?)", number) == stdnum_personnummer.is_valid(number)


@settings(deadline=None, max_examples=30)
@given(
    day=st.dates(datetime.date(1890, 1, 1), datetime.date(2025, 12, 31)),
    serial=st.integers(1, 999),
)
def test_short_and_long_forms_meet(
    db: duckdb.DuckDBPyConnection, day: datetime.date, serial: int
) -> None:
    nine = f"{day:%y%m%d}{serial:03d}"
    ten = f"{nine}{check_digit(nine)}"
    reference = datetime.date(2025, 12, 31)
    mark = "+" if reference.year - day.year >= 100 else "-"
    read = one(db, "normalised_number(?, ?)", f"{ten[:6]}{mark}{ten[6:]}", reference)
    assert read == f"{day:%Y}{ten[2:]}"


@pytest.mark.skipif(not PUBLIC.exists(), reason="public lists not beside the repository")
@pytest.mark.parametrize(
    ("name", "kind"), [("allPins.json", "personal"), ("allCoords.json", "coordination")]
)
def test_every_official_test_number_is_valid(
    db: duckdb.DuckDBPyConnection, name: str, kind: str
) -> None:
    numbers = [str(n) for n in json.loads((PUBLIC / name).read_text())]
    rows = db.execute(
        "select distinct number_kind(n) from (select unnest(?) as n) "
        "where is_valid_number(n) is distinct from (n <> '201212121212') or number_kind(n) <> ?",
        [numbers, kind],
    ).fetchall()
    assert rows == []


@pytest.mark.skipif(not PUBLIC.exists(), reason="public lists not beside the repository")
def test_the_public_list_of_good_and_bad_numbers(db: duckdb.DuckDBPyConnection) -> None:
    listed = json.loads((PUBLIC / "list.json").read_text())
    wrong = [
        entry["long_format"]
        for entry in listed
        if entry["long_format"] != "191212121212"
        and one(db, "is_valid_number(?)", entry["long_format"]) is not entry["valid"]
    ]
    assert wrong == []


def test_personnummer_reads_the_same_sex(db: duckdb.DuckDBPyConnection) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from personnummer import personnummer

        assert personnummer.parse("199002222397").is_male()
    assert one(db, "number_sex('199002222397')") == "male"


def test_code_systems_have_their_oids() -> None:
    assert all(system.oid and system.uri for system in CODE_SYSTEMS.values())
