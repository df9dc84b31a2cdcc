"""Which facts of a population are read: the same ones for the same seed, whatever the threads.

The list of all facts, ordered by risk, source and kind, is cut into as many equal pieces as facts
are asked for, and one is taken of each by the hash of seed and fact. So each has the same chance,
and every source, kind and risk its share: these facts carry the bound on all. A stratum of risk
that got fewer than its least is topped up from its own; those further facts tell of that stratum
only, since they were more likely than others.
"""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from minns.engine import Engine, literal


@dataclass(frozen=True)
class Drawn:
    """A fact to be read: its place in the sample, what it is, and its mark. `base`: it is one of
    those that carry the bound on all facts.
    """

    at: int
    fact_id: str
    kind: str
    person_id: str
    source: str
    risk: str
    protected: bool
    base: bool
    mark: str


def drawn(engine: Engine, size: int, least: int, seed: int) -> tuple[Drawn, ...]:
    """Draw `size` facts of the view `population`, and at least `least` of each stratum of risk."""
    sql = files("validation.sample").joinpath("draw.sql").read_text(encoding="utf-8")
    for name, value in (("size", size), ("least", least), ("seed", literal(str(seed)))):
        sql = sql.replace(f"${name}", str(value))
    return tuple(Drawn(at, *row) for at, row in enumerate(engine.rows(sql), start=1))


def sizes(engine: Engine) -> dict[str, int]:
    """How many facts of the view `population` are in each stratum, the most harmful first."""
    return dict(
        engine.rows("select risk, count(*) from population group by risk order by min(risk_order)")
    )


def sums(engine: Engine) -> dict[str, list[Any]]:
    """What all facts of the view `population` say, as number and checksum of each kind."""
    found = engine.rows(
        "select kind, count(*), sum(('0x' || left(mark, 12))::bigint)::varchar "
        "from population group by kind order by kind"
    )
    return {kind: [count, checksum] for kind, count, checksum in found}
