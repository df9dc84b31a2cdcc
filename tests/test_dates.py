"""Dates and times as old systems write them, read by the macros of mapping SQL."""

import datetime
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minns.engine import Engine


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("scratch"), memory_limit="200MB", threads=1) as engine:
        yield engine


#: As written, its first day, and what is known of it (nothing: the day, or what cannot be read).
PARTIAL = [
    ("2019", "2019-01-01", "year"),
    ("2019-00-00", "2019-01-01", "year"),
    ("20190000", "2019-01-01", "year"),
    ("201905", "2019-05-01", "month"),
    ("2019-05", "2019-05-01", "month"),
    ("2019-05-00", "2019-05-01", "month"),
    ("20190500", "2019-05-01", "month"),
    ("v 34 2019", "2019-08-19", "week"),
    ("V34, 2019", "2019-08-19", "week"),
    ("vecka 1 2019", "2018-12-31", "week"),
    ("2019 v.34", "2019-08-19", "week"),
    ("2019-W34", "2019-08-19", "week"),
    ("v 53 2020", "2020-12-28", "week"),
    ("v 53 2019", "v 53 2019", "week"),
    ("2019-05-03", "2019-05-03", None),
    ("20190503", "2019-05-03", None),
    ("2019/05/03", "2019-05-03", None),
    ("3/5-2019", "2019-05-03", None),
    ("03/05 2019", "2019-05-03", None),
    ("2023-02-30", "2023-02-30", None),
    ("v 34", "v 34", None),
    ("våren 2018", "våren 2018", None),
    ("2019-13", "2019-13", None),
    ("1900", None, "year"),
    ("9999", None, None),
    ("0000-00-00", None, None),
    ("2999-12-31", None, None),
    ("", None, None),
    (None, None, None),
]


@pytest.mark.parametrize(("written", "day", "known"), PARTIAL)
def test_a_date_known_in_part_is_its_first_day(
    engine: Engine, written: str | None, day: str | None, known: str | None
) -> None:
    sql = "select partial_date(x), date_precision_of(x) from (select cast(? as varchar) as x)"
    assert engine.rows(sql, [written]) == [(day, known)]


@pytest.mark.parametrize(
    ("written", "moment", "offset", "known"),
    [
        ("2019-05-03 08:30", "2019-05-03 08:30:00", None, None),
        ("201905030830", "2019-05-03 08:30:00", None, None),
        ("2019-05-03 08.30", "2019-05-03 08:30:00", None, None),
        ("2019-05-03", "2019-05-03 00:00:00", None, "day"),
        ("2019-05-03 00:00", "2019-05-03 00:00:00", None, "day"),
        ("201905030000", "2019-05-03 00:00:00", None, "day"),
        ("2019", "2019-01-01 00:00:00", None, "year"),
        ("v 34 2019", "2019-08-19 00:00:00", None, "week"),
        ("2019-10-27T02:30:00+02:00", "2019-10-27 02:30:00", "+02:00", None),
        ("2019-10-27T02:30:00+0100", "2019-10-27 02:30:00", "+01:00", None),
        ("2019-10-27T00:30:00Z", "2019-10-27 02:30:00", "+02:00", None),
        ("2019-10-27T01:30:00Z", "2019-10-27 02:30:00", "+01:00", None),
        ("2019-10-27T02:30:00", "2019-10-27 02:30:00", None, None),
        ("2019-01-01 10:00:00.123 Z", "2019-01-01 11:00:00", "+01:00", None),
        ("2019-05-03T25:00:00Z", "2019-05-03T25:00:00Z", None, None),
    ],
)
def test_a_time_is_told_on_swedish_clocks(
    engine: Engine, written: str, moment: str, offset: str | None, known: str | None
) -> None:
    sql = "select partial_timestamp(x), utc_offset_of(x), time_precision_of(x) from (select ? as x)"
    assert engine.rows(sql, [written]) == [(moment, offset, known)]


@pytest.mark.parametrize(
    ("written", "day"),
    [("3/5-19", "2019-05-03"), ("03/05-25", "1925-05-03"), ("190503", "2019-05-03")],
)
def test_a_year_of_two_digits_is_of_the_reference_or_before(
    engine: Engine, written: str, day: str
) -> None:
    assert engine.value("select iso_date6(?, '2024-11-12')", [written]) == day


FORMS = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d/%m-%Y", "%Y%m%d%H%M")
_days = st.dates(datetime.date(1901, 1, 1), datetime.date(2998, 1, 1))


@settings(max_examples=60, deadline=None)
@given(_days, st.sampled_from(FORMS))
def test_each_form_of_a_day_is_that_day(engine: Engine, day: datetime.date, form: str) -> None:
    assert engine.value("select partial_date(?)", [day.strftime(form)]) == day.isoformat()


@settings(max_examples=60, deadline=None)
@given(_days)
def test_a_week_begins_on_its_monday(engine: Engine, day: datetime.date) -> None:
    year, week, weekday = day.isocalendar()
    if 1901 < year < 2099:
        monday = day - datetime.timedelta(days=weekday - 1)
        written = f"v {week} {year}"
        assert engine.value("select partial_date(?)", [written]) == monday.isoformat()


@settings(max_examples=60, deadline=None)
@given(st.text("0123456789-/v W.åä :TZ+", max_size=20))
def test_what_was_read_reads_the_same_again(engine: Engine, written: str) -> None:
    sql = "select x is not distinct from partial_date(x) from (select partial_date(?) as x)"
    assert engine.value(sql, [written])


@settings(max_examples=60, deadline=None)
@given(st.datetimes(datetime.datetime(1981, 1, 1), datetime.datetime(2037, 1, 1)))
def test_an_instant_is_its_wall_time_less_its_offset(
    engine: Engine, instant: datetime.datetime
) -> None:
    instant = instant.replace(microsecond=0)
    ((wall, offset),) = engine.rows(
        "select cast(iso_timestamp(x) as timestamp), utc_offset_of(x) from (select ? as x)",
        [f"{instant.isoformat()}Z"],
    )
    assert wall - datetime.timedelta(hours=int(offset[1:3])) == instant
