"""One column: types, nulls, distinct values, forms, dates, sentinels, damage, identity numbers.

Everything is told of the distinct values and how often each stands, in one grouping a column.
"""

from typing import Any

from extract.profile.personal import FEW, FEW_PATIENTS, is_code_like
from minns.engine import Engine, quote

#: Forms, codes and years told of a column, at most.
SHOWN = 12
#: Share of the values in a form of dates from which a column is one of dates.
_DATES = 0.5

_GROUPED = """
create or replace temp table _grouped as
select cast({column} as varchar) as v, count(*) as n from {table}
where {column} is not null group by 1
"""
#: Whether any value could be an identity number: to tell costs more than all the rest.
_MAYBE = r"""
select coalesce(bool_or(regexp_full_match(trim(v), '[0-9A-Z]{6,8}[-+ ]?[0-9A-Z]{4}')), false)
from _grouped
"""
_VALUES = """
create or replace temp table _values as
select *, case when form is null then null else year_of(trim(v), form) end as year
from (select *, date_form(trim(v)) as form, sentinel_of(v) as sentinel, {identity} as identity
    from _grouped)
"""
_SUMS = r"""
select coalesce(sum(n), 0), count(*), coalesce(min(length(v)), 0), coalesce(max(length(v)), 0),
    coalesce(sum(n) filter (regexp_full_match(v, '\s*[\p{L}][\p{L}\p{M} ,.''’-]{2,}\s*')), 0),
    coalesce(sum(n) filter (regexp_full_match(v, '\s*\d+\s*')), 0),
    coalesce(max(length(regexp_extract(v, '\d{5,}'))), 0),
    coalesce(sum(n) filter (regexp_full_match(v, '\s*[<>]?=?\s*[+-]?\d+([.,]\d+)?\s*')), 0),
    coalesce(sum(n) filter (regexp_matches(v, '^\s*\p{Lu}\p{Ll}+,?[ -]\p{Lu}\p{Ll}')), 0),
    coalesce(sum(n) filter (contains(v, ',') and regexp_full_match(v, '\s*[+-]?\d+,\d+\s*')), 0)
from _values
"""


def column(engine: Engine, table: str, name: str, type_: str, rows: int) -> dict[str, Any]:
    """What is told of a column of a table (or of a sample of it) with so many rows."""
    engine.run(_GROUPED.format(column=quote(name), table=quote(table)))
    maybe = engine.value(_MAYBE)
    engine.run(_VALUES.format(identity="identity_of(v)" if maybe else "cast(null as varchar)"))
    sums = engine.rows(_SUMS)[0]
    filled, distinct, least, most, words, digits, longest, numbers, names, commas = sums
    told: dict[str, Any] = {
        "name": name,
        "type": type_,
        "rows": rows,
        "nulls": rows - int(filled),
        "filled": int(filled),
        "distinct": distinct,
        "length": [least, most],
        "words": int(words),
        "like_names": int(names),
        "digits_only": int(digits),
        "longest_digits": longest,
        "numbers": int(numbers),
        "decimal_commas": int(commas),
        "dates": _dates(engine, int(filled)),
        "identity_numbers": _counts(engine, "identity", least=1),
        "sentinels": _counts(engine, "sentinel", least=1),
        "damage": _counts(engine, "damage_of(v)", least=1) if type_ == "string" else {},
        "shapes": _counts(engine, "shape_of(v)", least=FEW),
    }
    if sum(told["identity_numbers"].values()) * 20 < filled or _are_moments(engine, told):
        told["identity_numbers"] = {}
        engine.run("update _values set identity = null")
        told["dates"] = _dates(engine, int(filled))
    told["systems"] = _systems(engine, int(filled)) if type_ == "string" else {}
    told["code_like"] = is_code_like(name, told)
    return told


def _counts(engine: Engine, expression: str, least: int) -> dict[str, int]:
    """How many rows hold each form, the most frequent first."""
    sql = (
        f"select what, rows from (select {expression} as what, sum(n) as rows"  # noqa: S608
        " from _values group by 1) where what is not null and rows >= ?"
        " order by rows desc, what limit ?"
    )
    return {what: int(count) for what, count in engine.rows(sql, [least, SHOWN])}


def _are_moments(engine: Engine, told: dict[str, Any]) -> bool:
    """Whether what has the form of identity numbers are times (200501311430): nearly all of them
    are whole minutes of a day, and most have a check digit that is wrong.
    """
    found = told["identity_numbers"]
    clocks = engine.value(
        "select coalesce(sum(n) filter (form like 'YYYYMMDDhhmm%'), 0) from _values"
    )
    wrong = found.get("check digit wrong", 0)
    return bool(found) and clocks * 10 >= 9 * told["filled"] and wrong * 2 > sum(found.values())


def _systems(engine: Engine, filled: int) -> dict[str, int]:
    """The code systems whose form most values have."""
    found = _counts(engine, "system_of(trim(v))", least=1)
    return {system: rows for system, rows in found.items() if rows * 2 > filled}


def _dates(engine: Engine, filled: int) -> dict[str, Any]:
    """Forms, first and last year and rows by year; nothing where the column is none of dates."""
    forms = _counts(engine, "case when identity is null then form end", least=1)
    if sum(forms.values()) < _DATES * filled or not filled or set(forms) <= {"YYYY", "YYMMDD"}:
        return {}
    years = engine.rows(
        "select year, sum(n) from _values where year is not null group by 1 order by 1"
    )
    counted = {str(year): int(n) for year, n in years if n >= FEW}
    frequent = [int(year) for year in counted]
    return {
        "forms": forms,
        "years": [min(frequent), max(frequent)] if frequent else [],
        "by_year": counted,
        "rare_years": len(years) - len(counted),
    }


def codes(engine: Engine, table: str, name: str, patient: str | None) -> dict[str, int]:
    """Values that stand often enough, and with enough patients where a column names those."""
    enough = f"count(distinct {quote(patient)}) >= {FEW_PATIENTS}" if patient else "true"
    sql = (
        f"select cast({quote(name)} as varchar) as v, count(*) as n from {quote(table)}"  # noqa: S608
        f" where {quote(name)} is not null group by 1 having n >= {FEW} and {enough}"
        " order by n desc, v limit 200"
    )
    return {value: int(count) for value, count in engine.rows(sql)}
