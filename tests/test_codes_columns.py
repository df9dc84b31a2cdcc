"""A whole column of numbers: read as each alone, and as the public libraries read them."""

import datetime
import json
import random
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.se import personnummer as stdnum_personnummer

from minns.codes import macros

BESIDE = (folder / "shared/data" for folder in Path(__file__).parents)
PUBLIC = next((data for data in BESIDE if data.exists()), Path("none")) / (
    "conformance/personnummer"
)
Written = tuple[str | None, datetime.date | None, datetime.date | None]

_DAY = st.dates(datetime.date(1855, 1, 1), datetime.date(2025, 12, 31))
_ALONE = """
    select raw, number12, number_kind(number12), is_valid_number(number12),
        is_century_certain(raw, reference) or as_read <> number12,
        number_birth_date(number12), number_sex(number12)
    from (
        select *, with_birth_century(as_read, raw, birth_date) as number12
        from (select *, normalised_number(raw, reference) as as_read from written)
    ) order by position"""
_AT_ONCE = """
    select raw, number, kind, valid, certain, number_birth_date, number_sex
    from read_numbers('written') order by position"""


@pytest.fixture(scope="module")
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute(macros())
    connection.execute(
        "create table written (position bigint, raw varchar, reference date, birth_date date)"
    )
    yield connection
    connection.close()


def read(db: duckdb.DuckDBPyConnection, rows: Sequence[Written], sql: str = _AT_ONCE) -> Any:
    db.execute("delete from written")
    raws, references, births = zip(*rows, strict=True)
    db.execute(
        "insert into written select unnest(range(len($1))), unnest($1::varchar[]),"
        " unnest($2::date[]), unnest($3::date[])",
        [list(raws), list(references), list(births)],
    )
    return db.execute(sql).fetchall()


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Twelve characters with a right check digit in most cases, some of them damaged."""
    day, serial = draw(_DAY), draw(st.integers(0, 999))
    added = draw(st.sampled_from([0, 0, 0, 30, 60]))
    eleven = f"{day:%Y%m}{day.day + added:02d}{serial:03d}"
    number: str = eleven + luhn.calc_check_digit(eleven[2:])
    if draw(st.integers(0, 3)) == 0:
        place = draw(st.integers(0, 11))
        number = number[:place] + draw(st.sampled_from("0123456789KMXTAZ")) + number[place + 1 :]
    if draw(st.integers(0, 5)) == 0:
        place = draw(st.integers(2, 10))
        number = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    return number


@st.composite
def written(draw: st.DrawFn) -> Written:
    number = draw(numbers())
    mark = draw(st.sampled_from(["", "-", "+", " ", "\u2013"]))
    raw = draw(st.sampled_from([number[:8] + mark + number[8:], number[2:8] + mark + number[8:]]))
    noise = st.text(alphabet="0123456789+- KMXTa.", max_size=13)
    reference = draw(st.none() | st.dates(datetime.date(1990, 1, 1), datetime.date(2025, 12, 31)))
    born = draw(st.none() | _DAY)
    if number[:8].isdigit() and number[4:6] in {"01", "03", "05", "12"} and draw(st.booleans()):
        day = min(max(int(number[6:8]) % 60, 1), 31)
        born = datetime.date(max(int(number[:4]), 1), int(number[4:6]), day)
    return draw(st.sampled_from([raw, raw, raw, None, draw(noise)])), reference, born


@settings(deadline=None, max_examples=15)
@given(rows=st.lists(written(), min_size=1, max_size=40))
def test_a_column_is_read_as_each_number_alone(
    db: duckdb.DuckDBPyConnection, rows: list[Written]
) -> None:
    assert read(db, rows) == read(db, rows, _ALONE)


def test_neither_order_nor_threads_change_what_is_read(db: duckdb.DuckDBPyConnection) -> None:
    dice = random.Random(3)
    rows: list[Written] = [
        (f"{dice.randrange(10**10):010d}", datetime.date(dice.randrange(1990, 2026), 5, 1), None)
        for _ in range(500)
    ]
    straight = read(db, rows)
    db.execute("set threads = 1")
    assert sorted(read(db, rows[::-1]), key=str) == sorted(straight, key=str)
    db.execute("reset threads")


@settings(deadline=None, max_examples=15)
@given(listed=st.lists(numbers(), min_size=1, max_size=40))
def test_valid_is_what_both_libraries_call_valid(
    db: duckdb.DuckDBPyConnection, listed: list[str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from personnummer import personnummer
    rows = read(db, [(n, None, None) for n in listed])
    faked = db.execute("select n from (select unnest(?) as n) where is_fake_number(n)", [listed])
    fakes = {number for (number,) in faked.fetchall()}
    for raw, number, kind, valid, *_ in rows:
        fake = number in fakes
        if kind == "personal":
            assert valid == (stdnum_personnummer.is_valid(raw) and not fake), raw
            assert valid == (personnummer.valid(raw) and not fake), raw
        elif kind == "coordination":
            # the library wants a real date, which an official number need not have
            assert valid or fake or not personnummer.valid(raw), raw
            assert not valid or luhn.is_valid(raw[2:]), raw
        elif raw.isdigit() and raw[:2] in {"18", "19", "20"}:
            assert not personnummer.valid(raw), raw


def test_a_short_number_takes_the_century_of_the_birth_date_and_is_certain(
    db: duckdb.DuckDBPyConnection,
) -> None:
    nine = "120314238"
    ten = nine + luhn.calc_check_digit(nine)
    now, born = datetime.date(2020, 1, 1), datetime.date(1912, 3, 14)
    assert [(row[1], row[4]) for row in read(db, [(ten, now, born), (ten, now, None)])] == [
        ("19" + ten, True),
        ("20" + ten, False),
    ]


def test_it_reads_a_query_of_its_own_and_keeps_its_columns(db: duckdb.DuckDBPyConnection) -> None:
    found = db.execute(
        "with w as (select 7 as id, '19810829-M070' as raw, null::date as reference,"
        " null::date as birth_date) select id, number, kind, valid from read_numbers('w')"
    ).fetchall()
    assert found == [(7, "19810829M070", "vgr_reserve", True)]


@pytest.mark.skipif(not PUBLIC.exists(), reason="public lists not beside the repository")
def test_interim_numbers_of_the_public_list(db: duckdb.DuckDBPyConnection) -> None:
    listed = json.loads((PUBLIC / "interim.json").read_text())
    forms = ("long_format", "short_format", "separated_format", "separated_long")
    # K, M and X are VGR's letters: without its issuer such a number is read as a reserve number
    told = [entry for entry in listed if entry["long_format"][8] not in "KMX"]
    today = datetime.date(2020, 1, 1)
    for entry in told:
        rows = read(db, [(entry[form], today, None) for form in forms])
        sex = "male" if entry["isMale"] else "female"
        good = (entry["long_format"], "interim", True, sex)
        for _, number, kind, valid, _, _, told_sex in rows:
            assert (number, kind, valid, told_sex) == good if entry["valid"] else not valid
