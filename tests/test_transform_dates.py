"""A date that cannot be stands as it was written, and a clinician is told."""

import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from canonical_rows import DAY, Case

from minns.engine import Engine
from transform.dates import _BACK, _FORWARD, AFTER_DEATH, WHEN

PENICILLIN: dict[str, Any] = {"local_system": "atc", "local_code": "J01CE02"}
BORN = datetime.date(1950, 5, 20)
DIED = datetime.date(2019, 5, 20)
NIGHT = datetime.datetime(2019, 10, 27, 2, 30)
MISSING = datetime.datetime(2019, 3, 31, 2, 30)


def _told(case: Case) -> set[tuple[str, bool]]:
    """The rules that told, and whether against the person."""
    record = case.run()
    conflicts = record["conflict"]
    assert {c["fact_id"] for c in conflicts} <= {f["fact_id"] for k in WHEN for f in record[k]}
    return {(c["rule"], c["other_fact_id"] == c["person_id"]) for c in conflicts}


def _person(case: Case, **said: Any) -> None:
    case.add("patient", birth_date=BORN, **said)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


@pytest.mark.parametrize(
    ("day", "precision", "told"),
    [
        (datetime.date(1950, 5, 19), None, True),
        (datetime.date(1950, 5, 20), None, False),
        (datetime.date(1950, 5, 1), "month", False),
        (datetime.date(1950, 4, 1), "month", True),
        (datetime.date(1950, 1, 1), "year", False),
        (datetime.date(1949, 1, 1), "year", True),
        (datetime.date(1950, 5, 15), "week", False),
        (datetime.date(1950, 5, 8), "week", True),
    ],
)
def test_what_may_be_after_birth_is_not_before_it(
    case: Case, day: datetime.date, precision: str | None, told: bool
) -> None:
    _person(case)
    case.add("condition", **PENICILLIN, diagnosed_on=day, date_precision=precision)
    assert _told(case) == ({("condition_before_birth", True)} if told else set())
    assert case.run().one("condition")["diagnosed_on"] == day


@pytest.mark.parametrize(("late", "told"), [(0, False), (AFTER_DEATH, False), (22, True)])
def test_little_is_written_of_the_dead(case: Case, late: int, told: bool) -> None:
    _person(case, deceased_date=DIED)
    case.add("procedure", **PENICILLIN, performed_on=DIED + datetime.timedelta(days=late))
    assert _told(case) == ({("procedure_after_death", True)} if told else set())


def test_the_future_is_after_all_that_the_source_wrote(case: Case) -> None:
    _person(case, recorded_at=datetime.datetime(2020, 3, 1))
    case.add("immunization", **PENICILLIN, given_on=DAY)
    case.add("immunization", **PENICILLIN, given_on=datetime.date(2020, 3, 2))
    case.add("medication", **PENICILLIN, starts_on=datetime.date(2020, 3, 2))
    assert _told(case) == {("immunization_in_future", True)}


@pytest.mark.parametrize(
    ("at", "said", "told"),
    [
        (NIGHT, {}, {("observation_in_doubled_hour", False)}),
        (NIGHT, {"utc_offset": "+02:00"}, set()),
        (NIGHT.replace(hour=3), {}, set()),
        (MISSING, {}, {("observation_in_missing_hour", False)}),
        (MISSING, {"utc_offset": "+01:00"}, {("observation_in_missing_hour", False)}),
        (MISSING.replace(hour=1), {}, set()),
    ],
)
def test_an_hour_that_was_twice_or_never_is_told(
    case: Case, at: datetime.datetime, said: dict[str, Any], told: set[tuple[str, bool]]
) -> None:
    case.add("observation", **PENICILLIN, observed_at=at, **said)
    assert _told(case) == told


def test_what_is_struck_out_is_told_of_no_more(case: Case) -> None:
    _person(case)
    case.add("condition", **PENICILLIN, diagnosed_on=datetime.date(1940, 1, 1), status="nullified")
    assert _told(case) == set()


def test_rows_of_one_fact_are_told_of_once(case: Case) -> None:
    _person(case)
    for source in ("melior", "asynja"):
        case.add("condition", source, **PENICILLIN, diagnosed_on=datetime.date(1940, 1, 1))
    record = case.run()
    assert record.one("conflict")["fact_id"] == record.one("condition")["fact_id"]


def _clocks(at: datetime.datetime) -> tuple[bool, bool]:
    """Whether a wall time was twice, and whether it never was, as the zone's own table has it."""
    zone = ZoneInfo("Europe/Stockholm")
    first, second = (at.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    assert first is not None and second is not None
    return first > second, first < second


def test_clocks_change_when_the_zone_says_so(tmp_path: Path) -> None:
    twice, never = (sql.format("t") for sql in (_BACK, _FORWARD))
    with Engine(tmp_path) as engine:
        rows = engine.rows(
            f"select t, hour(t) = 2 and ({twice}), hour(t) = 2 and ({never}) from (select unnest("
            "generate_series(timestamp '1980-01-01', timestamp '2037-12-31', interval 30 minute)"
            ") as t) where month(t) in (3, 4, 9, 10) and hour(t) < 5"
        )
    assert len(rows) > 50_000
    assert [row for row in rows if _clocks(row[0]) != row[1:]] == []
