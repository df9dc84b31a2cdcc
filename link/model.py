"""The linkage model's parameters, learned once and frozen as a table: prior, m and u by level.

m is counted over the pairs that share a valid number, u over random pairs; both are counts, so
that thread and row order cannot change them. Where there is too little to count, the defaults of
`settings.py` stand.
"""

from typing import Any

import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator

from link.settings import COMPARISONS, LinkSettings, Parameters, defaults, splink_comparisons
from link.standardise import load_macros
from minns.engine import Engine
from minns.step import Room

_TRAINED = tuple(c.name for c in COMPARISONS if c.trained)
_LEAST_SHARE = 0.000001


def train(room: Room, settings: LinkSettings) -> None:
    """Reads `standard`; writes `parameter` (comparison, level, m, u), with the prior as a row."""
    engine = room.engine
    load_macros(engine)
    engine.run("create or replace table sample as select * from standard order by id")
    identities = int(engine.value("select count(*) from sample"))
    labelled = int(
        engine.value(
            "select coalesce(sum(n * (n - 1) // 2), 0) from (select count(*) as n from sample"
            " where number_root is not null group by number_root)"
        )
    )
    parameters = _learned(engine, settings, identities, labelled)
    _write(room, parameters, _prior(identities, labelled, settings))


def _prior(identities: int, labelled: int, settings: LinkSettings) -> float:
    """Share of true pairs among all pairs, from those that a number proves."""
    pairs = max(identities * (identities - 1) / 2, 1)
    matches = max(labelled / settings.number_coverage, identities / 20, 1)
    return min(matches / pairs, 0.1)


def _learned(engine: Engine, settings: LinkSettings, identities: int, labelled: int) -> Parameters:
    learn_m = labelled >= settings.least_labelled
    learn_u = identities >= settings.least_identities
    parameters = defaults()
    if not (learn_m or learn_u):
        return parameters
    model = _count(engine, settings, learn_m, learn_u)
    for comparison in model["comparisons"]:
        name = comparison["output_column_name"]
        levels = [v for v in comparison["comparison_levels"] if not v.get("is_null_level")]
        for level in levels:
            key = (name, str(level["label_for_charts"]))
            m, u = parameters[key]
            parameters[key] = (
                _share(level.get("m_probability"), m) if learn_m else m,
                _share(level.get("u_probability"), u) if learn_u else u,
            )
    return parameters


def _share(counted: float | None, default: float) -> float:
    """Six significant digits; a level never seen keeps its default, none is quite impossible."""
    return float(f"{max(default if counted is None else counted, _LEAST_SHARE):.6g}")


def _count(engine: Engine, settings: LinkSettings, m: bool, u: bool) -> dict[str, Any]:
    """Splink's trained model as a plain dictionary."""
    comparisons = splink_comparisons(defaults(), frequencies=False)
    for comparison in comparisons:
        for level in comparison["comparison_levels"]:
            level.pop("m_probability", None)
            level.pop("u_probability", None)
    creator = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        comparisons=[c for c in comparisons if c["output_column_name"] in _TRAINED],
        retain_matching_columns=False,
    )
    api = DuckDBAPI(engine.connection.cursor())
    linker = Linker(api.register("sample"), creator, log_level="ERROR")
    if u:
        linker.training.estimate_u_using_random_sampling(max_pairs=settings.max_pairs, seed=1)
    if m:
        linker.training.estimate_m_from_label_column("number_root")
    model: dict[str, Any] = linker.misc.save_model_to_json()
    return model


def _write(room: Room, parameters: Parameters, prior: float) -> None:
    keys = [("prior", ""), *parameters]
    shares = [(float(f"{prior:.6g}"), 0.0), *parameters.values()]
    table = pa.table(
        {
            "comparison": [comparison for comparison, _ in keys],
            "level": [level for _, level in keys],
            "m": [m for m, _ in shares],
            "u": [u for _, u in shares],
        }
    )
    with room.engine.arrow("learned", table):
        room.write("parameter", "select * from learned order by comparison, level")
