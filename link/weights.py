"""What each comparison says of a pair: its level, and that level's weight, as SQL.

The weight of a level is log2(m / u). Where a level minds how common the value is, the value's own
share stands in place of u, as in Splink's model.
"""

from math import log2

from link.sections import Comparison, Level, LinkModel, Parameters
from minns.engine import quote


def prior_weight(prior: float) -> float:
    """The weight with which every pair starts."""
    return log2(prior / (1 - prior))


def level_sql(comparison: Comparison) -> str:
    """SQL over a pair: the place of its level, from 1 for the best; 0 when nothing can be said."""
    return _case(comparison, "0", [str(n) for n, _ in enumerate(comparison.levels, start=1)])


def weight_sql(model: LinkModel, comparison: Comparison, parameters: Parameters) -> str:
    """SQL over a pair: the weight of its level."""
    weights = [
        _weight(model, level, *parameters[comparison.name, level.name])
        for level in comparison.levels
    ]
    return _case(comparison, "0.0::double", weights)


def _case(comparison: Comparison, unknown: str, results: list[str]) -> str:
    levels = [level for level in zip(comparison.levels, results, strict=True)]
    whens = " ".join(
        f"when {level.condition} then {result}"
        for level, result in levels
        if level.condition != "ELSE"
    )
    rest = next(result for level, result in levels if level.condition == "ELSE")
    return f"case when {comparison.unknown} then {unknown} {whens} else {rest} end"


def _weight(model: LinkModel, level: Level, m: float, u: float) -> str:
    weight = f"{log2(m / u)!r}::double"
    if level.frequency_of is None:
        return weight
    left, right = (quote(f"tf_{level.frequency_of}_{side}") for side in "lr")
    common = f"greatest({left}, {right}, {model.least_frequency!r}::double)"
    adjusted = f"{level.frequency_weight!r}::double * ({log2(u)!r}::double - log2({common}))"
    return (
        f"case when {left} is null and {right} is null then {weight} else {weight} + {adjusted} end"
    )


def pairs_sql(columns: tuple[str, ...], pairs: str, faces: str) -> str:
    """A query for the pairs of `pairs` with both their faces: each column with _l and _r."""
    listed = ", ".join(
        f"{side}.{quote(c)} as {quote(f'{c}_{side}')}" for c in columns for side in "lr"
    )
    return (
        f"select p.*, {listed} from {pairs} p"  # noqa: S608
        f" join {faces} l on l.id = p.id_l join {faces} r on r.id = p.id_r"
    )
