"""Warnings of one group are seen together, and the worst of them shows."""

from pathlib import Path
from typing import Any

import pytest
from canonical_rows import Case

from transform.alerts import substance_groups

PENICILLIN: dict[str, Any] = {"local_system": "atc", "local_code": "J01CE02"}
AMOXICILLIN: dict[str, Any] = {"local_system": "atc", "local_code": "J01CA04"}
IBUPROFEN: dict[str, Any] = {"local_system": "atc", "local_code": "M01AE01"}


@pytest.fixture
def case(tmp_path: Path) -> Case:
    case = Case(tmp_path)
    case.known(
        "atc,2024,J01CE02,fenoximetylpenicillin",
        "atc,2024,J01CA04,amoxicillin",
        "atc,2024,M01AE01,ibuprofen",
    )
    return case


def test_warnings_of_one_group_show_the_worst_of_them(case: Case) -> None:
    case.add("alert", **PENICILLIN, severity="mild")
    case.add("alert", "asynja", **AMOXICILLIN, severity="life_threatening")
    case.add("alert", "asynja", **IBUPROFEN, severity="harmful")
    facts = {f["code"]: f for f in case.run()["alert"]}
    assert {c: (f["substance_group"], f["worst_severity"]) for c, f in facts.items()} == {
        "J01CE02": ("penicillins", "life_threatening"),
        "J01CA04": ("penicillins", "life_threatening"),
        "M01AE01": ("nsaid", "harmful"),
    }
    assert facts["J01CE02"]["severity"] == "mild"


@pytest.mark.parametrize("status", ["refuted", "obsolete", "nullified"])
def test_what_no_longer_stands_makes_nothing_worse_and_hides_nothing(
    case: Case, status: str
) -> None:
    case.add("alert", **PENICILLIN, severity="mild")
    case.add("alert", "asynja", **PENICILLIN, severity="life_threatening", status=status)
    facts = {f["status"]: f for f in case.run()["alert"]}
    assert set(facts) == {"active", status}
    assert {f["worst_severity"] for f in facts.values()} == {"mild"}


def test_words_of_two_lists_for_one_code_are_told_where_they_disagree(case: Case) -> None:
    case.map("m1", "asynja-ok:NSAID", "atc:M01AE01", equivalence="narrower")
    case.add("alert", **IBUPROFEN, severity="mild")
    case.add(
        "alert", "asynja", local_system="asynja-ok", local_code="NSAID", severity="life_threatening"
    )
    record = case.run()
    assert {f["worst_severity"] for f in record["alert"]} == {"life_threatening"}
    assert record.one("conflict")["rule"] == "alert_kindred_severity_differs"


def test_every_group_has_beginnings_of_codes_that_no_other_has() -> None:
    beginnings = [atc for atc, _ in substance_groups()]
    assert not [a for a in beginnings for b in beginnings if a != b and a.startswith(b)]
