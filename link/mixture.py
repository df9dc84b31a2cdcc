"""m, u and the prior without any labels: expectation maximisation over all pairs at once.

All pairs of identities are a mixture of pairs of one person and of two. Those that blocking finds
are looked at one by one, by their pattern of levels; all others count as pairs of two persons. So
no comparison has to be left out of a run because blocking used it, and the prior comes out too.
u is counted over random pairs, less what in them is one person's, and never below what the pairs
found show by themselves.
"""

from dataclasses import dataclass
from math import log

import pyarrow as pa
import pyarrow.compute as pc

from link.blocking import block, make_keys
from link.conjunctions import conjoin
from link.faces import compared, count_shared, faces_sql
from link.sections import Comparison, LinkModel, Parameters
from link.weights import level_sql, pairs_sql
from minns.engine import Engine

#: Added to every count: what was never seen is rare, not impossible.
_UNSEEN = 0.5
_START = 0.0001
#: Of more pairs than this, some stand for the others.
_LOOKED_AT = 200_000


@dataclass
class Mixture:
    """m and u by comparison, best level first; `rounds` until the prior stood still."""

    m: list[list[float]]
    u: list[list[float]]
    prior: float
    rounds: int = 0
    settled: bool = False

    def parameters(self, model: LinkModel) -> Parameters:
        """The same by the names of the model, to six significant digits."""
        return {
            (c.name, level.name): (_six(m), _six(u))
            for c, ms, us in zip(model.comparisons, self.m, self.u, strict=True)
            for level, m, u in zip(c.levels, ms, us, strict=True)
        }


@dataclass(frozen=True)
class _Patterns:
    """Different patterns of levels (0: nothing can be said), and how many pairs have each."""

    levels: tuple[pa.Array, ...]
    count: pa.Array


def learn_mixture(engine: Engine, model: LinkModel) -> Mixture:
    """The parameters that fit the identities of `sample` best; `wide` has their columns."""
    training = model.training
    engine.run("create or replace temp table learner as from wide semi join sample using (id)")
    make_keys(engine, model, "learner_key", "learner")
    count_shared(engine, model, "learner_key")
    block(engine, model, "learner_key", 0)
    conjoin(engine, model, "learner", "learner_key", 0)
    faces = faces_sql(model, "learner", frequencies=False)
    engine.run(f"create or replace temp table learner_face as {faces}")
    pairs = engine.value("select count(*) from candidate")
    one_in = max(1, -(-pairs // _LOOKED_AT))
    some = f"(from candidate where md5_number_lower(id_l || '-' || id_r) % {one_in} = 0)"
    found = _patterns(engine, model, some if one_in > 1 else "candidate", one_in)
    chance = _patterns(engine, model, f"({_random_pairs(engine, model)})")
    mixture = _begin(model, chance)
    while not mixture.settled and mixture.rounds < training.em_iterations:
        _round(mixture, found, chance, _pairs(engine, model), training.em_convergence)
    return mixture


def _pairs(engine: Engine, model: LinkModel) -> float:
    """How many pairs there are that could be compared."""
    whole = "select count(*) as n from learner"
    pairs = f"select sum(n * (n - 1) / 2) from ({whole})"  # noqa: S608
    every = engine.value(pairs)
    within = (
        0 if model.within_source else engine.value(pairs.replace(whole, f"{whole} group by source"))
    )
    return max(float(every or 0) - float(within or 0), 1.0)


def _random_pairs(engine: Engine, model: LinkModel) -> str:
    """A query for pairs drawn by a hash of their number, so that the same come every time."""
    engine.run(
        "create or replace temp table lot as select id, source,"
        " row_number() over (order by id) - 1 as place from learner"
    )
    also = "" if model.within_source else " and l.source <> r.source"
    n = "(select count(*) from lot)"
    return (
        "select distinct least(l.id, r.id) as id_l, greatest(l.id, r.id) as id_r from ("  # noqa: S608
        f"select md5_number_lower('l' || i) % {n} as a, md5_number_lower('r' || i) % {n} as b"
        f" from range({model.training.max_pairs}) t(i))"
        f" join lot l on l.place = a join lot r on r.place = b where a <> b{also}"
    )


def _patterns(engine: Engine, model: LinkModel, pairs: str, stand_for: int = 1) -> _Patterns:
    """The patterns of some pairs, each of which stands for so many."""
    columns = compared(model)
    levels = [f"cast({level_sql(c)} as tinyint) as c{n}" for n, c in enumerate(model.comparisons)]
    sql = pairs_sql(columns, f"(select id_l, id_r from {pairs})", "learner_face")  # noqa: S608
    table = engine.connection.sql(
        f"select {', '.join(levels)}, count(*)::double * {stand_for} as n from ({sql})"  # noqa: S608
        " group by all order by all"
    ).to_arrow_table()
    listed = [column.combine_chunks() for column in table.columns]
    return _Patterns(tuple(listed[:-1]), listed[-1])


def _begin(model: LinkModel, chance: _Patterns) -> Mixture:
    u = [
        _shares(_counted(column, chance.count, comparison))
        for column, comparison in zip(chance.levels, model.comparisons, strict=True)
    ]
    m = [[0.8, *[0.2 / (len(c.levels) - 1)] * (len(c.levels) - 1)] for c in model.comparisons]
    return Mixture(m, u, _START)


def _counted(
    levels: pa.Array, weights: pa.Array, comparison: Comparison | list[float]
) -> list[float]:
    """The sum of the weights by level, from the best; in one order of addition."""
    table = pa.table({"level": levels, "weight": weights})
    sums = table.group_by("level", use_threads=False).aggregate([("weight", "sum")]).to_pydict()
    found = dict(zip(sums["level"], sums["weight_sum"], strict=True))
    size = len(comparison.levels if isinstance(comparison, Comparison) else comparison)
    return [found.get(place, 0.0) for place in range(1, size + 1)]


def _shares(counts: list[float]) -> list[float]:
    padded = [count + _UNSEEN for count in counts]
    return [count / sum(padded) for count in padded]


def _same(mixture: Mixture, patterns: _Patterns) -> pa.Array:
    """The probability, by pattern, that its pairs are one person's."""
    odds = pa.scalar(log(mixture.prior / (1 - mixture.prior)))
    total: pa.Array = pa.nulls(len(patterns.count), pa.float64()).fill_null(0.0)
    for levels, m, u in zip(patterns.levels, mixture.m, mixture.u, strict=True):
        weights = pa.array([0.0, *(log(a / b) for a, b in zip(m, u, strict=True))])
        total = pc.add(total, pc.take(weights, levels))
    return pc.divide(1.0, pc.add(1.0, pc.exp(pc.negate(pc.add(total, odds)))))


def _round(
    mixture: Mixture, found: _Patterns, chance: _Patterns, pairs: float, still: float
) -> None:
    """One step of expectation and maximisation."""
    same = pc.multiply(_same(mixture, found), found.count)
    other = pc.subtract(found.count, same)
    by_chance = pc.multiply(pc.subtract(1.0, _same(mixture, chance)), chance.count)
    for n, m in enumerate(mixture.m):
        mixture.m[n] = _shares(_counted(found.levels[n], same, m))
        least = [count / pairs for count in _counted(found.levels[n], other, m)]
        seen = _shares(_counted(chance.levels[n], by_chance, m))
        higher = [max(a, b) for a, b in zip(seen, least, strict=True)]
        mixture.u[n] = [share / sum(higher) for share in higher]
    prior = min(max(float(pc.sum(same).as_py()) / pairs, 1e-12), 0.5)
    mixture.settled = abs(log(prior / mixture.prior)) < still
    mixture.prior, mixture.rounds = prior, mixture.rounds + 1


def _six(value: float) -> float:
    """Six significant digits: what differs beyond them is the order of additions."""
    return float(f"{value:.6g}")
