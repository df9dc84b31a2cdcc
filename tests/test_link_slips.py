"""Dates of birth that are a slip or left out, two coordination numbers, and the innocent others."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from linkage import HOME, Registry, Row, number, patient

CHILD = "2020-09-09"
OWN = number("20200909", 984)
RESERVE = "20200909K080"
MOTHER: Row = {"mother_number": number("19820416", 238)}


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    yield Registry(tmp_path)


def cared(registry: Registry, source: str, local_id: str, day: str) -> None:
    when = datetime.date.fromisoformat(day)
    who = {"source": source, "local_patient_id": local_id}
    registry.timeline.append({**who, "what": "active", "from_on": when, "to_on": when})


def known(source: str, local_id: str, given: str, born: str = CHILD, **more: Any) -> Row:
    seen = {"recorded_at": datetime.datetime(2023, 6, 1), **HOME, **more}
    return patient(source, local_id, given, "Stenhag", born, **seen)


def one(registry: Registry, left: str, right: str) -> bool:
    return registry.person(left) == registry.person(right)


@pytest.mark.parametrize(
    ("given", "born", "linked"),
    [
        pytest.param("Freja", "2021-09-12", True, id="number, names and another record say so"),
        pytest.param("Alma", "2021-09-12", False, id="a sister under the elder one's number"),
        pytest.param("Freja", "2022-09-09", False, id="more than a year off"),
    ],
)
def test_a_date_a_year_beside_the_number_is_the_number_s_where_another_bears_it_out(
    registry: Registry, given: str, born: str, linked: bool
) -> None:
    cared(registry, "obstetrix", "o", "2020-09-10")
    cared(registry, "elvis", "e", "2020-09-10")
    registry.run(
        [
            known("asynja", "a", given, born, number=OWN),
            known("elvis", "e", "Freja", number=OWN, previous_number=RESERVE),
            known("obstetrix", "o", "Flicka", number=RESERVE, number_issuer="1.2", **MOTHER),
        ]
    )
    assert one(registry, "o", "a") is linked


def test_a_son_under_his_namesake_s_number_keeps_his_own_date_of_birth(registry: Registry) -> None:
    father = number("19820909", 979)
    cared(registry, "elvis", "father", "2005-01-02")
    registry.run(
        [
            known("asynja", "son", "Rune", number=father),
            known("elvis", "father", "Rune", "1982-09-09", number=father),
        ]
    )
    assert not one(registry, "father", "son")


def test_a_slip_read_in_the_wrong_century_is_one_too(registry: Registry) -> None:
    registry.run(
        [
            known("asynja", "a", "Freja", number=OWN, previous_number=RESERVE),
            known("elvis", "e", "Freja", "1921-09-08", number=OWN[2:]),
            known("obstetrix", "o", "Flicka", number=RESERVE, number_issuer="1.2", **MOTHER),
        ]
    )
    assert one(registry, "a", "e")
    assert one(registry, "a", "o")


@pytest.mark.parametrize(
    ("given", "more", "linked"),
    [
        pytest.param("Elsa Klara", {}, True, id="same names, same door: a slip"),
        pytest.param("Elsa Maria", {}, False, id="a sister"),
        pytest.param(
            "Elsa Klara", {"street": "Ekgatan 1", "phone": None}, False, id="a namesake elsewhere"
        ),
        pytest.param(
            "Elsa Klara",
            {"deceased_date": datetime.date(2020, 12, 1)},
            False,
            id="named after a sister who died",
        ),
    ],
)
def test_care_before_a_date_of_birth_that_is_a_slip_parts_nobody(
    registry: Registry, given: str, more: Row, linked: bool
) -> None:
    cared(registry, "asynja", "a", "2020-10-01")
    registry.run(
        [
            known("asynja", "a", given, number=OWN, **MOTHER, **more),
            known("melior", "m", "Elsa Klara", "2021-09-09", **MOTHER),
        ]
    )
    assert one(registry, "a", "m") is linked


@pytest.mark.parametrize(
    ("more", "decision", "rule"),
    [
        pytest.param({}, "review", "two_coordination_numbers", id="all alike: asked"),
        pytest.param({"given": "Amina"}, "vetoed", "two_valid_numbers", id="another name"),
        pytest.param(
            {"street": "Ekgatan 1", "phone": None}, "vetoed", "two_valid_numbers", id="elsewhere"
        ),
    ],
)
def test_two_coordination_numbers_of_one_name_and_home_are_asked_about(
    registry: Registry, more: Row, decision: str, rule: str
) -> None:
    first, second = number("19790379", 986), number("19790379", 984)
    born = "1979-03-19"
    registry.run(
        [
            known("asynja", "a", "Hava", born, number=first),
            known("elvis", "e", **{"given": "Hava", "born": born, "number": second, **more}),
        ]
    )
    pair = registry.pair("a", "e")
    assert pair is not None
    assert (pair["decision"], pair["rule"]) == (decision, rule)


@pytest.mark.parametrize(
    ("given", "earlier", "linked"),
    [
        pytest.param("Elsa Klara", RESERVE, True, id="told by the earlier number"),
        pytest.param("Elsa Klara", "19920909K082", False, id="a daughter named after her mother"),
        pytest.param("Elsa Klara", None, False, id="told by nothing"),
        pytest.param("Okänd", RESERVE, False, id="nobody knows who: a guess at the age"),
    ],
)
def test_a_date_of_birth_left_out_is_that_of_the_documented_earlier_number(
    registry: Registry, given: str, earlier: str | None, linked: bool
) -> None:
    left_out = known("melior", "m", given, number="17000909H879", number_issuer="1.3")
    left_out |= {"birth_date": None, "previous_number": earlier}
    registry.run([known("asynja", "a", "Elsa Klara", number=OWN), left_out])
    assert one(registry, "a", "m") is linked
