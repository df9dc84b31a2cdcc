"""Laws of the link stage over made-up populations: order, threads, waves, vetoes, completeness."""

import random
from pathlib import Path

import pytest
from linkage import Registry, Row, number, patient

pytestmark = pytest.mark.slow

GIVEN = ("Anna", "Erik", "Karin Maria", "Sven", "Maria", "Lars Erik", "Okänd")
SURNAMES = ("Berg", "Ek", "Andersson", "Nilsson Ek")
BORN = ("1990-01-01", "1955-03-08", "1990-02-12", "2019-12-24")


def population(seed: int, persons: int = 40) -> list[Row]:
    """Households full of twins and namesakes, each person known one to three times, with slips."""
    draw = random.Random(seed)
    rows: list[Row] = []
    for person in range(persons):
        given, surname, born = draw.choice(GIVEN), draw.choice(SURNAMES), draw.choice(BORN)
        own = number(born.replace("-", ""), 900 + person % 90)
        earlier = number(f"{born[:4]}{born[5:7]}{int(born[8:]) + 60}", 100 + person)
        street = f"Storgatan {draw.randrange(6)}"
        for source in draw.sample("abc", draw.randrange(1, 4)):
            carried = draw.choice((own, own, own, earlier, None))
            rows.append(
                patient(
                    source,
                    f"{source}{person}",
                    draw.choice((given, given, given.split()[0], draw.choice(GIVEN))),
                    surname,
                    born,
                    number=carried,
                    previous_number=earlier if carried == own and draw.random() < 0.3 else None,
                    street=street,
                    postal_code="41101",
                    sex=draw.choice(("unknown", "female", "male")),
                )
            )
    return rows


def partition(registry: Registry) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for row in registry.tables["identity"]:
        groups.setdefault(row["person_id"], set()).add(row["local_patient_id"])
    return {frozenset(group) for group in groups.values()}


@pytest.mark.parametrize("seed", [1, 2])
def test_order_of_rows_and_threads_change_nothing(tmp_path: Path, seed: int) -> None:
    rows = population(seed)
    one = Registry(tmp_path / "one").run(rows, threads=1).tables
    shuffled = random.Random(seed).sample(rows, len(rows))
    other = Registry(tmp_path / "other").run(shuffled, threads=2).tables
    assert one == other


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_laws_hold_over_waves(tmp_path: Path, seed: int) -> None:
    rows = population(seed)
    registry = Registry(tmp_path)
    first = [row for row in rows if row["source"] == "a"]
    registry.run(first)
    before = partition(registry)
    ids = {row["local_patient_id"]: row["person_id"] for row in registry.tables["identity"]}

    registry.run(rows)
    after = partition(registry)
    # every identity once
    assert sorted(i for group in after for i in group) == sorted(
        r["local_patient_id"] for r in rows
    )
    # nobody vetoed is together
    together = {frozenset((a, b)) for group in after for a in group for b in group if a != b}
    for pair in registry.tables["pair"]:
        names = frozenset((pair["local_patient_id_l"], pair["local_patient_id_r"]))
        assert (pair["decision"] == "linked") == (names in together)
    # known persons stay whole, and an id that changes is told
    assert all(any(group <= later for later in after) for group in before)
    told = {row["local_patient_id"] for row in registry.tables["registry_event"]}
    now = {row["local_patient_id"]: row["person_id"] for row in registry.tables["identity"]}
    assert {i for i, person in ids.items() if now[i] != person} == told & set(ids)
    # the events' fold is the state
    assert fold(registry) == now

    identities = registry.tables["identity"]
    assert registry.run(rows).tables["registry_event"] == []
    assert registry.tables["identity"] == identities


@pytest.mark.parametrize("seed", [3, 7])
def test_what_waves_leave_apart_and_all_at_once_joins_is_proposed(
    tmp_path: Path, seed: int
) -> None:
    rows = population(seed)
    waves = Registry(tmp_path / "waves")
    for sources in ("a", "ab", "abc"):
        waves.run([row for row in rows if row["source"] in sources])
    whole = partition(Registry(tmp_path / "whole").run(rows))
    person = {row["local_patient_id"]: row["person_id"] for row in waves.tables["identity"]}
    asked = {
        frozenset((person[p["local_patient_id_l"]], person[p["local_patient_id_r"]]))
        for p in waves.tables["pair"]
        if p["decision"] == "review"
    }
    for group in whole:
        assert connected({person[i] for i in group}, asked), sorted(group)


def connected(persons: set[str], asked: set[frozenset[str]]) -> bool:
    reached = {min(persons)}
    while more := {p for q in asked if q & reached for p in q} - reached:
        reached |= more
    return persons <= reached


@pytest.mark.parametrize("seed", [8, 9])
def test_judgements_always_hold_and_come_undone_as_they_were(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    rows = population(seed)
    registry = Registry(tmp_path)
    registry.run(rows)
    before = {row["local_patient_id"]: row["person_id"] for row in registry.tables["identity"]}
    same = [draw.sample(rows, 2) for _ in range(4)]
    for left, right in same:
        registry.judge(left, right, "same")
    registry.run(rows)
    for left, right in same:
        assert registry.person(left["local_patient_id"]) == registry.person(
            right["local_patient_id"]
        )
    for left, right in same:
        registry.judge(right, left, "withdrawn")
    registry.run(rows)
    after = {row["local_patient_id"]: row["person_id"] for row in registry.tables["identity"]}
    assert after == before


def fold(registry: Registry) -> dict[str, str]:
    return {e["local_patient_id"]: e["person_id"] for events in registry.events for e in events}


def test_two_valid_numbers_never_meet_in_a_person(tmp_path: Path) -> None:
    rows = [row for row in population(6, persons=60) if row["previous_number"] is None]
    registry = Registry(tmp_path).run(rows)
    numbers = {row["local_patient_id"]: row["number"] for row in rows}
    for group in partition(registry):
        assert len({numbers[i] for i in group} - {None}) <= 1


def test_a_population_without_a_single_name(tmp_path: Path) -> None:
    rows = [patient("a", f"a{i}", "Okänd", "Okänd", "1900-01-01") for i in range(30)]
    registry = Registry(tmp_path).run(rows)
    assert len(partition(registry)) == 30 and registry.tables["pair"] == []
