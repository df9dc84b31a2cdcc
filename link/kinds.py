"""Comparisons declared by kind and column, for models that need no SQL: each expands into levels.

The m and u that a kind brings are where learning starts, and what stands where nothing is learned.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from pydantic import Field

from link.sections import Section

Kind = Literal["name", "text", "words", "date", "code", "email", "number", "exact"]
#: From which likeness, or up to which distance, two values are alike, from best to worst. Of words,
#: how many bits those in common tell: a word that one in 1,024 has tells ten.
GRADES: dict[Kind, tuple[float, ...]] = {
    "name": (0.92, 0.85, 0.75),
    "text": (0.92, 0.85, 0.75),
    "words": (24, 17, 11, 5),
    "date": (1, 2),
    "code": (1, 2),
    "email": (0.88, 0.75),
    "number": (1, 5),
    "exact": (),
}
_LIKENESS = {
    "jaro_winkler": "jaro_winkler_similarity({l}, {r}) >= {grade:g}",
    "jaro": "jaro_similarity({l}, {r}) >= {grade:g}",
    "jaccard": "jaccard({l}, {r}) >= {grade:g}",
    "damerau": "damerau_levenshtein({l}, {r}) <= {grade:g}",
    "levenshtein": "levenshtein({l}, {r}) <= {grade:g}",
    "bits": "common_bits({l}, {r}, {n}) >= {grade:g}",
    "difference": "abs(cast({l} as double) - cast({r} as double)) <= {grade:g}",
}
_MEASURE: dict[Kind, str] = {
    "name": "jaro_winkler",
    "text": "jaro_winkler",
    "words": "bits",
    "date": "damerau",
    "code": "damerau",
    "email": "jaro_winkler",
    "number": "difference",
    "exact": "damerau",
}


#: Slips of the pen, before anything that is merely alike.
_SLIPS: dict[Kind, tuple[tuple[str, str], ...]] = {
    "name": (("one slip", "least(length({l}), length({r})) > 3 and one_slip_at_most({l}, {r})"),),
    "text": (("one slip", "one_slip_at_most(replace({l}, ' ', ''), replace({r}, ' ', ''))"),),
    "date": (("day and month swapped", "{l} = left({r}, 4) || right({r}, 2) || {r}[5:6]"),),
    "email": (
        ("same user", "split_part({l}, '@', 1) = split_part({r}, '@', 1)"),
        ("one slip", "one_slip_at_most({l}, {r})"),
    ),
}
#: What is common among pairs of two persons as well, and still tells something.
_AKIN: dict[Kind, tuple[tuple[str, str], ...]] = {
    "name": (("initial", "least(length({l}), length({r})) = 1 and left({l}, 1) = left({r}, 1)"),),
    "text": (("a word in common", "list_has_any(split({l}, ' '), split({r}, ' '))"),),
    "date": (
        ("same year", "left({l}, 4) = left({r}, 4)"),
        ("years near", "abs(cast(left({l}, 4) as int) - cast(left({r}, 4) as int)) <= 10"),
    ),
    "code": (
        ("same start", "least(length({l}), length({r})) > 4 and left({l}, 3) = left({r}, 3)"),
    ),
}


#: By what an identity may be found, beside others: the value, and parts of it that a slip spares.
KEYS: dict[Kind, tuple[str, ...]] = {
    "name": ("{x}", "left({x}, 3)"),
    "text": ("{x}",),
    "words": ("words_{x}",),
    "date": ("{x}", "left({x}, 6)", "left({x}, 4)", "right({x}, 4)"),
    "code": ("{x}", "case when length({x}) > 4 then left({x}, 4) end"),
    "email": ("{x}", "split_part({x}, '@', 1)", "left({x}, 4)"),
    "number": ("{x}",),
    "exact": ("{x}",),
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

    @property
    def traits(self) -> dict[str, str]:
        """The trait that is compared, if it is one, and as what it is read."""
        name = self.column.removeprefix("trait_")
        kind = "text" if self.kind == "exact" else self.kind
        return {name: kind} if name != self.column else {}

    def keys(self) -> tuple[str, ...]:
        """SQL over an identity: by what of the column it may be found."""
        return tuple(form.format(x=self.column) for form in KEYS[self.kind])


def expand(declared: ByKind) -> dict[str, Any]:
    """The comparison with its levels, in the form of the model's file."""
    column = declared.column
    conditions = [*_first(declared), *((name, sql, None) for name, sql in _alike(declared))]
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


def _first(declared: ByKind) -> list[tuple[str, str, str | None]]:
    """The level of one and the same value; words in common tell more than that all are."""
    column = declared.column
    frequency = column if declared.frequency else None
    return [] if declared.kind == "words" else [("same", f"{column}_l = {column}_r", frequency)]


def _alike(declared: ByKind) -> list[tuple[str, str]]:
    """The levels between the same value and another one: names and SQL."""
    column, other = declared.column, declared.swapped_with
    left, right = f"{column}_l", f"{column}_r"
    found = [(n, sql.format(l=left, r=right)) for n, sql in _SLIPS.get(declared.kind, ())]
    if other:
        crossed = f"one_slip_at_most({left}, {other}_r) or one_slip_at_most({other}_l, {right})"
        found.append((f"swapped with {other}", crossed))
    measure = declared.measure or _MEASURE[declared.kind]
    grades = GRADES[declared.kind] if declared.grades is None else declared.grades
    if declared.kind == "words":
        left, right = f"words_{column}_l", f"words_{column}_r"
    for grade in grades:
        sql = _LIKENESS[measure].format(l=left, r=right, n=f"near_{column}_r", grade=grade)
        found.append((f"{measure.replace('_', ' ')} {grade:g}", sql))
    return found + [(n, sql.format(l=left, r=right)) for n, sql in _AKIN.get(declared.kind, ())]


def _shares(agreeing: int) -> list[tuple[float, float]]:
    """m falls and u grows from the best level to the worst; each sums to one."""
    m = [0.8 * 0.2**place for place in range(agreeing)]
    u = [0.2 * 0.4 ** (agreeing - place) for place in range(agreeing)]
    return [*zip(m, u, strict=True), (1 - sum(m), 1 - sum(u))]


#: How a value out of `traits` is made comparable: SQL over a text.
NORMAL: dict[str, Callable[[str], str]] = {
    "as_is": lambda x: f"nullif({x}, '')",
    "text": lambda x: (
        f"nullif(trim(regexp_replace(strip_accents(lower({x})), '[^a-z0-9]+', ' ', 'g')), '')"
    ),
    "name": lambda x: f"nullif(regexp_replace(strip_accents(lower({x})), '[^a-z]+', '', 'g'), '')",
    "words": lambda x: NORMAL["text"](x),
    "email": lambda x: f"nullif(lower(trim({x})), '')",
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
