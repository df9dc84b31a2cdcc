"""Comparisons declared by kind and column, for models that need no SQL: each expands into levels.

The m and u that a kind brings are where learning starts, and what stands where nothing is learned.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from pydantic import Field

from link.sections import Section

Kind = Literal["name", "text", "date", "code", "number", "exact"]
#: From which likeness, or up to which distance, two values are alike, from best to worst.
GRADES: dict[Kind, tuple[float, ...]] = {
    "name": (0.92, 0.8),
    "text": (0.92, 0.8),
    "date": (1, 2),
    "code": (1, 2),
    "number": (1, 5),
    "exact": (),
}
_LIKENESS = {
    "jaro_winkler": "jaro_winkler_similarity({l}, {r}) >= {grade:g}",
    "jaro": "jaro_similarity({l}, {r}) >= {grade:g}",
    "jaccard": "jaccard({l}, {r}) >= {grade:g}",
    "damerau": "damerau_levenshtein({l}, {r}) <= {grade:g}",
    "levenshtein": "levenshtein({l}, {r}) <= {grade:g}",
    "difference": "abs(cast({l} as double) - cast({r} as double)) <= {grade:g}",
}
_MEASURE: dict[Kind, str] = {
    "name": "jaro_winkler",
    "text": "jaro_winkler",
    "date": "damerau",
    "code": "damerau",
    "number": "difference",
    "exact": "damerau",
}


class ByKind(Section):
    """A comparison as a model's file may declare it without SQL."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Kind
    column: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    measure: str | None = Field(None, pattern="^(" + "|".join(_LIKENESS) + ")$")
    grades: tuple[float, ...] | None = None
    swapped_with: str | None = Field(None, pattern=r"^[a-z][a-z0-9_]*$")
    frequency: bool = True
    trained: bool = True


def expand(declared: ByKind) -> dict[str, Any]:
    """The comparison with its levels, in the form of the model's file."""
    column = declared.column
    conditions = [("same", f"{column}_l = {column}_r", column if declared.frequency else None)]
    conditions += [(name, sql, None) for name, sql in _alike(declared)]
    levels = [
        {"name": name, "condition": sql, "m": m, "u": u, "frequency_of": frequency}
        for (name, sql, frequency), (m, u) in zip(
            [*conditions, ("else", "ELSE", None)], _shares(len(conditions)), strict=True
        )
    ]
    return {
        "name": declared.name,
        "unknown": f"{column}_l is null or {column}_r is null",
        "trained": declared.trained,
        "levels": levels,
    }


def _alike(declared: ByKind) -> list[tuple[str, str]]:
    column, other = declared.column, declared.swapped_with
    found = []
    if other:
        crossed = f"{column}_l = {other}_r and {other}_l = {column}_r"
        found.append((f"swapped with {other}", crossed))
    measure = declared.measure or _MEASURE[declared.kind]
    form = _LIKENESS[measure]
    grades = GRADES[declared.kind] if declared.grades is None else declared.grades
    for grade in grades:
        sql = form.format(l=f"{column}_l", r=f"{column}_r", grade=grade)
        found.append((f"{measure.replace('_', ' ')} {grade:g}", sql))
    if declared.kind == "date":
        found.append(("same year", f"substr({column}_l, 1, 4) = substr({column}_r, 1, 4)"))
    return found


def _shares(agreeing: int) -> list[tuple[float, float]]:
    """m falls and u grows from the best level to the worst; each sums to one."""
    m = [0.8 * 0.2**place for place in range(agreeing)]
    u = [0.002 * 4**place for place in range(agreeing)]
    return [*zip(m, u, strict=True), (1 - sum(m), max(1 - sum(u), 0.01))]


#: How a value out of `traits` is made comparable: SQL over a text.
NORMAL: dict[str, Callable[[str], str]] = {
    "as_is": lambda x: f"nullif({x}, '')",
    "text": lambda x: (
        f"nullif(trim(regexp_replace(strip_accents(lower({x})), '[^a-z0-9]+', ' ', 'g')), '')"
    ),
    "name": lambda x: f"nullif(regexp_replace(strip_accents(lower({x})), '[^a-z]+', '', 'g'), '')",
    "date": lambda x: f"nullif(left(regexp_replace({x}, '[^0-9]', '', 'g'), 8), '')",
    "code": lambda x: f"nullif(regexp_replace(upper({x}), '[^A-Z0-9]', '', 'g'), '')",
    "number": lambda x: f"cast(try_cast({x} as double) as varchar)",
}


def columns_sql(traits: Sequence[tuple[str, str, str]]) -> list[str]:
    """SELECT items that read traits (name, kind, key) out of the JSON of `traits`."""
    return [f"{NORMAL[kind](_extract(key))} as trait_{name}" for name, kind, key in traits]


def _extract(key: str) -> str:
    path = '$."' + key.replace("'", "''") + '"'
    return f"json_extract_string(traits, '{path}')"
