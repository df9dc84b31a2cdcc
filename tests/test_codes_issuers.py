"""Reserve numbers and their issuers, fake numbers, and the official test numbers."""

import datetime
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from minns.codes import (
    NATIONAL_RESERVE,
    NUMBER_KINDS,
    OTHER,
    REGIONAL,
    VGR_OLD_RESERVE,
    VGR_RESERVE,
    fill_test_numbers_sql,
    macros,
)

VGR, NRID = VGR_RESERVE.oid, NATIONAL_RESERVE.oid
LIST = Path(__file__).parents[1] / "minns/demo/data/testnumbers.txt.gz"


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


def key(db: duckdb.DuckDBPyConnection, number: str, issuer: str | None) -> Any:
    return one(
        db,
        "number_key(n, kind, valid, i) from (select n, i, number_kind(n) as kind,"
        " is_valid_number(n) as valid from (select ?::varchar as n, ?::varchar as i))",
        number,
        issuer,
    )


def test_each_kind_is_told_by_its_issuer(db: duckdb.DuckDBPyConnection) -> None:
    issued = [k for k in NUMBER_KINDS.values() if k.issuer and k is not OTHER]
    assert len({k.issuer for k in issued}) == len(issued)
    assert [one(db, "issuer_kind(?)", k.issuer) for k in issued] == [k.name for k in issued]
    assert one(db, "issuer_kind(?)", f" urn:oid:{VGR} ") == "vgr_reserve"
    assert one(db, "issuer_kind('1.2.3')") is None


def test_only_the_old_regional_numbers_must_not_be_used() -> None:
    assert [k for k in NUMBER_KINDS.values() if not k.current] == [VGR_OLD_RESERVE]


@pytest.mark.parametrize(
    ("number", "first", "second"),
    [
        ("19810829M071", True, False),
        ("19450829K088", True, False),
        ("19930829X802", True, False),
        ("19810829M070", False, True),
        ("19450829K087", False, True),
        ("19930829X801", False, True),
        ("19810829M079", False, False),
        ("17001111A912", False, False),
    ],
)
def test_the_older_check_digit_of_vgr_is_flagged(
    db: duckdb.DuckDBPyConnection, number: str, first: bool, second: bool
) -> None:
    assert one(db, "is_first_kind_vgr_reserve(?)", number) is first
    assert one(db, "is_second_kind_vgr_reserve(?)", number) is second
    assert one(db, "is_valid_number(?)", number) is (first or second)


@pytest.mark.parametrize("number", ["22950606FH20", "00342145BZ31", "00749852BZK0", "25780404KHD5"])
def test_a_national_reserve_number_counts_with_its_issuer_and_only_when_right(
    db: duckdb.DuckDBPyConnection, number: str
) -> None:
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert key(db, number, None) == f"{number}@{NRID}"
    assert key(db, wrong, None) is None


@pytest.mark.parametrize(
    ("number", "issuer", "expected"),
    [
        ("19810829M071", VGR, f"19810829M071@{VGR}"),
        ("19810829M071", f"urn:oid:{VGR}", f"19810829M071@{VGR}"),
        ("19810829M071", "?", "19810829M071@?"),
        ("19810829M071", None, None),
        ("19810829M071", " ", None),
        ("19810829M079", VGR, None),
        ("19810829M079", VGR_OLD_RESERVE.oid, f"19810829M079@{VGR_OLD_RESERVE.oid}"),
        ("17001111A912", VGR_OLD_RESERVE.oid, f"17001111A912@{VGR_OLD_RESERVE.oid}"),
        ("A17", "1.2.3", "A17@1.2.3"),
        ("A17", None, None),
        ("111111111111", "1.2.3", None),
        ("0000", "1.2.3", None),
    ],
)
def test_a_reserve_number_counts_only_with_its_issuer(
    db: duckdb.DuckDBPyConnection, number: str, issuer: str | None, expected: str | None
) -> None:
    assert key(db, number, issuer) == expected


@settings(deadline=None, max_examples=10)
@given(day=st.dates(), serial=st.integers(1, 979))
def test_a_number_of_any_form_belongs_to_the_region_that_gave_it(
    db: duckdb.DuckDBPyConnection, day: datetime.date, serial: int
) -> None:
    eleven = f"{1900 + day.year % 100}{day:%m%d}{serial:03d}"
    number = eleven + luhn.calc_check_digit(eleven[2:])
    formless = next(k for k in REGIONAL if not k.formed)
    if not one(db, "is_fake_number(?)", number):
        assert key(db, number, None) == number
        assert key(db, number, VGR) == number
        assert key(db, number, formless.oid) == f"{number}@{formless.oid}"


@settings(deadline=None, max_examples=10)
@given(year=st.integers(1900, 2025), serial=st.integers(0, 99999))
def test_stockholms_check_digit_runs_over_characters_5_to_11(
    db: duckdb.DuckDBPyConnection, year: int, serial: int
) -> None:
    eleven = f"99{year}{serial:05d}"
    found = db.execute(
        "select list(number_kind(n) order by n), list(is_valid_number(n) order by n)"
        " from (select unnest(?) as n)",
        [[f"{eleven}{last}" for last in range(10)]],
    ).fetchone()
    right = int(luhn.calc_check_digit(eleven[4:]))
    assert found == (["stockholm_reserve"] * 10, [last == right for last in range(10)])


def test_days_32_to_59_are_carelinks(db: duckdb.DuckDBPyConnection) -> None:
    kinds = [one(db, "number_kind(?)", f"199003{day:02d}1234") for day in (31, 32, 59, 60, 91, 92)]
    carelink, coordination = ["carelink_reserve"] * 2, ["coordination"] * 2
    assert kinds == ["personal", *carelink, *coordination, "other"]


@pytest.mark.parametrize(
    "number",
    [
        "199001010000",
        "190001010000",
        "190001019999",
        "191111111111",
        "000000000000",
        "0",
        "99999999",
    ],
)
def test_what_people_type_for_want_of_a_number_is_fake(
    db: duckdb.DuckDBPyConnection, number: str
) -> None:
    assert one(db, "is_fake_number(?)", number) is True
    assert one(db, "is_valid_number(?)", number) is False


def test_test_persons_are_known_by_list_and_never_by_range(db: duckdb.DuckDBPyConnection) -> None:
    listed = gzip.decompress(LIST.read_bytes()).decode().split()
    assert one(db, "is_test_number('201212121212') and is_test_number('191212121212')")
    assert one(db, "is_test_number(null)") is not True
    assert one(db, "is_test_number(?)", listed[7]) is False
    db.execute(fill_test_numbers_sql(LIST))
    found = db.execute(
        "select count(*) from (select unnest(?) as n) where is_test_number(n)", [listed]
    ).fetchone()
    assert found == (len(listed),)
    eleven = "19950101980"
    unlisted = eleven + luhn.calc_check_digit(eleven[2:])
    assert one(db, "is_test_number(?)", unlisted) is (unlisted in listed)
    db.execute("delete from test_number")
