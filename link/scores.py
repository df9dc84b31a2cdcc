"""Pairs worth comparing and their weights: Splink on what neither a number nor the registry
decides.
"""

from splink import DuckDBAPI, Linker, SettingsCreator

from link.settings import BLOCKING, UNDECIDED, LinkSettings, Parameters, splink_comparisons
from link.standardise import load_macros
from minns.engine import Engine
from minns.step import Room


def score(room: Room, settings: LinkSettings) -> None:
    """Reads `standard`, `parameter`, `registry_event`; writes `score` from the lower weight up."""
    engine = room.engine
    load_macros(engine)
    engine.run(
        "create or replace table candidate as select s.*, e.person_id from standard s"
        " left join (from registry_event qualify row_number() over ("
        "partition by source, local_patient_id order by segment desc, sequence desc) = 1) e"
        " using (source, local_patient_id) order by s.id"
    )
    edges = _predicted(engine, settings)
    room.write(
        "score",
        "select id_l, id_r, cast(match_weight as decimal(18, 6)) as match_weight,"  # noqa: S608
        " cast(match_probability as decimal(18, 6)) as match_probability"
        f" from {edges} order by id_l, id_r",
    )


def _frozen(engine: Engine) -> tuple[Parameters, float]:
    rows = engine.rows("select comparison, level, m, u from parameter")
    parameters = {(comparison, level): (m, u) for comparison, level, m, u in rows}
    prior, _ = parameters.pop(("prior", ""))
    return parameters, prior


def _predicted(engine: Engine, settings: LinkSettings) -> str:
    """The name of the table of scored pairs."""
    parameters, prior = _frozen(engine)
    identities = int(engine.value("select count(*) from candidate"))
    comparisons = splink_comparisons(
        parameters, frequencies=identities >= settings.least_identities
    )
    creator = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[f"{rule} and {UNDECIDED}" for rule in BLOCKING],
        probability_two_random_records_match=prior,
        retain_matching_columns=False,
    )
    api = DuckDBAPI(engine.connection.cursor())
    linker = Linker(api.register("candidate"), creator, log_level="ERROR")
    predicted = linker.inference.predict(threshold_match_weight=settings.lower)
    return str(predicted.physical_name)
