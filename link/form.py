"""A linkage model in Splink's form, with the parameters that were learned."""

from collections.abc import Sequence
from typing import Any

from splink import SettingsCreator

from link.sections import Comparison, Level, Parameters


def settings(
    comparisons: Sequence[Comparison],
    parameters: Parameters | None = None,
    *,
    prior: float = 0.0001,
    least_frequency: float | None = None,
    rules: Sequence[str] = (),
    **more: Any,
) -> SettingsCreator:
    """Splink's settings. Without `parameters` they are to be learned; without `least_frequency`
    a rare value's agreement weighs no more than a common one's.
    """
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        comparisons=[_comparison(c, parameters, least_frequency) for c in comparisons],
        blocking_rules_to_generate_predictions=list(rules),
        probability_two_random_records_match=prior,
        retain_matching_columns=False,
        **more,
    )


def _comparison(
    comparison: Comparison, parameters: Parameters | None, least_frequency: float | None
) -> dict[str, Any]:
    unknown = {"sql_condition": comparison.unknown, "is_null_level": True}
    levels = [_level(comparison, v, parameters, least_frequency) for v in comparison.levels]
    return {"output_column_name": comparison.name, "comparison_levels": [unknown, *levels]}


def _level(
    comparison: Comparison,
    level: Level,
    parameters: Parameters | None,
    least_frequency: float | None,
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "sql_condition": level.condition,
        "label_for_charts": level.name,
    }
    if parameters is not None:
        m, u = parameters[comparison.name, level.name]
        found |= {"m_probability": m, "u_probability": u}
    if level.frequency_of and least_frequency is not None:
        found["tf_adjustment_column"] = level.frequency_of
        found["tf_adjustment_weight"] = level.frequency_weight
        found["tf_minimum_u_value"] = least_frequency
    return found
