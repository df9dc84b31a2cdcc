"""A judgement of a conflict holds as long as the sources say what they said."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from canonical_rows import Case

from transform.rules import RULES

PENICILLIN: dict[str, Any] = {"local_system": "x-list", "local_code": "PC", "local_text": "Pc"}


def disagreeing(folder: Path) -> Case:
    """Two sources that call a warning harmful and mild."""
    case = Case(folder)
    case.add("alert", **PENICILLIN, severity="mild")
    case.add("alert", "asynja", **PENICILLIN, severity="harmful", comment="rash")
    return case


def evidence(case: Case) -> tuple[str, str]:
    conflict = case.run().one("conflict")
    return conflict["conflict_id"], conflict["evidence_hash"]


def test_evidence_outlives_a_new_map_and_a_new_edition(tmp_path: Path) -> None:
    case = disagreeing(tmp_path)
    before = evidence(case)
    case.known("atc,2024,J01CE02,fenoximetylpenicillin")
    case.map("m1", "x-list:PC", "atc:J01CE02")
    assert evidence(case) == before
    case.known("atc,2025,J01CE02,phenoxymethylpenicillin")
    assert evidence(case) == before
    assert case.run(seed=1).one("conflict")["evidence_hash"] == before[1]


@pytest.mark.parametrize("column", ["comment", "local_text", "valid_to", "signed"])
def test_evidence_does_not_outlive_what_a_source_says(tmp_path: Path, column: str) -> None:
    case = disagreeing(tmp_path)
    before = evidence(case)
    new = {"valid_to": date(2021, 1, 1), "signed": True}
    for row in case.rows["alert"][1 if column == "comment" else 0 :]:
        row[column] = new.get(column, "otherwise")
    after = evidence(case)
    assert (after[0], after[1] != before[1]) == (before[0], True)


def test_a_row_that_comes_to_a_side_is_new_evidence(tmp_path: Path) -> None:
    case = disagreeing(tmp_path)
    before = evidence(case)
    case.add("alert", "asynja", **PENICILLIN, severity="harmful", comment="rash")
    after = evidence(case)
    assert (after[0], after[1] != before[1]) == (before[0], True)


def test_none_known_is_one_conflict_that_rests_on_all_that_is_known(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.add("alert", local_text="Latex", severity="mild")
    worst = case.add("alert", local_text="Penicillin", severity="life_threatening")
    case.add("alert", "asynja", local_text="Ingen känd", negated=True)
    before = evidence(case)
    record = case.run()
    (fact,) = [f for f in record["alert"] if f["fact_id"] == record.one("conflict")["fact_id"]]
    assert fact["severity"] == worst["severity"]
    case.add("alert", "asynja", local_text="Jordnöt")
    after = evidence(case)
    assert (after[0], after[1] != before[1]) == (before[0], True)


def test_none_known_is_not_more_or_less_severe(tmp_path: Path) -> None:
    case = Case(tmp_path)
    for source, severity in (("melior", "mild"), ("asynja", "harmful")):
        case.add("alert", source, local_text="Ingen känd", negated=True, severity=severity)
    record = case.run()
    assert (len(record["alert"]), record["conflict"]) == (1, [])


def test_what_is_struck_out_does_not_hide_that_two_that_stand_disagree(tmp_path: Path) -> None:
    """Whichever row comes first."""
    assert "severity" in RULES["alert"].disputed
    case = Case(tmp_path)
    case.add("alert", **PENICILLIN, severity="mild", status="nullified")
    case.add("alert", **PENICILLIN, severity="mild")
    case.add("alert", "asynja", **PENICILLIN, severity="harmful")
    record = case.run()
    standing = {f["fact_id"] for f in record["alert"] if f["status"] == "active"}
    told = {c["rule"]: {c["fact_id"], c["other_fact_id"]} for c in record["conflict"]}
    assert told["alert_severity_differs"] == standing


def test_stays_of_one_unit_that_begin_on_other_days_are_told(tmp_path: Path) -> None:
    from datetime import datetime

    case = Case(tmp_path)
    end = datetime(2019, 2, 10, 9)
    for day in (5, 9):
        case.add(
            "care_contact",
            contact_id=str(day),
            category="inpatient",
            care_unit="K5",
            starts_at=datetime(2019, 2, day, 8),
            ends_at=end,
        )
    record = case.run()
    assert len(record["care_contact"]) == 2
    assert record.one("conflict")["rule"] == "care_contact_starts_at_differs"
