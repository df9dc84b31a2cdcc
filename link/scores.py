"""Pairs worth comparing and their weights: Splink on what no number decides, new identities against
known and new ones.
"""

from splink import DuckDBAPI, Linker

from link.blocking import block, keys_sql
from link.faces import (
    compared,
    count_shared,
    join_frequencies,
    join_shared,
    load_comparisons,
    widened,
)
from link.form import settings
from link.sections import LinkModel, Parameters
from minns.engine import Engine
from minns.step import Room

_ROUNDED = (
    "select id_l, id_r, cast(match_weight as decimal(18, 6)) as match_weight,"
    " cast(match_probability as decimal(18, 6)) as match_probability"
    " from {edges} order by id_l, id_r"
)


def score(room: Room, model: LinkModel) -> None:
    """Reads `standard` (new), `known`, `parameter`, `frequency`; writes `score` from the lower
    weight up: pairs of which at least one identity is new.
    """
    engine = room.engine
    load_comparisons(engine)
    engine.run(
        "create or replace view everybody as select * from known union all select * from standard"
    )
    count_shared(engine, model, "standard", "everybody")
    wide = join_shared(model, f"({widened(model, 'everybody')})")
    engine.run(f"create or replace view wide as {wide}")
    engine.run(
        f"create or replace table everybody_key as {keys_sql(model, 'wide', model.blocking)}"
    )
    engine.run(
        "create or replace view new_key as from everybody_key"
        " semi join (select id from standard) using (id)"
    )
    block(engine, model, "everybody_key", "new_key", model.blocking)
    engine.run(
        "create or replace view candidate_id as select join_key_l as id from candidate"
        " union all select join_key_r from candidate"
    )
    named = "(from wide semi join candidate_id using (id))"
    engine.run(f"create or replace table face as {join_frequencies(model, named, compared(model))}")
    room.write("score", _ROUNDED.format(edges=_weighed(engine, model)))


def frozen(engine: Engine) -> tuple[Parameters, float]:
    """m and u of each level, and the prior, as they were learned."""
    rows = engine.rows("select comparison, level, m, u from parameter")
    parameters = {(comparison, level): (m, u) for comparison, level, m, u in rows}
    prior, _ = parameters.pop(("prior", ""))
    return parameters, prior


def _weighed(engine: Engine, model: LinkModel) -> str:
    """The name of the table of pairs, with their weights."""
    parameters, prior = frozen(engine)
    least = model.least_frequency
    creator = settings(model.comparisons, parameters, prior=prior, least_frequency=least)
    api = DuckDBAPI(engine.connection.cursor())
    linker = Linker(api.register("face"), creator, log_level="ERROR", validate_settings=False)
    linker.table_management.register_blocked_pairs_for_predict(api.register("candidate"))
    predicted = linker.inference.predict(threshold_match_weight=model.lower, warning_mode="never")
    return str(predicted.physical_name)
