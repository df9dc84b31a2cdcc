"""What a fact says decides where it stands: medicines by state, blocks over what they cover."""

from typing import Any

import pytest

from minns.model import FACTS, KINDS
from minns.overview.medicines import picture
from minns.overview.reading import Patient, dated
from minns.overview.sections import overview
from minns.recorded import Row
from minns.wording import LABELS

TODAY = "2024-06-01"
UNIT, OTHER = "SE-1", "SE-2"


def fact(kind: str, number: int, **said: Any) -> Row:
    empty = dict.fromkeys(FACTS[kind].names)
    own = {"fact_id": f"{kind}-{number}", "person_id": "P", "status": "active", "signed": True}
    return {**empty, **own, **said}


def order(number: int, **said: Any) -> Row:
    usual = {"code": "N02BE01", "display": "paracetamol", "route": "oral", "form": "tablett"}
    return fact("medication", number, **{**usual, "starts_on": "2024-01-01", **said})


def patient(*facts: Row, groups: list[Row] | None = None) -> Patient:
    person = {"person_id": "P", "protection": "none"}
    of_kind = {kind: [f for f in facts if f["fact_id"].startswith(f"{kind}-")] for kind in KINDS}
    rows = {f["fact_id"]: [row(care_unit=f.get("care_unit"))] for f in facts}
    return Patient(person, [], of_kind, rows, [], TODAY, groups or [])


def row(**said: Any) -> Row:
    names = ("source_table", "row_key", "care_giver", "local_system", "local_code", "local_text")
    empty = dict.fromkeys(names)
    return {**empty, "source": "melior", "recorded_at": "2010-05-01 08:00", **said}


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, "current"),
        ({"ends_on": "2024-06-01"}, "current"),
        ({"ends_on": "2024-05-31"}, "ended"),
        ({"status": "stopped"}, "ended"),
        ({"status": "unknown"}, "doubtful"),
        ({"status": "nullified"}, "ended"),
    ],
)
def test_an_order_is_ended_only_when_it_says_so(said: dict[str, Any], state: str) -> None:
    [group] = picture(patient(order(1, **said)))
    assert group["state"] == state


def test_orders_of_one_substance_route_and_form_are_one_medicine_with_all_its_orders() -> None:
    found = picture(patient(order(1), order(2, form="Tablett "), order(3, route="rektal")))
    assert [len(group["orders"]) for group in found] == [2, 1]


def test_a_stop_order_makes_an_order_doubtful_and_hides_nothing() -> None:
    [group] = picture(patient(order(1), order(2, order_type="stop", starts_on="2024-03-01")))
    assert group["state"] == "doubtful"
    assert [o["state"] for o in group["orders"]] == ["doubtful", "ended"]


def test_the_records_own_picture_is_shown_where_there_is_one() -> None:
    worked_out = {"group_id": "g", "picture": "doubtful", "picture_reason": "open_long"}
    dispensed = {"group_id": "g", "picture": None, "picture_reason": None, "stage": "dispense"}
    told = {"group_id": "g", "name": "Paracetamol", "route": "oral", "form": "tablett"}
    held = [{**order(1), **worked_out}, {**order(2, status="completed"), **dispensed}]
    [group] = picture(patient(*held, groups=[{**told, "state": "doubtful"}]))
    assert (group["name"], group["state"]) == ("Paracetamol", "doubtful")
    assert [(o["state"], o["reason"]) for o in group["orders"]] == [
        ("doubtful", "open_long"), ("", ""),
    ]  # fmt: skip


def test_what_a_block_covers_is_marked_with_the_row_for_whose_sake_it_is() -> None:
    block = fact("access_block", 1, blocked_care_unit=UNIT, block_type="inner")
    told = patient(fact("condition", 1, diagnosed_on="2010-05-01", blocked="inner"), block)
    told.rows["condition-1"] = [row(care_unit=UNIT, blocked="inner"), row(care_unit=OTHER)]
    shown = overview(told, "en")
    [problem] = shown["problems"]["active"]
    assert problem["blocked"] == "inner"
    assert [s["blocked"] for s in problem["sources"]] == ["inner", ""]
    assert len(shown["blocks"]) == 1


def test_alerts_stand_worst_first_and_past_ones_apart() -> None:
    alerts = [
        fact("alert", n, local_text=str(severity), severity=severity, valid_to=until)
        for n, (severity, until) in enumerate(
            [("mild", None), (None, None), ("life_threatening", None), ("harmful", "2024-05-31")]
        )
    ]
    found = overview(patient(*alerts), "en")["alerts"]
    assert [a["severity"] for a in found["active"]] == ["life_threatening", None, "mild"]
    assert [a["severity"] for a in found["past"]] == ["harmful"]


@pytest.mark.parametrize(
    ("moment", "precision", "shown"),
    [
        ("2019-01-01", "year", "2019"),
        ("2019-03-01", "month", "2019-03"),
        ("2019-03-01", "day", "2019-03-01"),
        ("2019-03-01 00:00", None, "2019-03-01"),
        ("2019-03-01 07:30", None, "2019-03-01 07:30"),
        (None, None, ""),
    ],
)
def test_a_day_is_shown_as_it_is_known(
    moment: str | None, precision: str | None, shown: str
) -> None:
    assert dated(moment, precision) == shown


def test_a_group_of_warnings_stands_where_its_worst_one_does() -> None:
    group = {"substance_group": "penicillins", "worst_severity": "life_threatening"}
    alerts = [
        fact("alert", 1, local_text="Nötter", severity="harmful"),
        fact("alert", 2, local_text="Kåvepenin", severity="mild", **group),
        fact("alert", 3, local_text="Amoxicillin", severity="life_threatening", **group),
    ]
    found = overview(patient(*alerts), "en")["alerts"]["active"]
    assert [line["text"] for line in found] == ["Amoxicillin", "Kåvepenin", "Nötter"]


def test_values_of_two_units_are_compared_only_in_the_analysis_own() -> None:
    old = {"value_text": "6,0", "value_number": "6", "unit": "%", "observed_at": "2010-01-01"}
    new = {
        "value_text": "52",
        "value_number": "52",
        "unit": "mmol/mol",
        "observed_at": "2020-01-01",
    }
    about = {"local_text": "HbA1c", "code": "NPU27300"}
    [apart] = overview(
        patient(fact("observation", 1, **about, **old), fact("observation", 2, **about, **new)),
        "en",
    )["results"]
    assert apart["curve"] == []
    own = {"standard_unit": "mmol/mol"}
    [together] = overview(
        patient(
            fact("observation", 2, **about, **new, **own, standard_number="52"),
            fact("observation", 1, **about, **old, **own, standard_number="52.08"),
        ),
        "en",
    )["results"]
    assert (together["curve"], together["standard"]) == ([1.0, 0.0], "")


def test_every_column_of_a_fact_has_a_word() -> None:
    ids = {"fact_id", "person_id", "source", "map_id", "group_id", "chain_id"}
    own = {"contact_id", "document_id", "block_id"}
    columns = {name for table in FACTS.values() for name in table.names}
    assert columns - ids - own - set(LABELS) == set()
