"""Which pairs are compared: identities that are equal in what a rule names.

A rule of equalities is joined on one hash of its columns, made once for each identity. The left of
a pair is always the identity with the lesser number.
"""

import re
from collections.abc import Sequence

from link.sections import Blocking, LinkModel
from minns.engine import Engine, quote

_EQUALITY = re.compile(r"\s*l\.([a-z_][a-z0-9_]*)\s*=\s*r\.([a-z_][a-z0-9_]*)\s*")
#: Pairs of a number that both have for certain need no score.
_OPEN = "(l.decided is null or r.decided is null or l.decided <> r.decided)"


def sides(rule: Blocking) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The columns that a rule compares, left and right; None when it is no list of equalities."""
    matches = [_EQUALITY.fullmatch(part) for part in re.split(r"\band\b", rule.rule)]
    if not all(matches):
        return None
    pairs = [(m.group(1), m.group(2)) for m in matches if m]
    return tuple(p[0] for p in pairs), tuple(p[1] for p in pairs)


def _hash(columns: Sequence[str]) -> str:
    whole = " and ".join(f"{quote(c)} is not null" for c in columns)
    return f"case when {whole} then hash({', '.join(map(quote, columns))}) end"


def keys_sql(model: LinkModel, table: str, rules: Sequence[Blocking]) -> str:
    """A query for the keys by which `rules` join the identities of `table`."""
    items = ["id", _decided(model), f"coalesce({model.firm or 'false'}, false) as firm"]
    if not model.within_source:
        items.append("source")
    for place, rule in enumerate(rules):
        both = sides(rule)
        if both is None:
            continue
        items.append(f"{_hash(both[0])} as left_{place}")
        if both[0] != both[1]:
            items.append(f"{_hash(both[1])} as right_{place}")
    return f"select {', '.join(items)} from {table}"  # noqa: S608


def _decided(model: LinkModel) -> str:
    if not model.decided:
        return "cast(null as ubigint) as decided"
    return f"case when ({model.decided}) is not null then hash({model.decided}) end as decided"


def block(
    engine: Engine, model: LinkModel, everybody: str, new: str, rules: Sequence[Blocking]
) -> None:
    """Make the table `candidate` (match_key, join_key_l, join_key_r), in Splink's form: pairs of
    which the greater one is new.

    `everybody` and `new` are tables of keys, `everybody` with all that `new` has.
    """
    joins = [j for n, rule in enumerate(rules) for j in _joins(model, everybody, new, n, rule)]
    engine.run(
        "create or replace table candidate as select cast(min(rule) as varchar) as match_key,"  # noqa: S608
        f" id_l as join_key_l, id_r as join_key_r from ({' union all '.join(joins)})"
        " group by id_l, id_r"
    )


def _joins(model: LinkModel, everybody: str, new: str, place: int, rule: Blocking) -> list[str]:
    """The joins that find a rule's pairs; of two firm identities only where the rule says so."""
    chosen = f"select l.id as id_l, r.id as id_r, {place}::utinyint as rule"
    also = _OPEN if model.within_source else f"{_OPEN} and l.source <> r.source"
    both = sides(rule)
    if both is None:
        firm = "" if rule.firm else " and not (l.firm and r.firm)"
        return [
            f"{chosen} from {everybody} l join {new} r on l.id < r.id and ({rule.rule})"
            f" where {also}{firm}"
        ]
    on = f"l.left_{place} = r.{'left' if both[0] == both[1] else 'right'}_{place} and l.id < r.id"
    if rule.firm or not model.firm:
        return [f"{chosen} from {everybody} l join {new} r on {on} where {also}"]
    return [
        f"{chosen} from {everybody} l join (from {new} where not firm) r on {on} where {also}",
        f"{chosen} from (from {everybody} where not firm) l"
        f" join (from {new} where firm) r on {on} where {also}",
    ]
