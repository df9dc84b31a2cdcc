"""Pairs worth comparing and their weights: new identities against known and new ones, where no
number decides.
"""

from link.blocking import block, make_keys
from link.conjunctions import conjoin
from link.faces import compared, count_shared, faces_sql, load_comparisons, widened
from link.sections import LinkModel, Parameters
from link.weights import pairs_sql, prior_weight, weight_sql
from link.words import worded
from minns.engine import Engine
from minns.step import Room


def score(room: Room, model: LinkModel) -> None:
    """Reads `standard` (new), `known`, `parameter`, `frequency`; writes `score` from the lower
    weight up: pairs of which at least one identity is new.
    """
    engine = room.engine
    load_comparisons(engine)
    engine.run(
        "create or replace view everybody as select * from known union all select * from standard"
    )
    wide = worded(engine, model, widened(model, "everybody"))
    engine.run(f"create or replace view wide as {wide}")
    first_new = engine.value("select coalesce(min(id), 0) from standard")
    make_keys(engine, model, "identity_key", "wide")
    count_shared(engine, model, "identity_key")
    block(engine, model, "identity_key", first_new)
    conjoin(engine, model, "wide", "identity_key", first_new)
    candidates = "(select id_l as id from candidate union all select id_r from candidate)"
    faces = faces_sql(model, f"(from wide where id in {candidates})")
    engine.run(f"create or replace table face as {faces}")
    parameters, prior = frozen(engine, model)
    room.write("score", _weighed(model, parameters, prior))


def frozen(engine: Engine, model: LinkModel) -> tuple[Parameters, float]:
    """m and u of each level, and the prior, as they were learned; the model's own for others."""
    rows = engine.rows("select comparison, level, m, u from parameter")
    parameters = {(comparison, level): (m, u) for comparison, level, m, u in rows}
    prior, _ = parameters.pop(("prior", ""))
    return {**model.defaults(), **parameters}, prior


def _weighed(model: LinkModel, parameters: Parameters, prior: float) -> str:
    columns = (*compared(model), *(f"tf_{trait}" for trait in model.frequencies))
    parts = [weight_sql(model, comparison, parameters) for comparison in model.comparisons]
    weight = " + ".join([f"{prior_weight(prior)!r}::double", *parts])
    return (
        "select id_l, id_r, cast(weight as decimal(18, 6)) as match_weight,"  # noqa: S608
        " cast(1 / (1 + power(2.0, -weight)) as decimal(18, 6)) as match_probability"
        f" from (select id_l, id_r, {weight} as weight from"
        f" ({pairs_sql(columns, 'candidate', 'face')})) where weight >= {model.lower!r}"
        " order by id_l, id_r"
    )
