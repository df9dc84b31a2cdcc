"""How much of what sources say has a standard code: by occurrences, patients and clinical risk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from minns.engine import Engine

#: What an unmapped code of a kind can do to a patient.
RISKS: Mapping[str, str] = {
    "alert": "high",
    "medication": "high",
    "condition": "middle",
    "observation": "middle",
    "procedure": "middle",
    "immunization": "middle",
}
LOW = "low"


@dataclass(frozen=True)
class Coverage:
    """Coded statements of a source and kind, or of a risk class over all kinds; `patients`: those
    with such a statement, and how many of them have no open code among them.
    """

    source: str
    kind: str
    risk: str
    occurrences: int
    mapped: int
    patients: int
    patients_mapped: int
    open_codes: int

    @property
    def share(self) -> float:
        """Of occurrences; 1 when there are none."""
        return self.mapped / self.occurrences if self.occurrences else 1.0

    @property
    def patient_share(self) -> float:
        """Of patients."""
        return self.patients_mapped / self.patients if self.patients else 1.0


@dataclass(frozen=True)
class Bar:
    """A least share, of occurrences or of patients, for a kind, a risk class or all."""

    of: str
    by: str
    least: float

    def fails(self, line: Coverage) -> bool:
        """Whether a line stays below it."""
        if self.of not in (line.kind, line.risk, "all"):
            return False
        return (line.patient_share if self.by == "patients" else line.share) < self.least


def coverage(engine: Engine, rows: str = "usage_row") -> list[Coverage]:
    """Coverage of the table `rows`, by source and kind; then by source and risk class (kind `all`).

    `rows` has source, kind, local_patient_id, local_system, local_code and code (empty: unmapped).
    """
    cases = " ".join(f"when '{kind}' then '{risk}'" for kind, risk in RISKS.items())
    risk = f"case kind {cases} else '{LOW}' end"
    return [Coverage(*row) for row in engine.rows(_COVERAGE.format(rows=rows, risk=risk))]


def failing(lines: Sequence[Coverage], bars: Sequence[Bar]) -> list[tuple[Coverage, Bar]]:
    """The lines that stay below a bar."""
    return [(line, bar) for line in lines for bar in bars if bar.fails(line)]


_COVERAGE = """
    with row as (select *, {risk} as risk from {rows}),
    each as (
        select source, kind, risk, local_patient_id, local_system, local_code,
            code is not null as mapped
        from row union all by name
        select source, 'all' as kind, risk, local_patient_id, local_system, local_code,
            code is not null as mapped
        from row
    ),
    patient as (
        select source, kind, risk, count(*) as patients, count(*) filter (whole) as whole
        from (select source, kind, risk, local_patient_id, bool_and(mapped) as whole
              from each group by all) group by all
    )
    select e.source, e.kind, e.risk, count(*), count(*) filter (e.mapped), any_value(p.patients),
        any_value(p.whole),
        count(distinct coalesce(e.local_system, '') || '|' || e.local_code) filter (not e.mapped)
    from each as e join patient as p using (source, kind, risk)
    group by e.source, e.kind, e.risk
    order by e.kind = 'all', e.source, e.risk, e.kind"""
