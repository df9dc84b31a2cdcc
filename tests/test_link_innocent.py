"""Links where names or the century say too little, and the innocent other for whom each waits."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from linkage import HOME, Registry, Row, number, patient

CHILD = "2020-09-09"
SURE = number("20200909", 984)
SHORT, OLDEST = SURE[2:], "19" + SURE[2:]
RESERVE = "20200909K080"
NOW = datetime.datetime(2023, 6, 1)
HIDDEN: Row = {"protection": "skyddad_folkbokforing"}


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    yield Registry(tmp_path)


def known(source: str, local_id: str, given: str, surname: str, **more: Any) -> Row:
    day = more.pop("born", CHILD)
    return patient(source, local_id, given, surname, day, **{"recorded_at": NOW, **more})


def hidden(source: str, local_id: str, written: str, **more: Any) -> Row:
    """Somebody protected, whose name the source does not hold."""
    return known(source, local_id, "Skyddad", "Uppgift", number=written, **{**HIDDEN, **more})


def told(registry: Registry, left: str, right: str) -> tuple[str, str | None]:
    pair = registry.pair(left, right)
    assert pair is not None
    return pair["decision"], pair["rule"]


def test_protection_on_both_sides_settles_a_guess(registry: Registry) -> None:
    registry.run([hidden("asynja", "a", SURE), hidden("elvis", "e", SHORT)])
    assert told(registry, "a", "e") == ("linked", None)


@pytest.mark.parametrize(
    "certain",
    [
        pytest.param(hidden("asynja", "a", SURE, protection="none"), id="one is not protected"),
        pytest.param(hidden("asynja", "a", OLDEST, born="1920-09-09"), id="one is a centenarian"),
        pytest.param(hidden("asynja", "a", SURE) | {"surname": "Ek"}, id="two surnames"),
    ],
)
def test_a_protected_guess_waits_where_a_doubt_is_left(registry: Registry, certain: Row) -> None:
    registry.run([certain, hidden("elvis", "e", SHORT) | {"surname": "Noor"}])
    assert told(registry, "a", "e") == ("review", "century_uncertain")


def test_a_protected_guess_waits_where_a_centenarian_bears_the_number(registry: Registry) -> None:
    registry.run(
        [
            hidden("asynja", "child", SURE),
            known("melior", "old", "Birgitta", "Ek", number=OLDEST, born="1920-09-09"),
            hidden("elvis", "e", SHORT),
        ]
    )
    assert told(registry, "child", "e") == ("review", "century_uncertain")


def test_two_numbers_with_one_guess_settle_it(registry: Registry) -> None:
    both = {"previous_number": RESERVE}
    registry.run(
        [
            known("asynja", "a", "Okänd", "Okänd", number=SURE, **both),
            known("elvis", "e", "Okänd", "Okänd", number=SHORT, previous_number=RESERVE[2:]),
            known("melior", "m", "Okänd", "Okänd", number=SURE),
        ]
    )
    assert told(registry, "a", "e") == ("linked", None)
    assert registry.person("m") == registry.person("e")


@pytest.mark.parametrize(
    ("last", "deceased", "linked"),
    [
        pytest.param("2037-01-02", None, True, id="nobody lives to 116"),
        pytest.param("2034-01-02", None, False, id="a centenarian might"),
        pytest.param("2037-01-02", "2031-01-01", False, id="written down after the death"),
    ],
)
def test_care_at_an_impossible_age_settles_a_guess(
    registry: Registry, last: str, deceased: str | None, linked: bool
) -> None:
    day = datetime.date.fromisoformat
    registry.timeline.append(
        {
            "source": "elvis",
            "local_patient_id": "e",
            "what": "active",
            "from_on": day("2023-01-02"),
            "to_on": day(last),
        }
    )
    ended = {"deceased_date": day(deceased)} if deceased else {}
    registry.run(
        [
            known("asynja", "a", "Alice", "Andersson", number=SURE),
            known("elvis", "e", "Okänd", "Okänd", number=SHORT, **ended),
        ]
    )
    assert (told(registry, "a", "e") == ("linked", None)) is linked


@pytest.mark.parametrize(
    ("called", "expected"),
    [
        pytest.param("Klara", ("linked", None), id="marked as the name in daily use"),
        pytest.param(None, ("review", "given_names"), id="nothing marked: the first name is"),
        pytest.param("Elsa", ("review", "given_names"), id="called otherwise"),
    ],
)
def test_a_name_alone_is_whose_name_in_daily_use_it_is(
    registry: Registry, called: str | None, expected: tuple[str, str | None]
) -> None:
    registry.run(
        [
            known("melior", "m", "Elsa Klara", "Stenhag", called_name=called, **HOME),
            known("elvis", "e", "Klara", "Stenhag", number=SURE, **HOME),
        ]
    )
    assert told(registry, "m", "e") == expected


@pytest.mark.parametrize(
    ("surname", "home", "linked"),
    [
        pytest.param("Stenhag", HOME, True, id="same names, same door"),
        pytest.param("Stenhag", {"street": "Ekgatan 1"}, False, id="another door"),
        pytest.param("Lundblad", HOME, False, id="another surname"),
    ],
)
def test_a_day_a_hundred_years_off_is_one_in_one_home(
    registry: Registry, surname: str, home: Row, linked: bool
) -> None:
    old = number("19200909", 984)
    registry.run(
        [
            known("asynja", "a", "Rune Göran", "Stenhag", number=old, born="1920-09-09", **HOME),
            known("elvis", "e", "Rune Göran", surname, **home),
        ]
    )
    assert (registry.person("a") == registry.person("e")) is linked


@pytest.mark.parametrize(
    ("other", "linked"),
    [
        pytest.param("Alice", True, id="all that are named are named alike"),
        pytest.param("Ebba", False, id="two names: twins"),
    ],
)
def test_a_nameless_newborn_is_the_one_child_of_its_day_and_door(
    registry: Registry, other: str, linked: bool
) -> None:
    registry.run(
        [
            known(
                "obstetrix",
                "o",
                "Flicka",
                "Hagdal",
                number=RESERVE,
                number_issuer="1.2",
                mother_number=number("19820416", 238),
                **HOME,
            ),
            known("asynja", "a", "Alice", "Hagdal", **HOME),
            known("elvis", "e", other, "Hagdal", number=SURE, **HOME),
        ]
    )
    assert (registry.person("o") == registry.person("a")) is linked
