"""Which pairs are compared: identities that are equal in what a rule names.

A rule of equalities is joined on one hash of its columns, made once for each identity. The left of
a pair is always the identity with the lesser number.
"""

import re
from collections.abc import Sequence

from link.faces import combined, hashed, hashed_sql, named, shares_sql
from link.sections import Blocking, LinkModel
from minns.engine import Engine, quote

_EQUALITY = re.compile(r"\s*l\.([a-z_][a-z0-9_]*)\s*=\s*r\.([a-z_][a-z0-9_]*)\s*")
_Sides = tuple[tuple[str, ...], tuple[str, ...]]


def sides(rule: Blocking) -> _Sides | None:
    """The columns that a rule compares, left and right; None when it is no list of equalities."""
    matches = [_EQUALITY.fullmatch(part) for part in re.split(r"\band\b", rule.rule)]
    pairs = sorted((m.group(1), m.group(2)) for m in matches if m)
    if len(pairs) < len(matches):
        return None
    return tuple(p[0] for p in pairs), tuple(p[1] for p in pairs)


def make_keys(engine: Engine, model: LinkModel, table: str, wide: str) -> None:
    """Make `table`, the keys by which the model's rules join the identities of `wide`."""
    both = [sides(rule) for rule in model.blocking]
    columns = sorted({c for pair in both if pair for side in pair for c in side})
    items = [*_facts(model, both), *shares_sql(model)]
    items += [f"{hashed(c)} as h_{c}" for c in columns]
    passing = ", ".join(f"h_{c}" for c in columns)
    kept = f"* exclude ({passing})" if columns else "*"
    keys = _keys(both)
    whole = ", ".join([kept, *(f"{key} as {name}" for name, key in keys.items())])
    engine.run(
        f"create or replace table {table} as select {whole}"  # noqa: S608
        f" from (select {', '.join(items)} from {wide})"
    )
    _withdraw_fakes(engine, model, table)
    _withdraw_crowds(engine, model, table, tuple(keys))


def _facts(model: LinkModel, both: Sequence[_Sides | None]) -> list[str]:
    """SELECT items: what of an identity a join looks at beside its keys."""
    plain = {c for b, p in zip(model.blocking, both, strict=True) if p is None for c in named(b)}
    plain |= set() if model.within_source else {"source"}
    return [
        "id",
        f"{hashed_sql(model.decided) if model.decided else 'cast(null as ubigint)'} as decided",
        f"coalesce({model.firm or 'false'}, false) as firm",
        *sorted(quote(c) for c in plain - {"id"}),
    ]


def _keys(both: Sequence[_Sides | None]) -> dict[str, str]:
    """The keys by name, each once however many rules join by it."""
    named_sides = {side for pair in both if pair for side in pair}
    return {_key(side): combined(f"h_{c}" for c in side) for side in sorted(named_sides)}


def _key(side: tuple[str, ...]) -> str:
    return f"key_{'$'.join(side)}"


def _withdraw_fakes(engine: Engine, model: LinkModel, table: str) -> None:
    """A number that more carry than a person can have decides nothing: it was typed in for want of
    one.
    """
    fakes = (
        f"select decided from {table} where decided is not null group by decided"  # noqa: S608
        f" having count(*) > {model.shared_number_max}"
    )
    if engine.rows(f"{fakes} limit 1"):
        engine.run(
            f"update {table} set decided = null, firm = false where decided in ({fakes})"  # noqa: S608
        )


def _withdraw_crowds(engine: Engine, model: LinkModel, table: str, keys: Sequence[str]) -> None:
    """Values that more share than can be compared pair by pair join nobody. One identity in
    sixteen is counted first: such crowds show there as well.
    """
    hints = " union all ".join(
        f"select '{key}' from (select {key} from {table} where {key} is not null and id % 16 = 0"  # noqa: S608
        f" group by {key} having count(*) > {model.block_max // 32} limit 1)"
        for key in keys
    )
    for (key,) in engine.rows(hints) if keys else ():
        engine.run(
            f"update {table} set {key} = null where {key} in (select {key} from {table}"  # noqa: S608
            f" group by {key} having count(*) > {model.block_max})"
        )


def block(engine: Engine, model: LinkModel, keys: str, first_new: int) -> None:
    """Make the table `candidate` (id_l, id_r): the pairs that a rule finds among the identities of
    `keys`, whose greater one is new: its id is `first_new` or more.
    """
    joins = [j for n in range(len(model.blocking)) for j in _joins(model, keys, first_new, n)]
    none = "select 0::bigint as id_l, 0::bigint as id_r limit 0"
    engine.run(
        "create or replace table candidate as select distinct id_l, id_r"  # noqa: S608
        f" from ({' union all '.join(joins) or none})"
    )


def _joins(model: LinkModel, keys: str, first_new: int, place: int) -> list[str]:
    """The joins that find a rule's pairs; of two firm identities only where the rule says so.

    Known identities have lesser numbers than new ones, so that the lesser of a pair may be any.
    """
    rule, both = model.blocking[place], sides(model.blocking[place])
    also = "(l.decided is null or r.decided is null or l.decided <> r.decided)"
    also += "" if model.within_source else " and l.source <> r.source"
    loose_only = bool(model.firm) and not rule.firm
    new = f"(from {keys} where id >= {first_new})"
    pairs = "select l.id as id_l, r.id as id_r"
    if both is None:
        firm = " and not (l.firm and r.firm)" if loose_only else ""
        return [
            f"{pairs} from {keys} l join {new} r on l.id < r.id and ({rule.rule})"
            f" where {also}{firm}"
        ]
    left, right = (_key(side) for side in both)
    if not loose_only:
        return [
            f"{pairs} from {keys} l join {new} r on l.{left} = r.{right} and l.id < r.id"
            f" where {also}"
        ]
    if left == right:
        return [
            "select least(l.id, r.id) as id_l, greatest(l.id, r.id) as id_r"  # noqa: S608
            f" from {keys} l join (from {keys} where not firm) r on l.{left} = r.{left}"
            f" and (l.firm and l.id <> r.id or l.id < r.id)"
            f" where greatest(l.id, r.id) >= {first_new} and {also}"
        ]
    return [
        f"{pairs} from {keys} l join (from {new} where not firm) r on l.{left} = r.{right}"
        f" and l.id < r.id where {also}",
        f"{pairs} from (from {keys} where not firm) l join (from {new} where firm) r"
        f" on l.{left} = r.{right} and l.id < r.id where {also}",
    ]
