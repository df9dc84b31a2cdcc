"""The evidence of a run: small aggregated figures out of the books, for gates, report and JSON.

Nothing here is a patient's: counts, rules, local codes, and marks of rows (the start of the hash of
a row's content, since a row's key may be a personal number).
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from minns.config import Gates
from minns.engine import Engine
from minns.model import CANONICAL, FATES, KINDS
from validation import figures
from validation.books import Books, show
from validation.figures import (
    Account,
    Coverage,
    Disagreement,
    KindAccount,
    Links,
    Pair,
    Pointers,
    Reason,
    Unmapped,
)
from validation.gates import Gate, gates
from validation.independent import Finding

T = TypeVar("T")


@dataclass(frozen=True)
class Change:
    """What one load did to one table of the target."""

    table: str
    added: int
    changed: int
    closed: int


@dataclass(frozen=True)
class Timing:
    """How long one step took and how many rows it wrote."""

    step: str
    seconds: float
    rows: int | None = None


@dataclass(frozen=True)
class About:
    """What the books do not say of a run: given by who ran it.

    `sample_error` is the share of wrong facts that signed samples show not to be exceeded;
    `thresholds` are the match weights from which a pair is reviewed and linked; `rerun_changes` is
    what a second load of the same wave would change; `previous` is the evidence, as JSON, of the
    wave's run before this one.
    """

    wave: str
    mode: str
    run_id: str
    moment: str
    title: str = ""
    target: str = ""
    source_titles: Mapping[str, str] = field(default_factory=dict)
    thresholds: tuple[float, float] | None = None
    changes: tuple[Change, ...] = ()
    rerun_changes: int | None = None
    sample_error: float | None = None
    timings: tuple[Timing, ...] = ()
    previous: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Evidence:
    """All that a wave is judged by."""

    about: About
    balance: tuple[Account, ...] = ()
    balance_kind: tuple[KindAccount, ...] = ()
    reasons: tuple[Reason, ...] = ()
    pointers: tuple[Pointers, ...] = ()
    faults: tuple[tuple[str, int], ...] = ()
    links: Links = field(default_factory=Links)
    coverage: tuple[Coverage, ...] = ()
    unmapped: tuple[Unmapped, ...] = ()
    conflicts: tuple[Disagreement, ...] = ()
    facts: tuple[tuple[str, int], ...] = ()
    blocks_left_out: int = 0
    findings: tuple[Finding, ...] = ()
    gates: tuple[Gate, ...] = ()

    @property
    def go(self) -> bool:
        """True when every binding gate passed, and there was one."""
        binding = [gate for gate in self.gates if gate.binding]
        return bool(binding) and all(gate.verdict == "pass" for gate in binding)

    @property
    def totals(self) -> dict[str, int]:
        """Landed rows by fate, over all sources."""
        names = ("extracted", *FATES, "unexplained")
        return {name: sum(getattr(row, name) for row in self.balance) for name in names}


def gather(
    books: Books,
    about: About,
    findings: tuple[Finding, ...],
    criteria: Gates,
    engine: Engine,
) -> Evidence:
    """The evidence of a run from its books, the findings of the independent check and the
    criteria of its wave.
    """
    show(engine, books)
    evidence = Evidence(
        about=about,
        balance=_rows(engine, figures.BALANCE, Account),
        balance_kind=tuple(sorted(_rows(engine, figures.BALANCE_KIND, KindAccount), key=_by_kind)),
        reasons=_rows(engine, figures.REASONS, Reason),
        pointers=_rows(engine, figures.POINTERS, Pointers),
        faults=tuple(engine.rows(figures.FAULTS)),
        links=_links(engine, about),
        coverage=tuple(sorted(_rows(engine, figures.COVERAGE, Coverage), key=_by_kind)),
        unmapped=_rows(engine, figures.UNMAPPED, Unmapped),
        conflicts=_rows(engine, figures.CONFLICTS, Disagreement),
        facts=tuple((kind, figures.facts(engine, kind)) for kind in KINDS),
        blocks_left_out=int(engine.value(figures.BLOCKS_LEFT_OUT)),
        findings=findings,
    )
    judged = gates(evidence, criteria)
    return dataclasses.replace(evidence, gates=judged)


def as_json(evidence: Evidence) -> dict[str, Any]:
    """The evidence as plain JSON values, with the decision and the totals."""
    value = dataclasses.asdict(evidence)
    value["about"]["previous"] = None
    return {"go": evidence.go, "totals": evidence.totals, **value}


def _rows(engine: Engine, sql: str, make: Callable[..., T]) -> tuple[T, ...]:
    return tuple(
        make(*(tuple(value) if isinstance(value, list) else value for value in row))
        for row in engine.rows(sql)
    )


def _by_kind(row: KindAccount | Coverage) -> tuple[int, str]:
    order = (*CANONICAL, "care_unit")
    return order.index(row.kind), row.source


def _links(engine: Engine, about: About) -> Links:
    identities, persons, new_persons = engine.rows(figures.PERSONS, [about.wave])[0]
    return Links(
        identities=identities,
        persons=persons,
        new_persons=new_persons,
        events=tuple(engine.rows(figures.EVENTS, [about.wave])),
        methods=tuple(engine.rows(figures.METHODS)),
        pairs=_rows(engine, figures.PAIRS, Pair),
        held=tuple(engine.rows(figures.HELD)),
        weights=tuple(engine.rows(figures.WEIGHTS)),
        trade=tuple(engine.rows(figures.TRADE)),
    )
