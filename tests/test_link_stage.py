"""The link stage as a whole: who becomes one person, who never does, and what stays as it was."""

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from linkage import HOME, Registry, Row, number, patient

N1, N2, N3 = number("19900212", 981), number("19900212", 983), number("19550308", 981)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    yield Registry(tmp_path)


def test_one_number_is_one_person(registry: Registry) -> None:
    registry.run(
        [
            patient("a", "a1", "Anna Karin", "Berg", "1990-02-12", number=N1),
            patient("b", "b1", "Karin", "Ek", "1990-02-12", number=f"{N1[2:8]}-{N1[8:]}"),
        ]
    )
    assert registry.person("a1") == registry.person("b1")
    linked = registry.pair("a1", "b1")
    assert linked is not None and (linked["method"], linked["decision"]) == ("number", "linked")


def test_names_birthday_and_door_link_without_a_number(registry: Registry) -> None:
    registry.run(
        [
            patient("a", "a1", "Anna Karin", "Bergström", "1990-02-12", number=N1, **HOME),
            patient("b", "b1", "ANNA", "BERGSTROEM", "1990-02-12", **HOME),
        ]
    )
    assert registry.person("a1") == registry.person("b1")
    linked = registry.pair("a1", "b1")
    assert linked is not None and (linked["method"], linked["decision"]) == ("model", "linked")


@pytest.mark.parametrize(
    ("other", "rule"),
    [
        pytest.param({"given": "Erik"}, "twins", id="twins"),
        pytest.param({"number": N2}, "two_valid_numbers", id="two numbers"),
        pytest.param({"born": "1960-05-01"}, None, id="parent and child of one name"),
        pytest.param({"sex": "female"}, "sex_contradiction", id="sex"),
        pytest.param({"given": "Okänd"}, None, id="placeholder"),
    ],
)
def test_never_linked_by_the_model(registry: Registry, other: Row, rule: str | None) -> None:
    left = patient("a", "a1", "Sven", "Berg", "1990-02-12", number=N1, **HOME, sex="male")
    given, born = other.pop("given", "Sven"), other.pop("born", "1990-02-12")
    right = patient("b", "b1", given, "Berg", born, **{**HOME, "sex": "male", **other})
    registry.run([left, right])
    assert registry.person("a1") != registry.person("b1")
    pair = registry.pair("a1", "b1")
    assert rule is None or (
        pair is not None and (pair["decision"], pair["rule"]) == ("vetoed", rule)
    )


def test_a_documented_change_links_and_lifts_the_veto(registry: Registry) -> None:
    coordination = number("19900272", 238)
    registry.run(
        [
            patient("a", "a1", "Sven", "Berg", "1990-02-12", number=coordination),
            patient(
                "b", "b1", "Sven", "Berg", "1990-02-12", number=N1, previous_number=coordination
            ),
            patient("c", "c1", "Sven", "Berg", "1990-02-12", number=N1),
        ]
    )
    assert len({registry.person(i) for i in ("a1", "b1", "c1")}) == 1
    methods = {r["local_patient_id"]: r["method"] for r in registry.tables["identity"]}
    assert methods == {"a1": "founder", "b1": "documented", "c1": "number"} or methods["c1"] == (
        "number"
    )


def test_a_reserve_number_counts_within_its_issuer(registry: Registry) -> None:
    reserve = "19810829M071"
    born = "1981-08-29"
    registry.run(
        [
            patient("a", "a1", "Okänd", "Okänd", born, number=reserve, number_issuer="1.2"),
            patient("b", "b1", "Okänd", "Okänd", born, number=reserve, number_issuer="1.3"),
            patient("c", "c1", "Okänd", "Okänd", born, number=reserve, number_issuer="1.2"),
        ]
    )
    assert registry.person("a1") == registry.person("c1") != registry.person("b1")


def test_an_overlay_is_held_as_its_own_person(registry: Registry) -> None:
    registry.run(
        [
            patient("a", "a1", "Sven", "Berg", "1990-02-12", number=N1),
            patient("b", "b1", "Fatima", "Noor", "1955-03-08", number=N1),
        ]
    )
    assert registry.person("a1") != registry.person("b1")
    pair = registry.pair("a1", "b1")
    assert pair is not None and (pair["decision"], pair["rule"]) == ("vetoed", "overlay_suspect")
    assert [(r["local_patient_id"], r["rule"]) for r in registry.tables["held"]] == [
        ("b1", "overlay_suspect")
    ]


def test_judgements_override_and_can_be_withdrawn(registry: Registry) -> None:
    left = patient("a", "a1", "Sven", "Berg", "1990-02-12", number=N1)
    right = patient("b", "b1", "Sven", "Berg", "1990-02-12", number=N2)
    registry.judge(right, left, "same")
    assert registry.run([left, right], cutover=False).person("a1") == registry.person("b1")
    registry.judge(left, right, "withdrawn")
    assert registry.run([left, right], cutover=False).person("a1") != registry.person("b1")


def test_a_judgement_splits_what_the_registry_joined(registry: Registry) -> None:
    left = patient("a", "a1", "Sven", "Berg", "1990-02-12", number=N1)
    right = patient("b", "b1", "Sven", "Berg", "1990-02-12", number=N1)
    before = registry.run([left, right]).person("a1")
    registry.judge(left, right, "different")
    registry.run([left, right])
    assert registry.person("a1") == before != registry.person("b1")
    assert [r["event"] for r in registry.tables["registry_event"]] == ["split"]


COORDINATION = number("19900272", 238)
#: Two persons of the first wave, and a row of the second that documents them to be one.
TWO = [
    patient("a", "a1", "Sven", "Berg", "1990-02-12", number=COORDINATION),
    patient("a", "a2", "Sven", "Berg", "1990-02-12", number=N1),
]
BRIDGE = patient("b", "b1", "Sven", "Berg", "1990-02-12", number=N1, previous_number=COORDINATION)


def test_a_bridge_between_known_persons_is_a_proposal(registry: Registry) -> None:
    registry.run(TWO)
    ids = registry.person("a1"), registry.person("a2")
    registry.run([*TWO, BRIDGE])
    assert (registry.person("a1"), registry.person("a2")) == ids
    # the new identity goes where its own number is
    assert registry.person("b1") == ids[1]
    asked = [p for p in registry.tables["pair"] if p["decision"] == "review"]
    assert [(p["method"], p["rule"]) for p in asked] == [("documented", "bridge")]
    assert [e["event"] for e in registry.tables["registry_event"]] == ["joined"]


def test_where_a_wave_lets_bridges_act_persons_merge_into_the_elder(tmp_path: Path) -> None:
    registry = Registry(tmp_path, bridges="act")
    registry.run(TWO)
    elder, younger = registry.person("a1"), registry.person("a2")
    assert elder != younger
    registry.run([*TWO, BRIDGE])
    assert {registry.person(i) for i in ("a1", "a2", "b1")} == {elder}
    events = {r["local_patient_id"]: r for r in registry.tables["registry_event"]}
    assert events["a2"]["event"] == "merged" and events["a2"]["earlier_person_id"] == younger
    assert events["b1"]["event"] == "joined"
    since = {r["local_patient_id"]: r["since"] for r in registry.tables["identity"]}
    assert since == {"a1": "wave-1", "a2": "wave-2", "b1": "wave-2"}


def test_a_new_identity_between_two_known_persons_stays_alone_when_both_are_as_near(
    registry: Registry,
) -> None:
    newer = number("19900272", 246)
    first = [*TWO[:1], patient("a", "a2", "Sven", "Berg", "1990-02-12", number=newer)]
    registry.run(first)
    links = {"link_kind": "same_holder", "linked_on": datetime.date(2020, 1, 1), "source": "r"}
    registry.register = [
        {**links, "row_key": "1", "number": N1, "earlier_number": COORDINATION},
        {**links, "row_key": "2", "number": N1, "earlier_number": newer},
    ]
    registry.run([*first, patient("b", "b1", "Sven", "Berg", "1990-02-12", number=N1)])
    assert len({registry.person(i) for i in ("a1", "a2", "b1")}) == 3
    asked = [p for p in registry.tables["pair"] if p["decision"] == "review"]
    assert {p["rule"] for p in asked} == {"bridge"}


@pytest.mark.parametrize("back", ["withdrawn", "different"])
def test_unmerge_after_merge_restores_the_state(registry: Registry, back: str) -> None:
    rows = [*TWO, patient("a", "a3", "Sven", "Berg", "1990-02-12", number=N1)]
    before = {r["local_patient_id"]: r["person_id"] for r in registry.run(rows).tables["identity"]}
    assert len(set(before.values())) == 2
    registry.judge(TWO[0], TWO[1], "same")
    assert len({r["person_id"] for r in registry.run(rows).tables["identity"]}) == 1
    assert registry.run(rows).tables["registry_event"] == []
    registry.judge(TWO[1], TWO[0], back)
    registry.run(rows)
    assert {r["local_patient_id"]: r["person_id"] for r in registry.tables["identity"]} == before
    assert {e["event"] for e in registry.tables["registry_event"]} == {"split"}
    assert registry.run(rows).tables["registry_event"] == []


def test_a_merge_that_a_number_made_is_unmade_by_a_judgement(tmp_path: Path) -> None:
    registry = Registry(tmp_path, bridges="act")
    registry.run(TWO)
    before = registry.person("a1"), registry.person("a2")
    registry.run([*TWO, BRIDGE])
    assert registry.person("a1") == registry.person("a2")
    registry.judge(TWO[0], TWO[1], "different")
    registry.run([*TWO, BRIDGE])
    assert (registry.person("a1"), registry.person("a2")) == before


@pytest.mark.parametrize("status", ["false", "fictitious", "anonymous"])
def test_no_likeness_links_an_identity_that_is_none(registry: Registry, status: str) -> None:
    registry.run(
        [
            patient("a", "a1", "Sven", "Berg", "1990-02-12", number=N1, **HOME),
            patient("b", "b1", "Sven", "Berg", "1990-02-12", identity_status=status, **HOME),
        ]
    )
    assert registry.person("a1") != registry.person("b1")
    pair = registry.pair("a1", "b1")
    assert pair is None or (pair["decision"], pair["rule"]) == ("vetoed", "unlinkable")


def test_a_run_with_nothing_new_tells_no_event(registry: Registry) -> None:
    rows = [
        patient("a", "a1", "Sven", "Berg", "1990-02-12", number=N1, **HOME),
        patient("b", "b1", "Sven", "Berg", "1990-02-12", **HOME),
        patient("b", "b2", "Erik", "Berg", "1990-02-12", **HOME),
    ]
    first = registry.run(rows).tables["identity"]
    assert registry.run(rows).tables["registry_event"] == []
    assert registry.tables["identity"] == first


def test_a_newborn_is_known_by_mother_day_order_and_sex(registry: Registry) -> None:
    def child(source: str, local_id: str, given: str, order: int) -> Row:
        more = {"mother_number": N3, "birth_order": order, "sex": "male"}
        return patient(source, local_id, given, "Berg", "2019-12-24", **more)

    registry.run(
        [
            child("a", "a1", "Pojke 1", 1),
            child("a", "a2", "Pojke 2", 2),
            child("b", "b1", "Hugo", 1),
            child("b", "b2", "Axel", 2),
        ]
    )
    assert registry.person("a1") == registry.person("b1") != registry.person("a2")
    assert registry.person("a2") == registry.person("b2")


def test_newborns_without_order_are_known_when_there_is_no_twin(registry: Registry) -> None:
    def child(source: str, local_id: str, given: str, born: str) -> Row:
        return patient(source, local_id, given, "Berg", born, mother_number=N3, sex="male")

    registry.run(
        [
            child("a", "a1", "Pojke", "2019-12-24"),
            child("b", "b1", "Hugo", "2019-12-24"),
            child("a", "a2", "Pojke", "2021-05-01"),
            child("a", "a3", "Pojke", "2021-05-01"),
            child("b", "b2", "Axel", "2021-05-01"),
        ]
    )
    assert registry.person("a1") == registry.person("b1")
    assert len({registry.person(i) for i in ("a2", "a3", "b2")}) == 3


def test_two_reserve_numbers_of_one_birth_are_two_children(registry: Registry) -> None:
    def child(source: str, reserve: str) -> Row:
        more = {"number": reserve, "number_issuer": "1.2", "mother_number": N3, "birth_order": 1}
        return patient(source, f"{source}1", "Pojke", "Berg", "1981-08-29", **more, sex="male")

    registry.run([child("a", "19810829M071"), child("b", "19810829M097")])
    assert registry.person("a1") != registry.person("b1")


def test_a_single_patient_is_a_person(registry: Registry) -> None:
    registry.run([patient("a", "a1", "Sven", "Berg", "1990-02-12")])
    assert len(registry.tables["identity"]) == 1 and registry.tables["pair"] == []


def lived(local_id: str, what: str, begin: str, end: str | None = None, place: str = "") -> Row:
    return {
        "source": local_id[0],
        "local_patient_id": local_id,
        "what": what,
        "from_on": datetime.date.fromisoformat(begin),
        "to_on": datetime.date.fromisoformat(end or begin),
        "place": place or None,
    }


DEAD = {"deceased_date": datetime.date(2015, 6, 1)}
ODD_LIVES = {
    "timeline_two_stays": (
        [
            lived("a1", "stay", "2018-03-01", "2018-03-20", "ward 1"),
            lived("b1", "stay", "2018-03-05", "2018-03-18", "ward 2"),
        ],
        {},
    ),
    "timeline_after_death": ([lived("b1", "active", "2014-01-01", "2015-09-01")], DEAD),
    "timeline_two_deliveries": (
        [lived("a1", "delivery", "2018-03-01"), lived("b1", "delivery", "2018-06-01")],
        {},
    ),
    "timeline_findings": (
        [lived("a1", "female", "2018-03-01"), lived("b1", "male", "2018-06-01")],
        {},
    ),
}


@pytest.mark.parametrize("rule", ODD_LIVES)
def test_a_life_that_cannot_be_one_persons_holds_the_merge(registry: Registry, rule: str) -> None:
    registry.timeline, more = ODD_LIVES[rule]
    registry.run(
        [
            patient("a", "a1", "Kim", "Berg", "1990-02-12", number=N1, **HOME, **more),
            patient("b", "b1", "Kim", "Berg", "1990-02-12", **HOME),
        ]
    )
    assert registry.person("a1") != registry.person("b1")
    pair = registry.pair("a1", "b1")
    assert pair is not None and (pair["decision"], pair["rule"]) == ("review", rule)


@pytest.mark.parametrize(
    ("last", "together"),
    [
        pytest.param("2015-12-01", True, id="late results"),
        pytest.param("2019-12-01", False, id="years of care"),
    ],
)
def test_one_number_and_name_bear_late_results_after_death(
    registry: Registry, last: str, together: bool
) -> None:
    registry.timeline = [lived("b1", "active", "2014-01-01", last)]
    registry.run(
        [
            patient("a", "a1", "Kim", "Berg", "1990-02-12", number=N1, **DEAD),
            patient("b", "b1", "Kim", "Berg", "1990-02-12", number=N1),
        ]
    )
    assert (registry.person("a1") == registry.person("b1")) is together
    pair = registry.pair("a1", "b1")
    assert pair is not None
    assert (pair["decision"], pair["rule"]) == (
        ("linked", None) if together else ("review", "timeline_after_death")
    )


@pytest.mark.parametrize("claimed", [False, True])
def test_a_reserve_number_given_twice_is_two_newborns(registry: Registry, claimed: bool) -> None:
    def newborn(local_id: str, surname: str, mother: str) -> Row:
        more = {"number": "19810829M071", "number_issuer": "1.2", "mother_number": mother}
        return patient("a", local_id, "Pojke", surname, "1981-08-29", **more)

    rows = [newborn("a1", "Berg", N1), newborn("a2", "Lind", N3)]
    for place, name in enumerate(("Hugo", "Axel") if claimed else ()):
        own = number("19810829", 981 + 2 * place)
        more = {"number": own, "previous_number": "19810829M071"}
        rows.append(patient("b", f"b{place}", name, "Ek", "1981-08-29", **more))
    registry.run(rows)
    persons = [registry.person(row["local_patient_id"]) for row in rows]
    assert len(set(persons)) == len(rows)
    assert registry.pair("a1", "a2")["rule"] == "reserve_number_twice"  # type: ignore[index]
