"""Samples as the ledger tells them: what was drawn, who reads, what they found, who signed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from minns.errors import ConfigError
from minns.ledger import Entry
from minns.site import Site
from validation.sample import Drawn

SAMPLE, ASSIGNED = "sample", "sample_assigned"
VERDICT, UNDONE, ADJUDICATED = "fact_verdict", "fact_verdict_undone", "fact_adjudicated"
SIGNATURE = "signature"
RIGHT = "right"
#: How a fact can be wrong.
ERRORS = ("lost", "wrong_patient", "value", "code", "date", "status", "doubled", "other")
VERDICTS = (RIGHT, *ERRORS)


@dataclass(frozen=True)
class Reading:
    """What somebody found of a fact: right, or in what way it is wrong."""

    at: int
    by: str
    verdict: str
    comment: str
    sequence: int
    moment: str

    @property
    def right(self) -> bool:
        return self.verdict == RIGHT


@dataclass(frozen=True)
class Sample:
    """A sample and what came of it so far. `readers`: name, and whether protected persons may be
    shown to them, in the order in which they were assigned.
    """

    entry: Entry
    facts: Mapping[int, Drawn]
    readers: tuple[tuple[str, bool], ...] = ()
    adjudicators: tuple[tuple[str, bool], ...] = ()
    readings: Mapping[int, tuple[Reading, ...]] = field(default_factory=dict)
    adjudged: Mapping[int, Reading] = field(default_factory=dict)
    signatures: tuple[Entry, ...] = ()

    @property
    def name(self) -> str:
        return str(self.entry.body["name"])

    @property
    def wave(self) -> str:
        return str(self.entry.body["wave"])

    @property
    def aim(self) -> dict[str, Any]:
        """What it is to show: `error_below`, `confidence`, `errors_allowed`."""
        return dict(self.entry.body["aim"])

    @property
    def double_blind(self) -> bool:
        return bool(self.entry.body["double_blind"])

    @property
    def needed(self) -> int:
        """How many read each fact."""
        return 2 if self.double_blind else 1

    def concerns(self, name: str) -> bool:
        """Whether somebody reads or adjudicates it."""
        return any(name == who for who, _ in (*self.readers, *self.adjudicators))

    def outcome(self, at: int) -> Reading | None:
        """What a fact was found to be; None as long as it is open, or its readers differ."""
        if at in self.adjudged:
            return self.adjudged[at]
        given = self.readings.get(at, ())
        if len(given) < self.needed or len({each.verdict for each in given}) > 1:
            return None
        return given[0]

    def disputed(self, at: int) -> bool:
        """Whether two readers differ on a fact and nobody has settled it."""
        given = self.readings.get(at, ())
        return at not in self.adjudged and len({each.verdict for each in given}) > 1


def samples(site: Site) -> dict[str, Sample]:
    """Every sample by its name, in the order in which they were drawn."""
    ledger = site.ledger
    undone = {e.body["verdict"] for e in ledger.entries(UNDONE)}
    assigned, verdicts = ledger.entries(ASSIGNED), ledger.entries(VERDICT)
    adjudged, signed = ledger.entries(ADJUDICATED), ledger.entries(SIGNATURE)
    found = {}
    for entry in ledger.entries(SAMPLE):
        name = str(entry.body["name"])
        own = [e for e in verdicts if e.body["sample"] == name and e.sequence not in undone]
        readings: dict[int, tuple[Reading, ...]] = {}
        for each in map(_reading, own):
            readings[each.at] = (*readings.get(each.at, ()), each)
        found[name] = Sample(
            entry,
            {fact[0]: Drawn(*fact) for fact in entry.body["facts"]},
            _named(assigned, name, "readers"),
            _named(assigned, name, "adjudicators"),
            readings,
            {e.body["at"]: _reading(e) for e in adjudged if e.body["sample"] == name},
            tuple(e for e in signed if e.body["sample"] == name),
        )
    return found


def sample(site: Site, name: str) -> Sample:
    """The sample of that name. Raises `ConfigError` when there is none."""
    known = samples(site)
    if name not in known:
        raise ConfigError(
            "the name of a sample",
            found=f"none of that name; there are {', '.join(known) or 'none'}",
            do="'minns sample draw WAVE' draws one.",
        )
    return known[name]


def _named(assigned: list[Entry], name: str, role: str) -> tuple[tuple[str, bool], ...]:
    own = (e.body for e in assigned if e.body["sample"] == name)
    return tuple({who: bool(may) for body in own for who, may in body[role]}.items())


def _reading(entry: Entry) -> Reading:
    body = entry.body
    verdict = RIGHT if body["verdict"] == RIGHT else body["error"]
    return Reading(body["at"], body["by"], verdict, body["comment"], entry.sequence, entry.moment)
