"""Ten digits without a separator: a child's and a centenarian's number look the same."""

import datetime
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from linkage import HOME, Registry, Row, number, patient

from minns.codes import macros

CHILD, OLD = "2020-09-09", "1920-09-09"
SURE = number("20200909", 984)
SHORT, OLDEST = SURE[2:], "19" + SURE[2:]
RESERVE = "20200909K080"
NOW = datetime.datetime(2023, 6, 1)
ELSEWHERE: Row = {"street": "Backvägen 9", "postal_code": "50630", "phone": "033-654321"}


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    yield Registry(tmp_path)


@pytest.mark.parametrize(
    ("written", "day", "certain"),
    [
        pytest.param(SHORT, "2023-06-01", False, id="3 or 103 years"),
        pytest.param(RESERVE[2:], "2023-06-01", False, id="a reserve number"),
        pytest.param(f"{SHORT[:6]} {SHORT[6:]}", "2023-06-01", False, id="a blank says nothing"),
        pytest.param(SHORT, "2035-06-01", False, id="115 years"),
        pytest.param(SHORT, "2036-06-01", True, id="116 years"),
        pytest.param(f"{SHORT[:6]}-{SHORT[6:]}", "2023-06-01", True, id="hyphen"),
        pytest.param(f"{SHORT[:6]}+{SHORT[6:]}", "2023-06-01", True, id="plus"),
        pytest.param(SURE, "2023-06-01", True, id="twelve digits"),
        pytest.param(SHORT, None, False, id="no date to read it by"),
        pytest.param(None, "2023-06-01", True, id="no number"),
    ],
)
def test_a_century_is_certain(written: str | None, day: str | None, certain: bool) -> None:
    session = duckdb.connect()
    session.execute(macros())
    found = session.execute("select is_century_certain(?, ?::date)", [written, day]).fetchone()
    assert found == (certain,)


def born(source: str, local_id: str, given: str, surname: str, **more: Any) -> Row:
    """A patient of our time; without more, a child."""
    day = more.pop("born", CHILD)
    return patient(source, local_id, given, surname, day, **{"recorded_at": NOW, **more})


def guess(local_id: str, given: str, surname: str, **more: Any) -> Row:
    """As a source writes it that knows six-digit dates: whoever it is, it reads as a child."""
    return born("elvis", local_id, given, surname, **{"number": SHORT, **more})


def outcome(registry: Registry, left: str, right: str) -> tuple[str, str | None]:
    pair = registry.pair(left, right)
    assert pair is not None
    assert (pair["decision"] == "linked") == (registry.person(left) == registry.person(right))
    return pair["decision"], pair["rule"]


@pytest.mark.parametrize(
    ("given", "surname", "home"),
    [
        pytest.param("Alice", "Andersson", ELSEWHERE, id="given name and surname"),
        pytest.param("Andersson", "Alice", ELSEWHERE, id="the same, swapped"),
        pytest.param("Flicka", "Andersson", HOME, id="surname and door"),
        pytest.param("Alice", "Ek", HOME, id="given name and door"),
    ],
)
def test_two_of_given_name_surname_and_home_confirm_a_guess(
    registry: Registry, given: str, surname: str, home: Row
) -> None:
    registry.run(
        [
            born("asynja", "a", "Alice", "Andersson", number=SURE, **HOME),
            guess("e", given, surname, **home),
        ]
    )
    assert outcome(registry, "a", "e") == ("linked", None)


@pytest.mark.parametrize(
    ("given", "surname", "home"),
    [
        pytest.param("Flicka", "Andersson", ELSEWHERE, id="a placeholder says nothing"),
        pytest.param("Alice", "Ek", ELSEWHERE, id="given name alone"),
        pytest.param("Flicka", "Ek", ELSEWHERE, id="nothing"),
    ],
)
def test_a_guess_that_nothing_confirms_waits_for_a_clinician(
    registry: Registry, given: str, surname: str, home: Row
) -> None:
    registry.run(
        [
            born("asynja", "a", "Alice", "Andersson", number=SURE, **HOME),
            guess("e", given, surname, **home),
        ]
    )
    assert outcome(registry, "a", "e") == ("review", "century_uncertain")


@pytest.mark.parametrize("surname", ["Andersson", "Jönsson"])
def test_two_names_behind_a_guess_are_two_innocent_persons(
    registry: Registry, surname: str
) -> None:
    registry.run(
        [
            born("asynja", "a", "Alice", "Andersson", number=SURE),
            guess("e", "Birgitta", surname),
        ]
    )
    assert outcome(registry, "a", "e") == ("vetoed", "century_uncertain")
    assert registry.tables["held"] == []


def test_an_overlay_that_no_century_explains_is_still_held(registry: Registry) -> None:
    registry.run(
        [
            born("asynja", "a", "Alice", "Andersson", number=SURE),
            born("asynja", "b", "Alice", "Andersson", number=SURE),
            guess("e", "Fatima", "Noor", born="1955-03-08"),
        ]
    )
    assert outcome(registry, "a", "e") == ("vetoed", "overlay_suspect")
    assert [row["local_patient_id"] for row in registry.tables["held"]] == ["e"]


def test_a_childs_reserve_number_is_not_the_centenarians(registry: Registry) -> None:
    newborn = {"number": RESERVE, "number_issuer": "1.2", "street": "Ekgatan 1"}
    registry.run(
        [
            born("obstetrix", "o", "Flicka", "Andersson", **newborn),
            born("asynja", "a", "Alice", "Andersson", number=SURE, previous_number=RESERVE),
            guess("e", "Alice", "Andersson", previous_number=RESERVE[2:]),
            guess("old", "Ann-Christin", "Jönsson"),
            guess("reserve", "Nadia", "Jovanovic", number=RESERVE[2:], number_issuer="1.2"),
        ]
    )
    assert len({registry.person(i) for i in ("o", "a", "e")}) == 1
    assert len({registry.person(i) for i in ("o", "old", "reserve")}) == 3
    assert outcome(registry, "o", "reserve") == ("review", "century_uncertain")


@pytest.mark.parametrize("written", [OLDEST, f"{OLDEST[2:8]}+{OLDEST[8:]}"])
def test_a_centenarians_guess_joins_the_certain_century(registry: Registry, written: str) -> None:
    registry.run(
        [
            born("asynja", "a", "Birgitta", "Andersson", number=written, born=OLD),
            born("melior", "m", "Birgitta", "Andersson", number=OLDEST, born=OLD),
            born("asynja", "child", "Alice", "Andersson", number=SURE),
            guess("e", "Birgitta", "Andersson"),
            guess("c", "Alice", "Andersson"),
        ]
    )
    assert len({registry.person(i) for i in ("a", "m", "e")}) == 1
    assert registry.person("child") == registry.person("c") != registry.person("e")
    assert outcome(registry, "a", "e") == ("linked", None)
    assert registry.pair("a", "e")["method"] == "number"  # type: ignore[index]


def test_another_number_still_keeps_a_guess_apart(registry: Registry) -> None:
    other = number("20200909", 988)
    registry.run(
        [
            born("asynja", "a", "Alice", "Andersson", number=other, **HOME),
            guess("e", "Alice", "Andersson", **HOME),
        ]
    )
    assert outcome(registry, "a", "e") == ("vetoed", "two_valid_numbers")


def test_the_other_number_of_the_row_tells_the_century(registry: Registry) -> None:
    newborn = {"number": RESERVE, "number_issuer": "1.2"}
    registry.run(
        [
            born("obstetrix", "o", "Flicka", "Andersson", **newborn),
            guess("e", "Alice", "Andersson", previous_number=RESERVE),
        ]
    )
    assert outcome(registry, "o", "e") == ("linked", None)


def test_a_reserve_number_alone_does_not_outweigh_another_surname(registry: Registry) -> None:
    newborn = {"number": RESERVE, "number_issuer": "1.2"}
    registry.run(
        [
            born("obstetrix", "o", "Flicka", "Andersson", **newborn),
            guess("e", "Alice", "Ek", previous_number=RESERVE),
        ]
    )
    assert outcome(registry, "o", "e") == ("review", "reserve_number_twice")


def test_a_confirmed_guess_documents_a_change_as_any_other_row(registry: Registry) -> None:
    coordination = number("20200969", 238)
    registry.run(
        [
            born("asynja", "a", "Alice", "Andersson", number=coordination),
            born("melior", "m", "Alice", "Andersson", number=SURE),
            guess("e", "Alice", "Andersson", previous_number=coordination[2:]),
        ]
    )
    assert len({registry.person(i) for i in ("a", "m", "e")}) == 1


def test_no_third_identity_brings_two_names_behind_a_guess_together(registry: Registry) -> None:
    registry.run(
        [
            guess("old", "Birgitta", "Andersson", **HOME),
            guess("bridge", "Okänd", "Andersson", **HOME),
            born("asynja", "a", "Okänd", "Andersson", number=SURE, **HOME),
            born("melior", "m", "Alice", "Andersson", number=SURE, **ELSEWHERE),
        ]
    )
    assert registry.person("old") != registry.person("m")


def test_twins_with_a_given_name_in_common_are_not_one_child(registry: Registry) -> None:
    registry.run(
        [
            born("asynja", "a", "Sixten", "Berg", number=SURE, **HOME),
            born("asynja", "b", "Lucas Sixten", "Berg", **HOME),
        ]
    )
    assert outcome(registry, "a", "b") == ("review", "given_names")


def test_a_judgement_speaks_for_a_guess(registry: Registry) -> None:
    child = born("asynja", "a", "Alice", "Andersson", number=SURE)
    moved = guess("e", "Alice", "Ek")
    registry.judge(child, moved, "same")
    registry.run([child, moved, born("melior", "m", "Birgitta", "Ek", number=OLDEST, born=OLD)])
    assert registry.person("a") == registry.person("e") != registry.person("m")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_person_holds_two_names_that_only_a_guess_ties(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    rows: list[Row] = []
    for day in range(10, 22):
        sure = number(f"202003{day}", 984)
        for day_born, givens in (
            (f"2020-03-{day}", ("Alice", "Flicka")),
            (f"1920-03-{day}", ("Birgitta", "Okänd")),
        ):
            century, home = day_born[:2], draw.choice((HOME, ELSEWHERE))
            for source in draw.sample(("asynja", "elvis", "elvis", "melior"), 3):
                name = f"{source}-{day_born}-{len(rows)}"
                given = draw.choice((givens[0], *givens))
                surname = draw.choice(("Andersson", "Andersson", "Ek"))
                short = source == "elvis"
                rows.append(
                    born(
                        source,
                        name,
                        given,
                        surname,
                        number=sure[2:] if short else century + sure[2:],
                        born=f"2020-03-{day}" if short else day_born,
                        **home,
                    )
                )
    registry = Registry(tmp_path).run(rows)
    together: dict[str, set[str]] = {}
    for row in rows:
        names = together.setdefault(registry.person(row["local_patient_id"]), set())
        names.add(row["given_names"])
    assert not any({"Alice", "Birgitta"} <= names for names in together.values())
