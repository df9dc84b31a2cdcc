"""The macros that mapping SQL is written with, and the session they run in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minns.engine import Engine, hash_sql, literal, quote, row_hash_sql
from minns.model import CANONICAL


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("scratch"), memory_limit="200MB", threads=1) as engine:
        yield engine


MACROS: list[tuple[str, str | None, Any]] = [
    ("tidy", "  a b ", "a b"),
    ("tidy", " ", None),
    ("iso_date", "2020-02-29", "2020-02-29"),
    ("iso_date", " 20200229 ", "2020-02-29"),
    ("iso_date", "202002291230", "2020-02-29"),
    ("iso_date", "20200229T123000", "2020-02-29"),
    ("iso_date", "2020-02-29 12:30", "2020-02-29"),
    ("iso_date", "1900-01-01", None),
    ("iso_date", "99991231", None),
    ("iso_date", "00000000", None),
    ("iso_date", "17530101 0000", None),
    ("iso_date", "29/2 2020", "2020-02-29"),
    ("iso_date", "29/2", "29/2"),
    ("iso_date", "2020-02-30", "2020-02-30"),
    ("iso_date", "", None),
    ("iso_timestamp", "2020-03-29 02:30", "2020-03-29 02:30:00"),
    ("iso_timestamp", "2020-03-29T02:30:15", "2020-03-29 02:30:15"),
    ("iso_timestamp", "2020-03-29T02:30:15.123", "2020-03-29 02:30:15"),
    ("iso_timestamp", "202003290230", "2020-03-29 02:30:00"),
    ("iso_timestamp", "20200329 023015", "2020-03-29 02:30:15"),
    ("iso_timestamp", "20200329", "2020-03-29 00:00:00"),
    ("iso_timestamp", "2020-03-29", "2020-03-29 00:00:00"),
    ("iso_timestamp", "1900-01-01 00:00:00", None),
    ("iso_timestamp", "29 mars", "29 mars"),
    ("yes_no", " J ", "true"),
    ("yes_no", "nej", "false"),
    ("yes_no", "0", "false"),
    ("yes_no", "kanske", "kanske"),
    ("yes_no", "", None),
    ("comparator_of", "<5", "<"),
    ("comparator_of", ">= 5,5", ">="),
    ("comparator_of", "< x", None),
    ("comparator_of", "5", None),
    ("number_of", "7,2", "7.200000"),
    ("number_of", "< 0.5", "0.500000"),
    ("number_of", "1 234,5", "1234.500000"),
    ("number_of", "1 234 567", "1234567.000000"),
    ("number_of", "< 1\u00a0234\u202f567,25", "1234567.250000"),
    ("number_of", "12 34", None),
    ("number_of", "-3", "-3.000000"),
    ("number_of", "positiv", None),
    ("number_of", "120/80", None),
    ("number_of", "", None),
    ("rendered", None, "-"),
    ("rendered", "", "="),
    ("rendered", r"a|b\p", r"=a\pb\\p"),
    ("rendered_column", None, "-"),
    ("rendered_column", "", "="),
    ("rendered_column", r"a|b\p", r"=a\pb\\p"),
    ("rendered_column", r"a\b", r"=a\\b"),
    ("rendered_column", "a|b", r"=a\pb"),
    ("rendered_column", "a", "=a"),
    ("checksum_of", "0000000000ff" + "0" * 20, "255"),
]


@pytest.mark.parametrize(("macro", "given_text", "expected"), MACROS)
def test_macros(engine: Engine, macro: str, given_text: str | None, expected: Any) -> None:
    assert engine.value(f"select cast({macro}(?) as varchar)", [given_text]) == expected


@pytest.mark.parametrize(
    ("six", "reference", "expected"),
    [
        ("900222", "2020-01-01", "1990-02-22"),
        ("200222", "2020-01-01", "2020-02-22"),
        ("210222", "2020-01-01", "1921-02-22"),
        ("990101", "1999-05-05", "1999-01-01"),
        ("000101", "1999-05-05", "1900-01-01"),
        ("000000", "2020-01-01", None),
        ("19900222", "2020-01-01", "1990-02-22"),
        ("okänt", "2020-01-01", "okänt"),
        (None, "2020-01-01", None),
    ],
)
def test_six_digits_are_of_the_latest_century_before_the_reference(
    engine: Engine, six: str | None, reference: str, expected: str | None
) -> None:
    assert engine.value("select iso_date6(?, ?)", [six, reference]) == expected
    assert engine.value("select iso_date6(?, cast(? as date))", [six, reference]) == expected


_cell = st.none() | st.text("a|\\p=-", max_size=4)


@given(st.lists(st.tuples(_cell, _cell), min_size=2, max_size=2))
def test_two_rows_hash_alike_only_when_they_are_alike(
    engine: Engine, rows: list[tuple[str | None, str | None]]
) -> None:
    sql = f"select {row_hash_sql(['a', 'b'])} from (select ? as a, ? as b)"
    one, other = (engine.value(sql, list(row)) for row in rows)
    assert (one == other) == (rows[0] == rows[1])


@given(_cell, _cell)
def test_a_hash_is_over_what_the_rendering_says(
    engine: Engine, one: str | None, other: str | None
) -> None:
    written = "md5(concat_ws('|', rendered(a), rendered(b)))"
    sql = f"select {row_hash_sql(['a', 'b'])} = {written} from (select ? as a, ? as b)"
    assert engine.value(sql, [one, other])


def test_a_hash_that_knows_the_types_is_the_same(engine: Engine) -> None:
    table = CANONICAL["observation"]
    engine.empty(table)
    engine.run(
        "insert into observation (source, row_key, signed, observed_at, value_number, value_text) "
        "values ('a|b', '1', true, timestamp '2020-03-29 02:30:00.5', 7.2, '7,2'), "
        "(null, '', null, null, null, null)"
    )
    for one, other in engine.rows(
        f"select {hash_sql(table.columns)}, {row_hash_sql(table.names)} from observation"
    ):
        assert one == other


def test_least_by_skips_what_is_empty(engine: Engine) -> None:
    """What folding relies on: `arg_min` skips empty values, `arg_min_null` does not."""
    sql = "select arg_min(a, b), arg_min_null(a, b) from (values (null, 1), ('x', 2)) as t (a, b)"
    assert engine.rows(sql) == [("x", None)]
    assert engine.value("select min(a) <> max(a) from (values (null), (1)) as t (a)") is False
    assert engine.value("select min(a) <> max(a) from (select null as a)") is None


def test_names_and_texts_are_quoted(engine: Engine) -> None:
    text, name = literal("it's"), quote('a "b"')
    assert engine.value(f"select {name} from (select {text} as {name})") == "it's"


def test_parquet_goes_out_and_in(engine: Engine, tmp_path: Path) -> None:
    paths = [tmp_path / f"it's {n}.parquet" for n in range(2)]
    assert [engine.copy("select 1 as a", path) for path in paths] == [1, 1]
    engine.view("two parts", paths)
    assert engine.value('select count(*) from "two parts"') == 2
    assert sum(batch.num_rows for batch in engine.batches('select * from "two parts"')) == 2


def test_arrow_is_readable_for_a_while(engine: Engine) -> None:
    with engine.arrow("lent", pa.table({"a": [1, 2]})):
        assert engine.value("select sum(a) from lent") == 3
    with pytest.raises(duckdb.CatalogException):
        engine.value("select sum(a) from lent")


def test_a_session_leaves_nothing_behind(tmp_path: Path) -> None:
    with Engine(tmp_path / "scratch", memory_limit="60MB", threads=1) as engine:
        engine.run("create table a as select random() as r, repeat('x', 99) from range(1500000)")
        assert list((tmp_path / "scratch").glob("spill-*/*"))
    assert list((tmp_path / "scratch").iterdir()) == []
