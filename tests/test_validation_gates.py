"""Each gate turns on its own criterion, and what is not known has not passed."""

from dataclasses import replace

import pytest

from minns.config import Gates
from validation import About, Evidence, Finding, Gate, gates
from validation.figures import Account, Coverage, Links, Pair

ABOUT = About("wave-1", "rehearsal", "r-1", "2026-11-23 10:00", rerun_changes=0)
GOOD = Evidence(
    ABOUT,
    balance=(Account("melior", "diagnos", 100, 90, 7, 1, 2, 0, 0),),
    findings=(Finding("books_balance", "", 100, 100, 0, True),),
    links=Links(identities=10, persons=8, pairs=(Pair("review", "model", "", 3),)),
    coverage=(
        Coverage("condition", "melior", 100, 98, 10, 9, 0, 20, 18),
        Coverage("alert", "melior", 50, 49, 5, 4),
        Coverage("medication", "melior", 50, 50, 5, 5),
    ),
)
CRITERIA = Gates.model_validate(
    {
        "review_share_max": 0.3,
        "code_coverage_min": {"condition": 0.98},
        "code_patients_min": {"condition": 0.9},
        "code_risk_min": {"high": 0.99},
    }
)


def verdicts(evidence: Evidence, criteria: Gates = CRITERIA) -> dict[str, str]:
    return {gate.name: gate.verdict for gate in gates(evidence, criteria)}


def test_all_gates_pass_at_their_limits() -> None:
    assert set(verdicts(GOOD).values()) == {"pass"}
    assert replace(GOOD, gates=gates(GOOD, CRITERIA)).go


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"balance": (Account("m", "d", 101, 90, 7, 1, 2, 0, 0),)}, "tables_out_of_balance"),
        ({"balance": (Account("m", "d", 100, 89, 7, 1, 2, 0, 1),)}, "rows_unexplained"),
        ({"balance": (Account("m", "d", 100, 90, 6, 1, 3, 0, 0),)}, "quarantined_share"),
        ({"balance": (Account("m", "d", 100, 90, 6, 2, 2, 0, 0),)}, "held_share"),
        ({"faults": (("two_fates", 1),)}, "contradictions"),
        ({"findings": (Finding("books_balance", "", 1, 2, 0, False),)}, "checks_failed"),
        ({"links": Links(10, pairs=(Pair("review", "model", "", 4),))}, "review_share"),
        ({"coverage": (Coverage("condition", "m", 100, 97, 2, 1),)}, "code_coverage"),
        ({"coverage": (Coverage("condition", "m", 9, 9, 1, 1, 0, 20, 17),)}, "code_patients"),
        ({"coverage": (Coverage("alert", "m", 100, 98, 2, 1),)}, "code_risk"),
        ({"about": replace(ABOUT, rerun_changes=1)}, "rerun_changes"),
    ],
)
def test_one_step_over_the_limit_fails(change: dict[str, object], name: str) -> None:
    assert verdicts(replace(GOOD, **change))[name] == "fail"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "verdict"), [(None, "unknown"), (0.01, "pass"), (0.0101, "fail")]
)
def test_signed_samples_are_asked_for_where_the_wave_says_so(
    shown: float | None, verdict: str
) -> None:
    about = replace(ABOUT, sample_error=shown)
    asked = CRITERIA.model_copy(update={"sample_error_max": 0.01})
    assert verdicts(replace(GOOD, about=about), asked)["sample_error"] == verdict
    assert "sample_error" not in verdicts(replace(GOOD, about=about))


def test_what_is_not_known_does_not_pass() -> None:
    nothing = Evidence(replace(ABOUT, rerun_changes=None))
    judged = gates(nothing, CRITERIA)
    assert {gate.verdict for gate in judged if gate.binding} == {"unknown"}
    assert not replace(nothing, gates=judged).go
    assert not nothing.go


def test_an_informing_gate_decides_nothing() -> None:
    told = Gate("x", "", None, 1, "count", "fail", "linkage", binding=False)
    assert replace(GOOD, gates=(*gates(GOOD, CRITERIA), told)).go
