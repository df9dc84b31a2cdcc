"""What a register documents about numbers: one person, two, or nobody's."""

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from linkage import HOME, Registry, Row, number, patient

N1, COORDINATION = number("19900212", 981), number("19900272", 238)
TWO = [
    patient("a", "a1", "Sven", "Berg", "1990-02-12", number=COORDINATION),
    patient("a", "a2", "Sven", "Berg", "1990-02-12", number=N1),
]


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    yield Registry(tmp_path)


def register_link(kind: str, number: str, earlier: str | None = None) -> Row:
    more = {"source": "r", "row_key": f"{kind}{number}", "linked_on": datetime.date(2020, 1, 1)}
    return {**more, "link_kind": kind, "number": number, "earlier_number": earlier}


@pytest.mark.parametrize("kind", ["changed", "replaced", "same_holder", "identified"])
def test_what_a_register_documents_is_one_person(registry: Registry, kind: str) -> None:
    registry.register = [register_link(kind, f"{N1[:8]}-{N1[8:]}", COORDINATION)]
    registry.run(TWO)
    assert registry.person("a1") == registry.person("a2")
    pair = registry.pair("a1", "a2")
    assert pair is not None and (pair["method"], pair["decision"]) == ("documented", "linked")


def test_twins_whom_a_register_links_to_one_number_stay_two(registry: Registry) -> None:
    child = number("20231130", 238)
    newborn = {"number_issuer": "1.2", "mother_number": N1, **HOME}
    registry.register = [
        {**register_link("identified", child, "20231130M090"), "earlier_issuer": "1.2"},
        {**register_link("identified", child, "20231130M116"), "earlier_issuer": "1.2"},
    ]
    registry.register[1]["row_key"] = "2"
    numbers = {"o1": ("20231130M090", 1), "o2": ("20231130M116", 2)}
    registry.run(
        [
            patient("a", i, "Pojke", "Berg", "2023-11-30", number=n, birth_order=order, **newborn)
            for i, (n, order) in numbers.items()
        ]
    )
    assert registry.person("o1") != registry.person("o2")


def test_a_registers_link_whose_century_is_a_guess_says_nothing(registry: Registry) -> None:
    registry.register = [register_link("changed", number("20150212", 981)[2:], COORDINATION)]
    child = patient("a", "a2", "Sven", "Berg", "2015-02-12", number=number("20150212", 981))
    registry.run([TWO[0], child])
    assert registry.person("a1") != registry.person("a2")


def test_a_false_identitys_number_is_nobodys(registry: Registry) -> None:
    registry.register = [register_link("false", N1)]
    rows = [
        patient("a", "a1", "Sven", "Berg", "1990-02-12", number=N1, **HOME),
        patient("b", "b1", "Sven", "Berg", "1990-02-12", number=N1, **HOME),
    ]
    registry.run(rows)
    assert registry.person("a1") != registry.person("b1")
    held = [(r["local_patient_id"], r["rule"]) for r in registry.tables["held"]]
    assert held == [("a1", "false_identity"), ("b1", "false_identity")]
    registry.judge(rows[0], rows[1], "same")
    assert registry.run(rows).person("a1") == registry.person("b1")
    assert registry.tables["held"] == []
