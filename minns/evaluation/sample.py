"""How good the linkage is where nobody knows the truth: estimated from pairs that people decide.

The sample is stratified by what the run decided and how sure it was, so that a few hundred pairs
tell of the rare and of the doubtful as well. It is drawn by a hash of seed and pair: the same seed
draws the same pairs, in any order of rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from minns.engine import Engine
from minns.errors import ConfigError
from minns.evaluation.shares import Share
from minns.inquiry import past_run
from minns.pairs import Identity, Pair, pair_in
from minns.runner import Runner
from minns.site import Site

#: What a pair is of: what tied or parted it, and bands of four bits of match weight.
_STRATUM = """
case when match_weight is null then decision || ' ' || method
    else decision || ' model ' || cast(least(floor(match_weight / 4) * 4, 24) as integer) end
"""
_DRAWN = """
with stratified as (
    select *, $stratum as stratum from pair
    where decision in ('linked', 'review', 'vetoed') and method <> 'judgement'
), counted as (
    select *, count(*) over (partition by stratum) as size,
        row_number() over (partition by stratum order by md5(concat_ws('|', $seed, source_l,
            local_patient_id_l, source_r, local_patient_id_r))) as place
    from stratified
)
select stratum, decision, size, source_l, local_patient_id_l, source_r, local_patient_id_r
from counted where place <= $each order by stratum, place
"""


@dataclass(frozen=True)
class Stratum:
    """One part of the compared pairs: how many there are, how many people have decided."""

    name: str
    decision: str
    size: int
    same: Share


@dataclass(frozen=True)
class Estimate:
    """Precision and recall of the compared pairs, each with a 95 % interval.

    Recall is of the pairs that were compared at all: what blocking never proposed, nobody is asked
    about (`minns link report` estimates that). `waiting`: pairs of the sample not decided yet.
    """

    run: str
    precision: tuple[float, float, float]
    recall: tuple[float, float, float]
    strata: tuple[Stratum, ...]
    waiting: int

    def as_json(self) -> dict[str, Any]:
        def bounds(found: tuple[float, float, float]) -> dict[str, float]:
            return dict(zip(("share", "low", "high"), (round(x, 6) for x in found), strict=True))

        return {
            "run": self.run,
            "precision": bounds(self.precision),
            "recall": bounds(self.recall),
            "waiting": self.waiting,
            "strata": [
                {
                    "stratum": s.name,
                    "decision": s.decision,
                    "pairs": s.size,
                    "same": s.same.as_json(),
                }
                for s in self.strata
            ],
        }


def draw(site: Site, size: int, seed: int, wave: str | None = None) -> list[dict[str, str]]:
    """Draw about `size` pairs of the last run for people to decide; gives each pair's id and
    stratum.

    The ledger keeps which (by pointer) and of which stratum. Raises `ConfigError` when nothing was
    compared.
    """
    run = past_run(site, wave)
    with Runner(site.project, site.store).engine() as engine:
        engine.view("pair", run.tables["link"].parts("pair"))
        strata = int(engine.value(f"select count(distinct stratum) from ({_all_strata()})"))  # noqa: S608
        if not strata:
            raise ConfigError(
                "pairs to draw from", found=f"none in the run {run.run_id}", do="Run a wave first."
            )
        drawn = drawn_pairs(engine, max(1, size // strata), seed)
    body = {"run": run.run_id, "seed": seed, "pairs": [list(row) for row in drawn]}
    site.ledger.append("", "link_sample", body)
    return [{"pair": _pair(row[3:]).id, "stratum": row[0]} for row in drawn]


def _pair(pointers: Sequence[Any]) -> Pair:
    one, other = Identity(*pointers[:2]), Identity(*pointers[2:])
    return Pair(one, other)


def _all_strata() -> str:
    return (
        f"select {_STRATUM} as stratum from pair"  # noqa: S608
        " where decision in ('linked', 'review', 'vetoed') and method <> 'judgement'"
    )


def drawn_pairs(engine: Engine, each: int, seed: int) -> list[tuple[Any, ...]]:
    """Up to `each` pairs of every stratum of `pair`: stratum, decision, its size, both pointers."""
    sql = _DRAWN.replace("$stratum", _STRATUM).replace("$seed", str(seed))
    sql = sql.replace("$each", str(each))
    return engine.rows(sql)


def estimate(site: Site) -> Estimate:
    """What the judgements on the last drawn sample tell. Raises `ConfigError` without a sample."""
    samples = site.ledger.entries("link_sample")
    if not samples:
        raise ConfigError(
            "a drawn sample", found="none in the ledger", do="Run 'minns link sample' first."
        )
    verdicts = {
        pair_in(entry.body).id: str(entry.body["verdict"])
        for entry in site.ledger.entries("judgement")
    }
    sample = samples[-1].body
    return estimated(sample["run"], sample["pairs"], verdicts)


def estimated(run: str, pairs: list[list[Any]], verdicts: dict[str, str]) -> Estimate:
    """The estimate from drawn pairs (as `drawn_pairs` gives them) and verdicts by pair's id."""
    found: dict[str, tuple[str, int, int, int]] = {}
    waiting = 0
    for stratum, decision, size, *pair in pairs:
        verdict = verdicts.get(_pair(pair).id)
        decided, same = verdict in ("same", "different"), verdict == "same"
        waiting += not decided
        _, _, of, hits = found.get(stratum, (decision, size, 0, 0))
        found[stratum] = (decision, size, of + decided, hits + same)
    strata = tuple(
        Stratum(name, decision, size, Share(hits, of))
        for name, (decision, size, of, hits) in sorted(found.items())
    )
    linked = [s for s in strata if s.decision == "linked"]
    return Estimate(run, _precision(linked), _recall(linked, strata), strata, waiting)


def _total(strata: list[Stratum]) -> tuple[float, float, float]:
    """Pairs of one person in some strata, and their bounds: each stratum's, added in quadrature."""
    middle = [s.size * (0.5 if s.same.value is None else s.same.value) for s in strata]
    spans = [(s.size * s.same.bounds[0], s.size * s.same.bounds[1]) for s in strata]
    total = sum(middle)
    below = sqrt(sum((m - low) ** 2 for m, (low, _) in zip(middle, spans, strict=True)))
    above = sqrt(sum((high - m) ** 2 for m, (_, high) in zip(middle, spans, strict=True)))
    return total, max(0.0, total - below), total + above


def _precision(linked: list[Stratum]) -> tuple[float, float, float]:
    size = sum(s.size for s in linked)
    if not size:
        return 1.0, 0.0, 1.0
    same, low, high = _total(linked)
    return same / size, low / size, min(1.0, high / size)


def _recall(linked: list[Stratum], strata: tuple[Stratum, ...]) -> tuple[float, float, float]:
    apart = [s for s in strata if s.decision != "linked"]
    hit, hit_low, hit_high = _total(linked)
    miss, miss_low, miss_high = _total(apart)
    if not hit + miss:
        return 1.0, 0.0, 1.0
    return (
        hit / (hit + miss),
        hit_low / max(hit_low + miss_high, 1e-9),
        hit_high / max(hit_high + miss_low, 1e-9),
    )
