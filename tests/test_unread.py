"""What a source writes and nobody can read takes no row away, and is told."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from canonical_rows import Case
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_extract_shape import Journal, yields

from minns import disputes
from minns.engine import Engine

ALERT = yields(
    "alert",
    "dia",
    local_patient_id="lid",
    status="'active'",
    category="'hypersensitivity'",
    local_text="code",
    valid_from="partial_date(day)",
    severity="status",
)
ORDER = yields(
    "medication",
    "dia",
    local_patient_id="lid",
    status="'active'",
    order_id="id",
    order_type="status",
    starts_on="partial_date(day)",
)
SPRING = '{"starts_on":"våren"}'


def alerts(folder: Path, *rows: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """The alerts of one patient in a small journal, in the order of their keys."""
    journal = Journal(folder)
    journal.write(alert=ALERT)
    (journal.mapping / "condition.sql").unlink()
    journal.fill([("1", "p1", None)], list(rows))
    query = journal.shape()
    assert query("select count(*) from quarantine") == [(0,)]
    return query("select valid_from::text, severity, unread from alert order by row_key")


def test_an_optional_value_that_cannot_be_read_is_empty_and_its_text_is_kept(
    tmp_path: Path,
) -> None:
    found = alerts(
        tmp_path,
        ("1", "p1", "mild", "30/2-2023", "Penicillin"),
        ("2", "p1", "svår", " 20230230 ", "Latex"),
        ("3", "p1", "mild", "2023-02-28", "Jordnöt"),
    )
    assert found[0] == (None, "mild", '{"valid_from":"30/2-2023"}')
    assert found[1][:2] == (None, None)
    assert json.loads(found[1][2]) == {"severity": "svår", "valid_from": " 20230230 "}
    assert found[2] == ("2023-02-28", "mild", None)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    days=st.lists(
        st.one_of(
            st.sampled_from(
                ["2019-02-30", "30/2 2019", "20190230", "v 60 2019", "våren", ' "x"\n']
            ),
            st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=9),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_stands_for_a_date_it_is_read_or_kept_to_the_byte(
    tmp_path_factory: pytest.TempPathFactory, days: list[str]
) -> None:
    rows = [(str(n), "p1", "mild", day, "x") for n, day in enumerate(days)]
    found = alerts(tmp_path_factory.mktemp("journal"), *rows)
    for day, (valid_from, _, unread) in zip(days, found, strict=True):
        assert valid_from is None or unread is None
        assert unread is None or json.loads(unread) == {"valid_from": day}
        with Engine(tmp_path_factory.mktemp("engine")) as engine:
            empty = engine.value("select partial_date(?) is null", [day])
        assert empty or (valid_from or unread) is not None


def test_a_value_whose_emptiness_says_something_must_be_read(tmp_path: Path) -> None:
    """An order whose type nobody can read may be the one that stops a medicine."""
    journal = Journal(tmp_path)
    journal.write(medication=ORDER)
    (journal.mapping / "condition.sql").unlink()
    journal.fill([("1", "p1", None)], [("1", "p1", "slut?", "2020-01-01", "x")])
    assert journal.shape()("select rule, field from quarantine") == [("not_allowed", "order_type")]


def test_what_nobody_can_read_is_told_of_its_fact(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.add("alert", local_text="Latex", unread='{"valid_from":"v 34"}')
    case.add("alert", local_text="Jordnöt", unread='{"valid_from":"?"}', status="nullified")
    record = case.run()
    conflict = record.one("conflict")
    assert (conflict["rule"], conflict["field"]) == ("alert_unreadable_valid_from", "valid_from")
    assert conflict["fact_id"] == conflict["other_fact_id"]
    assert disputes.danger(conflict["rule"]).level > disputes.danger("alert_status_differs").level
    assert disputes.known(conflict["rule"])


def test_a_fact_keeps_what_each_of_its_rows_says_and_nobody_can_read(tmp_path: Path) -> None:
    case = Case(tmp_path)
    for source, text in (("melior", "v 34"), ("asynja", "våren"), ("asynja", "v 34")):
        case.add("alert", source, local_text="Latex", unread=json.dumps({"valid_from": text}))
    case.add("alert", local_text="Latex", valid_from=None)
    fact = case.run().one("alert")
    assert [json.loads(line)["valid_from"] for line in fact["unread"].splitlines()] == [
        "v 34",
        "våren",
    ]


@pytest.mark.parametrize(
    ("one", "other", "facts"),
    [
        ({"unread": SPRING, "recorded_at": 1}, {"unread": SPRING, "recorded_at": 1}, 1),
        ({"unread": SPRING, "recorded_at": 1}, {"unread": SPRING, "recorded_at": 2}, 2),
        ({"recorded_at": 1}, {"recorded_at": 2}, 2),
        ({"recorded_at": 1}, {"unread": SPRING, "recorded_at": 1}, 2),
    ],
)
def test_orders_are_not_one_because_nobody_knows_when_they_began(
    tmp_path: Path, one: dict[str, Any], other: dict[str, Any], facts: int
) -> None:
    case = Case(tmp_path)
    for order, said in enumerate((one, other)):
        moment = datetime(2020, 1, said["recorded_at"], 8)
        told = {"local_system": "atc", "local_code": "M01AE02", "order_type": "start"}
        case.add("medication", order_id=str(order), **told, **(said | {"recorded_at": moment}))
    assert len(case.run()["medication"]) == facts


def test_an_order_whose_last_day_cannot_be_read_is_doubtful(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.add("medication", order_id="1", local_text="Waran", unread='{"ends_on":"snart"}')
    fact = case.run().one("medication")
    assert (fact["picture"], fact["picture_reason"]) == ("doubtful", "end_unreadable")


@pytest.mark.parametrize(
    ("text", "number", "told"),
    [
        ("7,2", "7.2", False),
        ("7,2", "7.23", False),
        ("7,2", "7.3", True),
        ("<5", "5", False),
        ("1 200", "1200", False),
        ("1 200", "1.2", True),
        ("140", "14", True),
        ("neg", "1", False),
        (None, "1", False),
    ],
)
def test_a_number_that_is_another_than_its_text_is_told(
    tmp_path: Path, text: str | None, number: str, told: bool
) -> None:
    case = Case(tmp_path)
    said = {"local_system": "npu", "local_code": "NPU03429"}
    case.add("observation", **said, value_text=text, value_number=Decimal(number))
    record = case.run()
    assert record.one("observation")["value_text"] == text
    rules = [c["rule"] for c in record["conflict"]]
    assert rules == (["observation_number_against_text"] if told else [])
