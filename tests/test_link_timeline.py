"""The timeline: what care says about when and where a patient was, and what only one sex has."""

import datetime
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from link import CLINICAL, load_model
from link.timeline import timeline
from minns.engine import Engine
from minns.model import BY_NAME, CANONICAL, DUCKDB, TIMELINE
from minns.step import Room
from minns.store import Draft

Line = tuple[str, str, str | None, str | None, str | None]
Told = Callable[..., list[Line]]
DAY = datetime.date(2020, 3, 1)
LATER = datetime.date(2020, 3, 9)


def at(day: datetime.date, hour: int = 8) -> datetime.datetime:
    return datetime.datetime(day.year, day.month, day.day, hour)


def row(kind: str, patient: str = "p", **said: Any) -> tuple[str, dict[str, Any]]:
    """One canonical row; it was written down long after the care."""
    pointer = {"source": "melior", "source_table": kind, "row_key": "1"}
    when = {"status": "active", "recorded_at": at(datetime.date(2024, 1, 1))}
    return kind, {**pointer, "local_patient_id": patient, **when, **said}


def condition(code: str | None, system: str | None = "icd-10-se", **said: Any) -> Any:
    return row("condition", **{"diagnosed_on": DAY, **said}, local_system=system, local_code=code)


def procedure(code: str, system: str = "kva", **said: Any) -> Any:
    return row("procedure", performed_on=DAY, local_system=system, local_code=code, **said)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    """Runs the step over rows; gives its lines without the source, dates as text."""
    with Engine(tmp_path / "scratch", threads=2) as engine:

        def run(*rows: tuple[str, dict[str, Any]]) -> list[Line]:
            for kind in CLINICAL:
                engine.empty(CANONICAL[kind])
            for kind, said in rows:
                names, marks = ", ".join(said), ", ".join("?" * len(said))
                engine.run(f"insert into {kind} ({names}) values ({marks})", list(said.values()))
            (tmp_path / "out").mkdir(exist_ok=True)
            draft = Draft(tmp_path / "out")
            timeline(Room(engine, draft), load_model(None))
            path = str(draft.part("timeline"))
            types = engine.rows("describe from read_parquet(?)", [path])
            model = [(c.name, DUCKDB[c.type]) for c in BY_NAME["timeline"].columns]
            assert [(name, kind) for name, kind, *_ in types] == model
            return engine.rows(
                "select local_patient_id, what, from_on::text, to_on::text, place"
                " from read_parquet(?)",
                [path],
            )

        yield run


def whats(lines: list[Line]) -> set[str]:
    return {line[1] for line in lines} - {"active"}


def test_active_is_from_the_first_day_of_care_to_the_last(told: Told) -> None:
    lines = told(
        condition("I10.9"),
        row("observation", observed_at=at(DAY - datetime.timedelta(3))),
        row("medication", starts_on=LATER, ends_on=datetime.date(2030, 1, 1)),
        row("document", "q", written_at=at(LATER)),
    )
    assert lines == [
        ("p", "active", "2020-02-27", "2020-03-09", None),
        ("q", "active", "2020-03-09", "2020-03-09", None),
    ]


def test_when_it_was_written_down_is_not_when_care_was_given(told: Told) -> None:
    assert told(row("document"), row("medication")) == []


@pytest.mark.parametrize("precision", ["year", "month"])
def test_the_first_of_a_year_or_month_is_no_day_of_care(told: Told, precision: str) -> None:
    lines = told(
        condition("O80.0", date_precision=precision),
        condition("O80.0", diagnosed_on=LATER, date_precision="day"),
        row("medication", starts_on=DAY, date_precision=precision),
        row("observation", observed_at=at(DAY), date_precision=precision),
    )
    later = LATER.isoformat()
    assert ("p", "active", later, later, None) in lines
    assert [line for line in lines if line[1] == "delivery"] == [
        ("p", "delivery", later, later, None)
    ]
    assert "female" in whats(lines)


def test_what_was_struck_out_counts_for_nothing(told: Told) -> None:
    contact: dict[str, Any] = {"category": "inpatient", "starts_at": at(DAY), "ends_at": at(LATER)}
    struck: dict[str, Any] = {"status": "nullified"}
    rows = [condition("O80.0", **struck), row("care_contact", **contact, **struck)]
    assert told(*rows, row("observation", observed_at=at(DAY), **struck)) == []


def test_a_stay_has_a_start_an_end_and_a_place(told: Told) -> None:
    stay: dict[str, Any] = {"category": "inpatient", "care_unit": "ward"}
    visit: dict[str, Any] = {"category": "visit", "starts_at": at(DAY), "ends_at": at(DAY, 9)}
    lines = told(
        row("care_contact", **stay, starts_at=at(DAY), ends_at=at(LATER)),
        row("care_contact", **stay, starts_at=at(LATER)),
        row("care_contact", **stay, starts_at=at(LATER), ends_at=at(DAY)),
        row("care_contact", **visit),
    )
    assert [line for line in lines if line[1] == "stay"] == [
        ("p", "stay", "2020-03-01", "2020-03-09", "ward")
    ]


FINDINGS = {
    "O80.0": {"delivery", "female"},
    "O820": {"delivery", "female"},
    "O80-P": {"delivery", "female"},
    "o84.9 ": {"delivery", "female"},
    "O70.1": {"female"},
    "Z34.9": {"female"},
    "C53.9": {"female"},
    "C509": set(),
    "B373": {"female"},
    "B37": set(),
    "N40": {"male"},
    "N409P": {"male"},
    "N39.0": set(),
    "N62": set(),
    "C61.9": {"male"},
    "P07.3": set(),
    "XX12": set(),
}


@pytest.mark.parametrize(("code", "found"), FINDINGS.items(), ids=FINDINGS.keys())
def test_codes_are_read_as_sources_write_them(told: Told, code: str, found: set[str]) -> None:
    assert whats(told(condition(code))) == found
    assert whats(told(condition(code, "ksh97-p"))) == found


def test_operations_tell_as_much(told: Told) -> None:
    assert whats(told(procedure("MCA10"))) == {"delivery", "female"}
    assert whats(told(procedure("LCD00"))) == {"female"}
    assert whats(told(procedure("KEC00"))) == {"male"}
    assert whats(told(procedure("LA012"), procedure("JEA00"))) == set()


@pytest.mark.parametrize("system", ["icpc-2", "melior-lokal", None])
def test_the_same_form_in_another_list_is_another_thing(told: Told, system: str | None) -> None:
    assert whats(told(condition("N80", system))) == set()


@pytest.mark.parametrize(
    "said",
    [{"negated": True}, {"certainty": "suspected"}, {"status": "refuted"}, {"status": "obsolete"}],
    ids=str,
)
def test_what_is_negated_or_suspected_is_care_but_no_finding(
    told: Told, said: dict[str, Any]
) -> None:
    assert told(condition("N80.9", **said)) == [("p", "active", "2020-03-01", "2020-03-01", None)]


def test_a_delivery_counts_once_a_day_however_often_it_is_coded(told: Told) -> None:
    lines = told(
        condition("O80.0"),
        condition("O809"),
        procedure("MAE00"),
        condition("O82.0", diagnosed_on=datetime.date(2022, 5, 5)),
    )
    assert [line[2] for line in lines if line[1] == "delivery"] == ["2020-03-01", "2022-05-05"]
    assert [line[2:4] for line in lines if line[1] == "female"] == [("2020-03-01", "2022-05-05")]


def test_the_order_of_rows_changes_nothing(told: Told) -> None:
    rows = [
        condition(code, patient=patient)
        for code in ("O80.0", "N40", "I10.9", None)
        for patient in "abc"
    ]
    rows += [
        row(
            "care_contact",
            patient,
            category="inpatient",
            starts_at=at(DAY),
            ends_at=at(LATER),
            care_unit=unit,
        )
        for patient in "abc"
        for unit in ("x", "y", None)
    ]
    lines = told(*rows)
    assert lines == told(*random.Random(1).sample(rows, len(rows)))
    assert {line[1] for line in lines} == set(TIMELINE.column("what").allowed)
