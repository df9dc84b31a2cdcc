"""A block covers what its unit wrote, whoever tells it; a fact is as closed as the closest of its
rows, and each row keeps its own word.
"""

import datetime
from pathlib import Path
from typing import Any

import pytest
from canonical_rows import Case, Row
from hypothesis import given, settings
from hypothesis import strategies as st

A, B, NEW = "SE-A", "SE-B", "SE-NEW"
ASKED = datetime.datetime(2015, 5, 1, 9)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def block(case: Case, source: str = "melior", **said: Any) -> Row:
    usual = {"block_type": "inner", "blocked_care_unit": A, "care_unit": A}
    return case.add("access_block", source, **{**usual, **said})


def note(case: Case, source: str = "melior", unit: str | None = A, **said: Any) -> Row:
    usual = {"diagnosed_on": ASKED.date(), "recorded_at": ASKED, "local_text": "Gikt"}
    return case.add("condition", source, **{**usual, "care_unit": unit, **said})


def moved(case: Case, *units: str, equivalence: str = "wider") -> None:
    for n, unit in enumerate(units):
        said = f"care-unit:{unit}"
        case.map(f"unit-{n}", said, f"record-unit:{NEW}", equivalence=equivalence)


@pytest.mark.parametrize(
    ("said", "covered"),
    [
        ({}, True),
        ({"blocked_care_unit": B}, False),
        ({"status": "obsolete"}, False),
        ({"status": "unknown"}, True),
        ({"information_from": datetime.date(2015, 5, 2)}, False),
        ({"information_to": datetime.date(2015, 4, 30)}, False),
        ({"information_from": ASKED.date(), "information_to": ASKED.date()}, True),
        ({"exempt": "lak upp"}, True),
        ({"blocked_care_unit": None, "blocked_care_giver": "G"}, True),
        ({"blocked_care_unit": None, "blocked_care_giver": "H"}, False),
        ({"blocked_care_unit": None}, True),
    ],
)
def test_a_block_covers_its_units_rows_of_its_days(
    case: Case, said: dict[str, Any], covered: bool
) -> None:
    block(case, **said)
    note(case, care_giver="G")
    note(case, patient="q")
    record = case.run()
    own, other = sorted(record["condition"], key=lambda fact: fact["person_id"])
    assert own["blocked"] == ("inner" if covered else None)
    assert other["blocked"] is None


def test_a_block_leaves_open_what_it_exempts(case: Case) -> None:
    block(case, exempt="upp")
    case.add("alert", care_unit=A, local_text="Nötter")
    note(case)
    record = case.run()
    assert record.one("alert")["blocked"] is None
    assert record.one("condition")["blocked"] == "inner"


def test_who_names_no_unit_may_be_the_blocked_one_of_its_source(case: Case) -> None:
    block(case)
    note(case, unit=None)
    note(case, "asynja", unit=None, local_text="Ont i ryggen")
    assert {f["source"]: f["blocked"] for f in case.run()["condition"]} == {
        "melior": "inner",
        "asynja": None,
    }


def test_a_fact_told_by_a_blocked_and_an_open_unit_is_blocked_and_each_row_says_which(
    case: Case,
) -> None:
    asked = block(case)
    note(case)
    note(case, "asynja", unit=B)
    record = case.run()
    (fact,) = record["condition"]
    assert fact["blocked"] == "inner"
    assert fact["blocked_by"] == record.one("access_block")["fact_id"]
    rows = {r["care_unit"]: r["blocked"] for r in record["lineage"] if r["kind"] == "condition"}
    assert rows == {A: "inner", B: None}
    assert asked["block_type"] == "inner"


def test_blocks_of_two_kinds_both_stand(case: Case) -> None:
    block(case)
    block(case, block_type="outer", blocked_care_unit=B)
    note(case)
    note(case, "asynja", unit=B)
    assert case.run().one("condition")["blocked"] == "inner outer"


def test_a_block_follows_its_unit_through_the_map(case: Case) -> None:
    moved(case, A, B)
    block(case, "asynja", blocked_care_unit=B)
    note(case)
    record = case.run()
    fact = record.one("condition")
    assert (fact["care_unit"], fact["record_unit"], fact["blocked"]) == (A, NEW, "inner")
    assert record.one("access_block")["blocked_record_unit"] == NEW
    (row,) = (r for r in record["lineage"] if r["kind"] == "condition")
    assert (row["care_unit"], row["record_unit"]) == (A, NEW)


def test_a_map_that_is_only_near_moves_no_unit(case: Case) -> None:
    moved(case, A, equivalence="inexact")
    note(case)
    record = case.run()
    assert record.one("condition")["record_unit"] is None
    (use,) = (row for row in record["code_use"] if row["kind"] == "care_unit")
    assert (use["local_code"], use["occurrences"], use["code"]) == (A, 1, None)


def test_one_contact_told_under_a_units_two_ids_is_one(case: Case) -> None:
    moved(case, A, B)
    for source, unit in (("melior", A), ("asynja", B)):
        case.add("care_contact", source, care_unit=unit, starts_at=ASKED)
    assert case.run().roles("care_contact") == {"loaded": 1, "consolidated": 1}


def test_a_block_is_taken_whatever_units_the_wave_takes(case: Case) -> None:
    case.scope = {"melior": (A,)}
    block(case, care_unit=B)
    note(case)
    record = case.run()
    assert record.one("condition")["blocked"] == "inner"
    assert record["excluded"] == []


def test_a_medicine_seen_as_one_is_as_closed_as_its_closest_order(case: Case) -> None:
    block(case)
    for unit in (A, B):
        case.add(
            "medication", care_unit=unit, local_text="Alvedon", order_id=unit, dose_text=f"1 {unit}"
        )
    record = case.run()
    assert record.one("medication_group")["blocked"] == "inner"
    assert {f["care_unit"]: f["blocked"] for f in record["medication"]} == {A: "inner", B: None}


_UNITS = st.sampled_from([A, B, None])
_ROWS = st.lists(
    st.tuples(st.sampled_from(["melior", "asynja"]), _UNITS, st.sampled_from(["Gikt", "Astma"])),
    min_size=1,
    max_size=6,
)
_ASKED = st.lists(st.tuples(st.sampled_from(["inner", "outer"]), _UNITS), max_size=3)


@settings(max_examples=8, deadline=None)
@given(rows=_ROWS, asked=_ASKED, seed=st.integers(0, 9))
def test_no_fact_is_more_open_than_any_of_its_rows(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str | None, str]],
    asked: list[tuple[str, str | None]],
    seed: int,
) -> None:
    case = Case(tmp_path_factory.mktemp("access"))
    for kind, unit in asked:
        block(case, block_type=kind, blocked_care_unit=unit)
    for source, unit, text in rows:
        note(case, source, unit, local_text=text)
    record = case.run(seed=seed)
    facts = {f["fact_id"]: set((f["blocked"] or "").split()) for f in record["condition"]}
    behind: dict[str, set[str]] = {}
    for line in record["lineage"]:
        if line["kind"] == "condition":
            closed = set((line["blocked"] or "").split())
            behind.setdefault(line["fact_id"], set()).update(closed)
    assert facts == behind
    assert sum(record.roles("condition").values()) == len(rows)
    for kind, unit in asked:
        for line in record["lineage"]:
            if line["kind"] == "condition" and unit and line["care_unit"] == unit:
                assert kind in (line["blocked"] or "")
