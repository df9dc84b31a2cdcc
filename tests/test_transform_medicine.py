"""The medication picture: what goes on, what has ended, and what nobody can tell."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from canonical_rows import Case, Record, Row

TODAY = datetime.date(2024, 11, 1)
LONG_AGO = datetime.date(2015, 2, 3)
AGO = TODAY - datetime.timedelta(days=90)
LATELY = TODAY - datetime.timedelta(days=10)
METOPROLOL: Row = {
    "local_system": "atc",
    "local_code": "C07AB02",
    "local_text": "Seloken ZOC 50 mg",
    "strength": "50 mg",
    "form": "Depottablett",
    "route": "Oral",
    "dose_text": "1x1",
    "order_type": "start",
    "starts_on": AGO,
}
STOP: Row = {"order_type": "stop", "dose_text": None, "starts_on": LATELY}


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A record of which the last day is `TODAY`."""
    case = Case(tmp_path)
    moment = datetime.datetime.combine(TODAY, datetime.time(8))
    case.add("medication", patient="other", local_text="Annat", recorded_at=moment)
    return case


def order(case: Case, order_id: str, source: str = "melior", **said: Any) -> Row:
    return case.add("medication", source, **{**METOPROLOL, "order_id": order_id, **said})


def pictured(record: Record) -> dict[str, tuple[str | None, str | None]]:
    """Place in the picture and reason, by order_id."""
    return {
        f["order_id"]: (f["picture"], f["picture_reason"])
        for f in record["medication"]
        if f["person_id"] == "person-p"
    }


def groups(record: Record) -> list[Row]:
    found = [g for g in record["medication_group"] if g["person_id"] == "person-p"]
    return sorted(found, key=lambda g: (str(g["substance"]), str(g["form"])))


def rules(record: Record) -> list[str]:
    return sorted(c["rule"].removeprefix("medication_") for c in record["conflict"])


#: What one order says beside the usual, and its place in the picture.
ALONE = [
    ({}, ("current", "active")),
    ({"starts_on": None, "recorded_at": None}, ("doubtful", "open_long")),
    ({"starts_on": LONG_AGO}, ("doubtful", "open_long")),
    ({"starts_on": LONG_AGO, "ends_on": TODAY}, ("current", "active")),
    ({"ends_on": LATELY}, ("ended", "end_date")),
    ({"status": "stopped"}, ("ended", "status")),
    ({"status": "completed"}, ("ended", "status")),
    ({"status": "unknown"}, ("doubtful", "status_unknown")),
    ({"dose_text": "1x3 i 7 dagar"}, ("doubtful", "course_over")),
    ({"dose_text": "1x3 i 7 dagar", "starts_on": TODAY}, ("current", "active")),
    ({"starts_on": TODAY + datetime.timedelta(days=9)}, ("current", "active")),
    ({"status": "nullified"}, (None, None)),
    ({"stage": "prescription"}, ("current", "active")),
    ({"stage": "administration"}, (None, None)),
]


@pytest.mark.parametrize(("said", "place"), ALONE)
def test_an_order_alone(
    case: Case, said: dict[str, Any], place: tuple[str | None, str | None]
) -> None:
    order(case, "1", **said)
    record = case.run()
    assert pictured(record) == {"1": place}
    assert [g["state"] for g in groups(record)] == [place[0]] * (place[0] is not None) or said


def test_orders_prescriptions_and_administrations_are_apart(case: Case) -> None:
    stages = (None, "prescription", "dispense", "administration")
    for n, stage in enumerate(stages):
        order(case, str(n), stage=stage)
    record = case.run()
    assert len(pictured(record)) == len(stages)
    (group,) = groups(record)
    assert (group["orders"], group["open_orders"], group["state"]) == (2, 2, "current")


def test_what_was_given_without_an_order_is_doubtful_for_a_while(case: Case) -> None:
    order(case, "1", stage="administration")
    order(case, "2", stage="administration", starts_on=LONG_AGO, local_code="N02BE01")
    assert [g["state"] for g in groups(case.run())] == ["doubtful", "ended"]


def test_brand_and_generic_and_spelling_are_one_group(case: Case) -> None:
    order(case, "1", local_text="Seloken", form="Filmdragerad tablett", route="Oral")
    order(case, "2", "asynja", local_text="Metoprolol", form="tablett", route="peroralt")
    order(case, "3", "asynja", form="tabl", route=None, starts_on=LATELY, status="stopped")
    record = case.run()
    (group,) = groups(record)
    said = (group["substance"], group["form"], group["route"], group["orders"], group["sources"])
    assert said == ("C07AB02", "tablett", "oral", 3, 2)
    assert {f["group_id"] for f in record["medication"]} > {group["group_id"]}


def test_another_form_or_substance_or_person_is_another_group(case: Case) -> None:
    order(case, "1")
    order(case, "2", form="Injektionsvätska, lösning", route="Intravenös")
    order(case, "3", local_code="C07AB03")
    order(case, "4", patient="q")
    assert len(groups(case.run())) == 3


def test_a_substance_that_has_no_atc_code_is_its_code_and_text(case: Case) -> None:
    order(case, "1", local_system="lokal", local_code=None, local_text="Kamferdroppar")
    (group,) = groups(case.run())
    assert (group["substance"], group["name"]) == (None, "Kamferdroppar")


def test_a_stop_order_stops_the_order_that_it_names(case: Case) -> None:
    order(case, "1")
    order(case, "2", strength="100 mg")
    order(case, "9", **STOP, stops="1")
    record = case.run()
    assert pictured(record) == {
        "1": ("ended", "stop_order"),
        "2": ("current", "active"),
        "9": (None, None),
    }


def test_a_stop_order_of_tomorrow_stops_nothing_yet(case: Case) -> None:
    order(case, "1")
    order(case, "9", **{**STOP, "starts_on": TODAY + datetime.timedelta(days=1)}, stops="1")
    record = case.run()
    assert pictured(record)["1"] == ("current", "active")
    assert rules(record) == []


def test_a_stop_order_that_was_struck_out_stops_nothing(case: Case) -> None:
    order(case, "1")
    order(case, "9", **STOP, stops="1", status="nullified")
    assert pictured(case.run())["1"] == ("current", "active")


def test_a_stop_order_without_a_name_stops_the_only_one_it_can_mean(case: Case) -> None:
    order(case, "1")
    order(case, "2", status="stopped", ends_on=AGO, dose_text="1x2")
    order(case, "9", **{**STOP, "strength": None})
    record = case.run()
    assert pictured(record)["1"] == ("ended", "stop_order")
    order(case, "3", dose_text="2x2", starts_on=AGO - datetime.timedelta(days=9))
    places = pictured(case.run())
    assert {places["1"], places["3"]} == {("doubtful", "stop_unclear")}


@pytest.mark.parametrize("stops", ["17", None])
def test_a_stop_order_that_stops_nothing_is_told(case: Case, stops: str | None) -> None:
    order(case, "9", **STOP, stops=stops)
    order(case, "1", "asynja", local_code="C07AB03")
    record = case.run()
    assert rules(record) == ["stop_of_nothing"]
    assert pictured(record)["1"] == ("current", "active")


def test_a_stop_order_reaches_no_other_source(case: Case) -> None:
    order(case, "1")
    order(case, "1", "asynja")
    order(case, "9", **STOP, stops="1")
    record = case.run()
    assert pictured(record)["1"] == ("current", "active")
    assert rules(record) == ["stopped_elsewhere"]
    (group,) = groups(record)
    assert (group["state"], group["state_differs"], group["sources"]) == ("current", True, 2)


def test_a_renewed_order_ends_and_the_chain_goes_on(case: Case) -> None:
    order(case, "1", starts_on=LONG_AGO)
    order(case, "2", starts_on=LONG_AGO + datetime.timedelta(days=300), renews="1")
    order(case, "3", renews="2", dose_text="1x2")
    record = case.run()
    assert pictured(record) == {
        "1": ("ended", "renewed"),
        "2": ("ended", "renewed"),
        "3": ("current", "active"),
    }
    assert len({f["chain_id"] for f in record["medication"] if f["person_id"] == "person-p"}) == 1
    assert rules(record) == []
    (group,) = groups(record)
    assert (group["state"], group["orders"], group["open_orders"]) == ("current", 3, 1)


def test_a_stop_order_stops_the_whole_chain(case: Case) -> None:
    order(case, "1", starts_on=LONG_AGO)
    order(case, "2", renews="1")
    order(case, "9", **STOP, stops="2")
    record = case.run()
    assert {pictured(record)[n] for n in "12"} == {("ended", "stop_order")}
    assert [g["state"] for g in groups(record)] == ["ended"]


def test_a_stop_order_of_an_earlier_link_leaves_the_later_in_doubt(case: Case) -> None:
    order(case, "1", starts_on=LONG_AGO)
    order(case, "2", renews="1")
    order(case, "9", **STOP, stops="1")
    assert pictured(case.run())["2"] == ("doubtful", "stop_unclear")


def test_what_was_renewed_by_an_order_that_ended_is_in_doubt(case: Case) -> None:
    order(case, "1")
    order(case, "2", starts_on=LATELY, renews="1", status="stopped")
    assert pictured(case.run())["1"] == ("doubtful", "renewal_ended")


def test_what_was_renewed_as_something_else_is_in_doubt(case: Case) -> None:
    order(case, "1")
    order(case, "2", starts_on=LATELY, renews="1", form="Tablett")
    assert pictured(case.run()) == {
        "1": ("doubtful", "renewed_as_other"),
        "2": ("current", "active"),
    }


def test_orders_that_renew_each_other_in_a_circle_lose_nothing(case: Case) -> None:
    order(case, "1", renews="2")
    order(case, "2", starts_on=LATELY, renews="1")
    record = case.run()
    assert set(pictured(record).values()) == {("current", "active")}
    assert rules(record) == ["duplicate"]


#: What a second order of another source says, and the conflicts that follow.
ELSEWHERE = [
    ({"dose_text": "2x2"}, ["active_dose_differs"]),
    ({"dose_text": "1 tabl 1 ggr/dag"}, []),
    ({"strength": "100 mg"}, ["active_strength_differs"]),
    ({"strength": "25mg", "dose_text": "2x1"}, ["strength_split"]),
    ({"strength": "25 mg", "dose_text": "1x1"}, ["active_strength_differs"]),
    ({"status": "stopped"}, ["stopped_elsewhere"]),
    ({"status": "stopped", "starts_on": LONG_AGO, "ends_on": LONG_AGO}, []),
    ({"status": "nullified", "dose_text": "2x2"}, []),
]


@pytest.mark.parametrize(("said", "found"), ELSEWHERE)
def test_where_the_sources_pictures_differ(
    case: Case, said: dict[str, Any], found: list[str]
) -> None:
    order(case, "1")
    order(case, "2", "asynja", **{"starts_on": LATELY, **said})
    record = case.run()
    assert rules(record) == found
    assert pictured(record)["1"] == ("current", "active")


#: What an ended order without a readable start says, beside one of another source that ended on
#: LATELY, and the conflicts that follow.
UNDATED = [
    ({"dose_text": "2x2"}, ["dose_text_differs"]),
    ({"strength": "100 mg"}, ["strength_differs"]),
    ({"dose_text": "1 tabl 1 ggr/dag"}, []),
    ({"dose_text": "2x2", "ends_on": LONG_AGO}, []),
    ({"dose_text": "2x2", "status": "nullified"}, []),
]


@pytest.mark.parametrize(("said", "found"), UNDATED)
@pytest.mark.parametrize("first", ["melior", "asynja"])
def test_an_order_without_a_start_is_compared_with_those_that_end_when_it_does(
    case: Case, said: dict[str, Any], found: list[str], first: str
) -> None:
    second = {"melior": "asynja", "asynja": "melior"}[first]
    order(case, "1", first, status="stopped", ends_on=LATELY)
    order(case, "2", second, **{"status": "stopped", "starts_on": None, "ends_on": LATELY, **said})
    assert rules(case.run()) == found


def test_two_current_orders_of_one_source_are_a_duplicate(case: Case) -> None:
    order(case, "1")
    order(case, "2", starts_on=LATELY, local_text="Metoprolol")
    order(case, "3", "asynja", starts_on=LATELY, local_text="Seloken")
    assert rules(case.run()) == ["duplicate"]


def test_the_dose_text_stays_to_the_byte_and_its_reading_beside_it(case: Case) -> None:
    order(case, "1", dose_text=" 1 TABL  2 ggr/dag\u00a0vb ")
    order(case, "2", dose_text="1 tabl eller så", starts_on=LATELY)
    read, unread = sorted(case.run()["medication"], key=lambda f: f["order_id"])[:2]
    assert read["dose_text"] == " 1 TABL  2 ggr/dag\u00a0vb "
    assert (read["dose_pattern"], read["dose_day_max"], read["dose_terms"]) == (
        "1x2",
        2,
        "as_needed",
    )
    assert {v for n, v in unread.items() if n.startswith("dose_")} == {None, "1 tabl eller så"}


def test_one_moment_of_the_future_ends_nobodys_medicine(case: Case) -> None:
    for n in range(1, 1200):
        order(case, str(n), patient=f"p{n}", recorded_at=datetime.datetime(2024, 10, 30))
    case.rows["medication"][7]["recorded_at"] = datetime.datetime(2091, 1, 1)
    facts = [f for f in case.run()["medication"] if f["local_code"]]
    assert {f["picture"] for f in facts} == {"current"}
