"""Which pairs of a run wait for a judgement, the most harmful first."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from minns.engine import Engine
from minns.errors import ConfigError
from minns.inquiry import PastRun
from minns.model import BY_NAME
from minns.pairs import PAIR_ID, Pair, identity, pair_in, pair_of
from minns.review.harm import harm_sql
from minns.review.opinions import Opinion
from minns.runner import Runner
from minns.site import Site

_SIDES = ("source_l", "local_patient_id_l", "source_r", "local_patient_id_r")


@dataclass(frozen=True)
class Waiting:
    """A pair that waits: the rule that made it wait, what is at stake, and opinions so far."""

    pair: Pair
    rule: str | None
    decision: str
    method: str
    weight: float | None
    held: bool
    harm: int
    alerts: int
    medicines: int
    protected: bool
    opinions: tuple[Opinion, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The pair as plain JSON values; of opinions their number, since reviewers are blind."""
        return {
            "pair": self.pair.id,
            "left": str(self.pair.left),
            "right": str(self.pair.right),
            "rule": self.rule,
            "decision": self.decision,
            "method": self.method,
            "match_weight": self.weight,
            "held": self.held,
            "harm": self.harm,
            "alerts": self.alerts,
            "active_medicines": self.medicines,
            "protected": self.protected,
            "opinions": len(self.opinions),
        }


@contextmanager
def opened(site: Site, run: PastRun) -> Iterator[Engine]:
    """A session that reads what a run's linkage gave: `pair`, `held` and `identity`."""
    with Runner(site.project, site.store).engine() as engine:
        for name in ("pair", "held", "identity"):
            engine.view(name, run.tables["link"].parts(name))
        yield engine


def shaped(engine: Engine, run: PastRun, kinds: Sequence[str]) -> None:
    """Make canonical tables of all of a run's sources readable under their names."""
    sources = [run.tables[name] for name in sorted(run.tables) if name.startswith("shape-")]
    for kind in kinds:
        parts = [p for dataset in sources if kind in dataset.tables for p in dataset.parts(kind)]
        if parts:
            engine.view(kind, parts)
        else:
            engine.empty(BY_NAME[kind])


def waiting(
    engine: Engine,
    run: PastRun,
    upper: float,
    judged: Mapping[str, Any],
    opinions: Mapping[str, Sequence[Opinion]],
) -> list[Waiting]:
    """The pairs that nobody judged yet, in the order of the queue; those that somebody was unsure
    of come last.
    """
    shaped(engine, run, ("patient", "alert", "medication"))
    found = []
    for row in engine.rows(_sql(), [upper]):
        pair_id, *ids = row[:5]
        if pair_id not in judged:
            pair = pair_in(dict(zip(_SIDES, ids, strict=True)))
            told = tuple(opinions.get(pair_id, ()))
            found.append(replace(Waiting(pair, *row[5:]), opinions=told))
    return sorted(found, key=lambda w: any(o.verdict == "unsure" for o in w.opinions))


def held_alone(engine: Engine, pairs: Sequence[Waiting]) -> list[dict[str, str]]:
    """Identities whose rows are held though no pair of theirs waits: whoever knows who they are
    says so with 'minns identity decide'.
    """
    asked = {side for pair in pairs for side in (pair.pair.left, pair.pair.right)}
    rows = engine.rows("select source, local_patient_id, rule from held order by all")
    return [
        {"identity": f"{source}:{local}", "rule": rule}
        for source, local, rule in rows
        if (source, local) not in asked
    ]


def _sql() -> str:
    text = files("minns").joinpath("review", "waiting.sql").read_text(encoding="utf-8")
    return text.replace("$pair_id", PAIR_ID).replace("$harm", harm_sql("w.rule"))


def named(engine: Engine, what: Sequence[str]) -> Pair:
    """The pair that was named: by its id, or by two identities of the run."""
    if len(what) == 1 and ":" not in what[0]:
        found = engine.rows(
            f"select {', '.join(_SIDES)} from pair where {PAIR_ID} = $1",  # noqa: S608
            [what[0]],
        )
        if not found:
            raise ConfigError(
                f"a pair with the id {what[0]} in the last run",
                found="none",
                do="Ask 'minns review next' for one, or name SOURCE:ID SOURCE:ID.",
            )
        return pair_in(dict(zip(_SIDES, found[0], strict=True)))
    if len(what) != 2:
        raise ConfigError(
            "the id of a pair, or two identities SOURCE:ID",
            found=f"{len(what)} arguments",
            do="For example: minns review show melior:17 asynja:4",
        )
    pair = pair_of(identity(what[0]), identity(what[1]))
    for side in (pair.left, pair.right):
        known(engine, side.source, side.local_patient_id)
    return pair


def known(engine: Engine, source: str, local_patient_id: str) -> str:
    """The person of an identity; one that the run does not know is the operator's mistake."""
    found = engine.rows(
        "select person_id from identity where source = $1 and local_patient_id = $2",
        [source, local_patient_id],
    )
    if not found:
        raise ConfigError(
            f"an identity of {source} that the last run knows",
            found="none with that id",
            do="Check source and id; identities.csv lists them all.",
        )
    return str(found[0][0])
