"""What a model is learned from: a bounded sample of identities, drawn by a hash of who they are, so
that neither row order nor threads decide.
"""

from dataclasses import dataclass

from link.faces import count_shared, join_shared, widened
from link.sections import LinkModel
from minns.engine import Engine

_LOT = "md5_number_lower(source || '/' || local_patient_id)"
_ALL = 2**64


@dataclass(frozen=True)
class Sampled:
    """How many identities and labelled pairs there are, and the tables of samples drawn."""

    identities: int
    labelled: int


def draw(engine: Engine, model: LinkModel) -> Sampled:
    """From `standard`: tables `sample` of identities, and `labelled`, those of them and of others
    that share a valid number, each with its `label`.
    """
    training = model.training
    identities = int(engine.value("select count(*) from standard where not unlinkable"))
    share = min(1.0, training.identities / max(identities, 1))
    count_shared(engine, model, "standard", "standard")
    wide = join_shared(model, f"({widened(model, 'standard')})")
    engine.run(f"create or replace view wide as {wide}")
    engine.run(
        f"create or replace table sample as from wide where {_within(_LOT, share)} order by id"
    )
    return Sampled(identities, _label(engine, model))


def _within(lot: str, share: float) -> str:
    return "true" if share >= 1 else f"{lot} < {int(share * _ALL)}"


def _label(engine: Engine, model: LinkModel) -> int:
    """Draw `labelled`; gives the number of labelled pairs among all identities."""
    label = f"({model.decided or 'cast(null as varchar)'})"
    engine.run(
        f"create or replace table label as select {label} as label, count(*) as n"  # noqa: S608
        " from wide where label is not null group by label having count(*) > 1"
    )
    pairs = int(engine.value("select coalesce(sum(n * (n - 1) // 2), 0) from label"))
    within = _within("md5_number_lower(label)", model.training.max_labelled / max(pairs, 1))
    engine.run(
        f"create or replace table labelled as select *, {label} as label from wide"  # noqa: S608
        f" where label in (select label from label where {within}) order by id"
    )
    return pairs
