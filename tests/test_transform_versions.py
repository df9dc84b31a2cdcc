"""A correction stands beside what it corrects, linked to it; of a document's versions none is lost
and none is shown as valid that is not.
"""

import datetime
from pathlib import Path
from typing import Any

import pytest
from canonical_rows import Case, Record, Row
from hypothesis import given, settings
from hypothesis import strategies as st

TAKEN = datetime.datetime(2020, 3, 1, 8)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def result(case: Case, number: str | None, value: str, source: str = "melior", **said: Any) -> Row:
    usual = {"local_text": "Kalium", "observed_at": TAKEN, "value_text": value}
    return case.add("observation", source, **{**usual, "result_id": number, **said})


def note(case: Case, version: int | None, body: str, **said: Any) -> Row:
    usual = {"document_id": "7", "written_at": TAKEN, "signed": True}
    return case.add("document", **{**usual, "version": version, "body": body, **said})


def rules(record: Record) -> list[str]:
    return sorted(row["rule"] for row in record["conflict"])


def by_number(record: Record) -> dict[str, Row]:
    return {fact["result_id"]: fact for fact in record["observation"]}


def test_a_correction_is_linked_to_what_it_corrects_and_is_no_conflict(case: Case) -> None:
    result(case, "1", "7,1")
    result(case, "2", "4,1", corrects="1", result_status="corrected")
    result(case, "3", "4,2", corrects="2", result_status="corrected")
    record = case.run()
    found = by_number(record)
    assert [found[n]["value_text"] for n in "123"] == ["7,1", "4,1", "4,2"]
    assert [found[n]["replaces"] for n in "123"] == [
        None, found["1"]["fact_id"], found["2"]["fact_id"],
    ]  # fmt: skip
    assert [found[n]["replaced_by"] for n in "123"] == [
        found["2"]["fact_id"], found["3"]["fact_id"], None,
    ]  # fmt: skip
    assert rules(record) == []


def test_a_correction_that_says_the_same_is_a_version_of_its_own(case: Case) -> None:
    result(case, "1", "7,1")
    result(case, "1", "7,1")
    result(case, "2", "7,1", corrects="1")
    record = case.run()
    assert record.roles("observation") == {"loaded": 2, "consolidated": 1}
    assert by_number(record)["1"]["replaced_by"] == by_number(record)["2"]["fact_id"]


def test_a_correction_of_nothing_and_two_of_one_are_told(case: Case) -> None:
    result(case, "1", "7,1")
    result(case, "2", "4,1", corrects="1")
    result(case, "3", "4,2", corrects="1")
    result(case, "9", "5", corrects="8", local_text="Natrium")
    assert rules(case.run()) == [
        "observation_corrected_twice",
        "observation_correction_of_nothing",
    ]


def test_another_persons_result_is_not_what_is_corrected(case: Case) -> None:
    result(case, "1", "7,1", patient="q")
    result(case, "2", "4,1", corrects="1")
    record = case.run()
    assert rules(record) == ["observation_correction_of_nothing"]
    assert {f["replaces"] for f in record["observation"]} == {None}


def test_one_specimen_told_twice_folds_and_two_specimens_never_disagree(case: Case) -> None:
    result(case, "1", "7,1", specimen_id="L1")
    result(case, None, "7,1", "asynja", specimen_id="L1")
    result(case, "3", "4,1", specimen_id="L2")
    record = case.run()
    assert record.roles("observation") == {"loaded": 2, "consolidated": 1}
    assert rules(record) == []


def test_another_systems_other_value_is_still_a_conflict(case: Case) -> None:
    result(case, "1", "7,1")
    result(case, "2", "4,1", corrects="1")
    result(case, None, "9", "asynja")
    assert rules(case.run()) == ["observation_value_text_differs"]


@pytest.mark.parametrize(
    ("last", "standings"),
    [
        ({}, ["replaced", "valid"]),
        ({"signed": False}, ["valid", "unsigned"]),
        ({"signed": None}, ["valid", "unsigned"]),
        ({"status": "nullified"}, ["valid", "nullified"]),
    ],
)
def test_the_last_version_that_is_signed_and_stands_is_valid(
    case: Case, last: dict[str, Any], standings: list[str]
) -> None:
    note(case, 1, "Höger sida.")
    note(case, 2, "Vänster sida.", **last)
    record = case.run()
    first, second = sorted(record["document"], key=lambda fact: fact["version"])
    assert [first["standing"], second["standing"]] == standings
    assert (second["replaces"], first["replaced_by"]) == (first["fact_id"], second["fact_id"])
    assert {f["body"] for f in record["document"]} == {"Höger sida.", "Vänster sida."}
    assert rules(record) == []


def test_a_missing_version_and_one_told_twice_are_told(case: Case) -> None:
    note(case, 1, "A")
    note(case, 3, "B")
    note(case, 3, "C")
    assert rules(case.run()) == [
        "document_version_missing",
        "document_version_missing",
        "document_version_twice",
    ]


def test_a_note_written_down_twice_in_one_version_is_one(case: Case) -> None:
    note(case, 1, "A")
    note(case, 1, "A", document_id="8")
    assert case.run().roles("document") == {"loaded": 1, "consolidated": 1}


def test_dissent_stays_with_its_note_and_folds_it_with_no_other(case: Case) -> None:
    note(case, None, "A", dissent="Stämmer inte.")
    note(case, None, "A", document_id="8")
    record = case.run()
    assert [f["dissent"] for f in sorted(record["document"], key=lambda f: f["document_id"])] == [
        "Stämmer inte.", None,
    ]  # fmt: skip


_RESULTS = st.lists(
    st.tuples(
        st.sampled_from("123"), st.sampled_from([None, "1", "2", "4"]), st.sampled_from(["5", "6"])
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=8, deadline=None)
@given(told=_RESULTS, seed=st.integers(0, 9))
def test_no_version_folds_with_another_of_its_chain_and_no_row_is_lost(
    tmp_path_factory: pytest.TempPathFactory,
    told: list[tuple[str, str | None, str]],
    seed: int,
) -> None:
    case = Case(tmp_path_factory.mktemp("versions"))
    rows = {}
    for number, corrects, value in told:
        row = result(case, number, value, corrects=corrects)
        rows[row["row_key"]] = row
    record = case.run(seed=seed)
    behind: dict[str, list[Row]] = {}
    for line in record["lineage"]:
        if line["kind"] == "observation":
            behind.setdefault(line["fact_id"], []).append(rows[line["row_key"]])
    assert sorted(r["row_key"] for group in behind.values() for r in group) == sorted(rows)
    linked = {n for n, c, _ in told if c} | {c for _, c, _ in told if c}
    for group in behind.values():
        assert len({r["value_text"] for r in group}) == 1
        versions = {r["result_id"] for r in group}
        assert len(versions & linked) <= 1
    assert record["observation"] == case.run(seed=seed + 1)["observation"]
