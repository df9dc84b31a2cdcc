"""One person from several identities: which value stands, and what is never shown or hidden."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from canonical_rows import Case, Row

OLD, NEW = datetime.datetime(2010, 1, 1), datetime.datetime(2020, 1, 1)
HOME = {"street": "Storgatan 1", "postal_code": "41118", "city": "Göteborg"}


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def person(case: Case, first: dict[str, Any], second: dict[str, Any]) -> Row:
    case.add("patient", **{"recorded_at": OLD, **first})
    case.add("patient", "asynja", **{"recorded_at": NEW, **second})
    return case.run().one("person")


@pytest.mark.parametrize(
    ("first", "second", "number", "kind"),
    [
        ("900222-2397", "19810829M071", "199002222397", "personal"),
        ("199002222397", "199002222396", "199002222397", "personal"),
        ("a-17", "199002222397", "199002222397", "personal"),
        ("a-17", None, "A17", "other"),
        (None, None, None, None),
    ],
)
def test_the_best_number_is_the_main_one(
    case: Case, first: str | None, second: str | None, number: str | None, kind: str | None
) -> None:
    found = person(case, {"number": first}, {"number": second})
    assert (found["number"], found["number_type"]) == (number, kind)


def test_the_latest_name_stands_unless_it_is_none(case: Case) -> None:
    first = {"given_names": "Anna", "surname": "Ek"}
    assert person(case, first, {"given_names": "Flicka", "surname": "Ek"})["given_names"] == "Anna"
    case.rows["patient"][1]["given_names"] = "Anna Maria"
    assert case.run().one("person")["given_names"] == "Anna Maria"


def test_the_address_is_all_of_one_row(case: Case) -> None:
    found = person(case, HOME, {"postal_code": "50630", "city": "Borås"})
    assert [found[n] for n in HOME] == [None, "50630", "Borås"]


@pytest.mark.parametrize("protection", ["sekretessmarkering", "skyddad_folkbokforing"])
@pytest.mark.parametrize("of_first", [True, False])
def test_one_source_is_enough_to_protect(case: Case, protection: str, of_first: bool) -> None:
    rows: list[dict[str, Any]] = [{**HOME, "phone": "031-1"}, {**HOME, "phone": "031-2"}]
    rows[0 if of_first else 1]["protection"] = protection
    found = person(case, *rows)
    assert found["protection"] == protection
    assert [found[n] for n in (*HOME, "phone")] == [None] * 4


def test_the_strongest_protection_stands(case: Case) -> None:
    first = {"protection": "skyddad_folkbokforing"}
    assert person(case, first, {"protection": "sekretessmarkering"})["protection"] == (
        "skyddad_folkbokforing"
    )


def test_birth_date_and_sex_of_a_row_with_a_valid_number_stand(case: Case) -> None:
    sure = {"number": "199002222397", "birth_date": datetime.date(1990, 2, 22), "sex": "male"}
    found = person(case, sure, {"birth_date": datetime.date(1991, 2, 22), "sex": "female"})
    assert (found["birth_date"], found["sex"]) == (datetime.date(1990, 2, 22), "male")
    conflicts = case.run()["conflict"]
    assert {c["field"] for c in conflicts} == {"birth_date", "sex"}
    assert {c["fact_id"] for c in conflicts} == {"person-p"}


def test_unknown_sex_disagrees_with_none(case: Case) -> None:
    assert person(case, {"sex": "male"}, {"sex": "unknown"})["sex"] == "male"
    assert case.run()["conflict"] == []


def test_the_earliest_death_stands_and_a_difference_is_shown(case: Case) -> None:
    days = datetime.date(2020, 5, 1), datetime.date(2020, 5, 2)
    assert (
        person(case, {"deceased_date": days[1]}, {"deceased_date": days[0]})["deceased_date"]
        == days[0]
    )
    assert case.run().one("conflict")["field"] == "deceased_date"


def test_the_founders_row_is_loaded_and_the_others_consolidated(case: Case) -> None:
    person(case, {}, {})
    record = case.run()
    roles = {r["source"]: r["role"] for r in record["lineage"]}
    assert roles == {"melior": "loaded", "asynja": "consolidated"}
    assert {r["fact_id"] for r in record["lineage"]} == {"person-p"}


def test_held_identities_are_left_out_everywhere(case: Case) -> None:
    for source in case.sources:
        case.add("patient", source, "h")
        case.add("alert", source, "h", local_text="Nötter")
    case.add("patient", patient="q")
    case.hold("melior", "h")
    record = case.run()
    assert {(r["source"], r["local_patient_id"]) for r in record["identity"]} == {
        ("asynja", "h"),
        ("melior", "q"),
    }
    assert {r["person_id"] for r in record["person"]} == {"person-h", "person-q"}
    assert [f["source"] for f in record["alert"]] == ["asynja"]
    assert record.roles("alert") == {"loaded": 1}
    assert {(r["source"], r["role"]) for r in record["lineage"] if r["kind"] == "patient"} == {
        ("asynja", "loaded"),
        ("melior", "loaded"),
    }


def test_a_wave_takes_its_care_units_only(case: Case) -> None:
    case.scope = {"melior": ("E01",)}
    taken = [case.add("alert", care_unit=unit, local_text=str(unit)) for unit in ("E01", None)]
    left = case.add("alert", care_unit="E02", local_text="E02")
    taken.append(case.add("alert", "asynja", care_unit="E02", local_text="asynja"))
    record = case.run()
    assert {f["local_text"] for f in record["alert"]} == {r["local_text"] for r in taken}
    excluded = record.one("excluded")
    assert (excluded["row_key"], excluded["rule"]) == (left["row_key"], "out_of_scope")


CHILD, OLD_DAY = datetime.date(2020, 9, 9), datetime.date(1920, 9, 9)
GUESS: dict[str, Any] = {
    "number": "2009092392",
    "birth_date": CHILD,
    "recorded_at": NEW.replace(year=2023),
}


@pytest.mark.parametrize("day", [CHILD, OLD_DAY])
@pytest.mark.parametrize("of_first", [True, False])
def test_a_guessed_century_yields_to_a_certain_one_without_noise(
    case: Case, day: datetime.date, of_first: bool
) -> None:
    sure = {"number": f"{day:%Y%m%d}2392", "birth_date": day}
    found = person(case, *((GUESS, sure) if of_first else (sure, GUESS)))
    assert (found["number"], found["birth_date"]) == (sure["number"], day)
    assert case.run()["conflict"] == []


def test_a_stated_birth_date_is_enough_to_correct_a_guess(case: Case) -> None:
    found = person(case, GUESS, {"birth_date": OLD_DAY})
    assert (found["number"], found["birth_date"]) == ("192009092392", OLD_DAY)
    assert case.run()["conflict"] == []


def test_a_guess_that_stands_alone_stands(case: Case) -> None:
    found = person(case, GUESS, GUESS)
    assert (found["number"], found["birth_date"]) == ("202009092392", CHILD)
    case.add("alert", recorded_at=NEW.replace(year=2021))
    assert case.run()["conflict"] == []


def uncertain(case: Case, *beside: str) -> list[str]:
    """Whose century is in doubt; `beside`: the rules that speak against a fact of theirs."""
    rules = [(c["rule"], c["field"], c["fact_id"]) for c in case.run()["conflict"]]
    doubts = [rule for rule in rules if rule[0] not in beside]
    assert [rule for rule, *_ in rules if rule in beside] == list(beside)
    assert all(rule[:2] == ("patient_century_uncertain", "birth_date") for rule in doubts)
    return [person_id for _, _, person_id in doubts]


@pytest.mark.parametrize(
    ("kind", "said", "beside"),
    [
        ("alert", {"recorded_at": OLD}, ()),
        ("condition", {"diagnosed_on": OLD.date()}, ("condition_before_birth",)),
    ],
)
def test_a_guess_that_is_younger_than_its_record_is_shown_and_not_changed(
    case: Case, kind: str, said: dict[str, Any], beside: tuple[str, ...]
) -> None:
    person(case, GUESS, GUESS)
    case.add(kind, **said)
    assert uncertain(case, *beside) == ["person-p"]
    assert case.run().one("person")["birth_date"] == CHILD


def test_a_guess_at_the_number_of_another_is_shown(case: Case) -> None:
    case.add("patient", **GUESS)
    case.add("patient", patient="q", number="202009092392", birth_date=CHILD)
    assert uncertain(case) == ["person-p"]


def test_nobody_with_a_certain_number_is_uncertain(case: Case) -> None:
    person(case, GUESS, {"number": "202009092392", "birth_date": CHILD})
    case.add("alert", recorded_at=OLD)
    assert case.run()["conflict"] == []
