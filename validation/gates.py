"""The gates of a wave, each computed from evidence: what cannot be computed has not passed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from minns.config import Gates
from minns.maps.coverage import LOW, RISKS

if TYPE_CHECKING:
    from validation.evidence import Evidence

Verdict = Literal["pass", "fail", "unknown"]


@dataclass(frozen=True)
class Gate:
    """One criterion: what it asks (value `comparison` limit), what was seen, and where it stands.

    `unit` says how to read the numbers: share (of 1) or count. A gate that is not binding informs
    and decides nothing.
    """

    name: str
    comparison: Literal["=", "<=", ">=", ""]
    limit: float | None
    value: float | None
    unit: Literal["share", "count"]
    verdict: Verdict
    evidence: str
    subject: str = ""
    binding: bool = True

    @property
    def criterion(self) -> str:
        """The criterion as text, language aside."""
        return f"{self.comparison} {self.limit:g}" if self.limit is not None else ""


def gates(evidence: "Evidence", criteria: Gates) -> tuple[Gate, ...]:
    """Every gate of a wave, in the order in which they are read."""
    return (
        *_books(evidence),
        *_shares(evidence, criteria),
        *_coverage(evidence, criteria),
        *_patients(evidence, criteria),
        *_risks(evidence, criteria),
        *_samples(evidence, criteria),
        _gate("rerun_changes", "=", 0, evidence.about.rerun_changes, "load"),
        _identity_events(evidence),
    )


def _gate(
    name: str,
    comparison: Literal["=", "<=", ">="],
    limit: float,
    value: float | None,
    evidence: str,
    unit: Literal["share", "count"] = "count",
    subject: str = "",
) -> Gate:
    verdict: Verdict = "unknown"
    if value is not None:
        holds = {"=": value == limit, "<=": value <= limit, ">=": value >= limit}[comparison]
        verdict = "pass" if holds else "fail"
    return Gate(name, comparison, limit, value, unit, verdict, evidence, subject)


def _books(evidence: "Evidence") -> Iterator[Gate]:
    rows = evidence.balance
    off = sum(not row.balanced for row in rows) if rows else None
    lost = sum(row.unexplained for row in rows) if rows else None
    faults = sum(number for _, number in evidence.faults) if rows else None
    failed = sum(not f.passed for f in evidence.findings) if evidence.findings else None
    yield _gate("tables_out_of_balance", "=", 0, off, "balance")
    yield _gate("rows_unexplained", "=", 0, lost, "balance")
    yield _gate("contradictions", "=", 0, faults, "balance")
    yield _gate("checks_failed", "=", 0, failed, "checks")
    yield _gate("blocks_left_out", "=", 0, evidence.blocks_left_out if rows else None, "reasons")


def _shares(evidence: "Evidence", criteria: Gates) -> Iterator[Gate]:
    totals = evidence.totals
    for fate, limit in (
        ("quarantined", criteria.quarantined_share_max),
        ("held", criteria.held_share_max),
    ):
        share = totals[fate] / totals["extracted"] if totals["extracted"] else None
        yield _gate(f"{fate}_share", "<=", limit, share, "reasons", "share")
    identities = evidence.links.identities
    review = evidence.links.decided("review") / identities if identities else None
    yield _gate("review_share", "<=", criteria.review_share_max, review, "linkage", "share")


def _coverage(evidence: "Evidence", criteria: Gates) -> Iterator[Gate]:
    for kind, limit in sorted(criteria.code_coverage_min.items()):
        rows = [row for row in evidence.coverage if row.kind == kind]
        seen = sum(row.occurrences for row in rows)
        share = sum(row.mapped for row in rows) / seen if seen else None
        yield _gate("code_coverage", ">=", limit, share, "codes", "share", kind)


def _patients(evidence: "Evidence", criteria: Gates) -> Iterator[Gate]:
    for kind, limit in sorted(criteria.code_patients_min.items()):
        rows = [row for row in evidence.coverage if row.kind == kind]
        seen = sum(row.patients for row in rows)
        share = sum(row.patients_mapped for row in rows) / seen if seen else None
        yield _gate("code_patients", ">=", limit, share, "codes", "share", kind)


def _risks(evidence: "Evidence", criteria: Gates) -> Iterator[Gate]:
    for risk, limit in sorted(criteria.code_risk_min.items()):
        rows = [
            row
            for row in evidence.coverage
            if RISKS.get(row.kind, LOW) == risk and row.kind != "care_unit"
        ]
        seen = sum(row.occurrences for row in rows)
        share = sum(row.mapped for row in rows) / seen if seen else None
        yield _gate("code_risk", ">=", limit, share, "codes", "share", risk)


def _samples(evidence: "Evidence", criteria: Gates) -> Iterator[Gate]:
    if criteria.sample_error_max is not None:
        seen = evidence.about.sample_error
        yield _gate("sample_error", "<=", criteria.sample_error_max, seen, "checks", "share")


def _identity_events(evidence: "Evidence") -> Gate:
    moved = sum(n for event, n in evidence.links.events if event in ("merged", "split"))
    return Gate(
        "persons_merged_or_split", "", None, moved, "count", "pass", "linkage", binding=False
    )
