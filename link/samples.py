"""What a model is learned from: a bounded sample of identities, drawn by a hash of who they are, so
that neither row order nor threads decide.
"""

from dataclasses import dataclass

from link.blocking import make_keys
from link.faces import compared, count_shared, faces_sql, needed, widened
from link.sections import LinkModel
from minns.engine import Engine, quote

_LOT = "md5_number_lower(source || '/' || local_patient_id)"
_ALL = 2**64


@dataclass(frozen=True)
class Sampled:
    """How many identities and labelled pairs there are."""

    identities: int
    labelled: int


def _within(lot: str, share: float) -> str:
    return "true" if share >= 1 else f"{lot} < {int(share * _ALL)}"


def draw(engine: Engine, model: LinkModel) -> Sampled:
    """From `standard`: `sample` of identities, and `labelled`, of those that share a valid number
    with another, its `label`; and what of both is compared, as `sample_face`, `labelled_face`.
    """
    engine.run(f"create or replace view wide as {widened(model, 'standard')}")
    identities = int(engine.value("select count(*) from wide"))
    share = model.training.identities / max(identities, 1)
    items = ", ".join(["id", *map(quote, needed(model))])
    engine.run(
        f"create or replace table sample as select {items} from wide"  # noqa: S608
        f" where {_within(_LOT, share)}"
    )
    pairs = _label(engine, model)
    narrow = _learned_from(model)
    if narrow.shared:
        make_keys(engine, narrow, "sample_key", "wide")
        count_shared(engine, narrow, "sample_key")
    for table, more in (("sample", ()), ("labelled", ("label",))):
        faces = faces_sql(narrow, table, more=more, frequencies=False)
        engine.run(f"create or replace table {table}_face as {faces} order by id")
    return Sampled(identities, pairs)


def _learned_from(model: LinkModel) -> LinkModel:
    """The model with only what is learned."""
    trained = tuple(c for c in model.comparisons if c.trained)
    narrow = model.model_copy(update={"comparisons": trained})
    named = compared(narrow)
    used = {name: s for name, s in model.shared.items() if f"shared_{name}" in named}
    return narrow.model_copy(update={"shared": used})


def _label(engine: Engine, model: LinkModel) -> int:
    """Draw `labelled`; gives the number of labelled pairs among all identities."""
    label = model.decided or "cast(null as varchar)"
    engine.run(
        f"create or replace table label as select label, count(*) as n from"  # noqa: S608
        f" (select {label} as label from wide) where label is not null group by label"
        f" having count(*) between 2 and {model.shared_number_max}"
    )
    pairs = int(engine.value("select coalesce(sum(n * (n - 1) // 2), 0) from label"))
    within = _within("md5_number_lower(label)", model.training.max_labelled / max(pairs, 1))
    engine.run(
        f"create or replace table labelled as from"  # noqa: S608
        f" (select {', '.join(['id', *map(quote, needed(model))])}, {label} as label from wide)"
        f" where label in (select label from label where {within})"
    )
    return pairs
