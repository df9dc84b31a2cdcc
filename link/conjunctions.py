"""Generous blocking for few identities: pairs that agree in one key, or in two of different traits,
when not many others do.

A rare surname alone may bring two records together, a common one with the year of birth; no rule
has to say beforehand which. What counts is how many identities share the value, or both values.
"""

from itertools import combinations

from link.sections import Conjunctions, LinkModel
from minns.engine import Engine

_Group = tuple[int, ...]


def conjoin(engine: Engine, model: LinkModel, wide: str, keys: str, first_new: int) -> None:
    """Add to the table `candidate` the pairs whose values, one or two, few identities share.

    `wide` has the columns, `keys` (`make_keys`) what tells whether a pair may be compared at all.
    """
    told = model.conjunctions
    if told is None:
        return
    lists = _hash(engine, told, wide, keys)
    found = " union all ".join(_keyed(group, lists) for group in _groups(told))
    engine.run(
        f"create or replace temp table conjunction as from ({found})"
        f" qualify count(*) over (partition by key) between 2 and {told.together}"
    )
    also = "(l.decided is null or r.decided is null or l.decided <> r.decided)"
    also += "" if model.within_source else " and l.source <> r.source"
    engine.run(
        "create or replace table candidate as from candidate union"  # noqa: S608
        " select l.id as id_l, r.id as id_r from conjunction l join conjunction r"
        f" on l.key = r.key and l.id < r.id where r.id >= {first_new} and {also}"
    )


def _groups(told: Conjunctions) -> list[_Group]:
    """Every key, and every two of different traits, as places in the list of keys."""
    traits = [trait for trait, keys in enumerate(told.keys) for _ in keys]
    one: list[_Group] = [(place,) for place in range(len(traits))]
    return one + [
        two for two in combinations(range(len(traits)), 2) if len({*_of(traits, two)}) > 1
    ]


def _of(traits: list[int], places: _Group) -> list[int]:
    return [traits[place] for place in places]


def _hash(engine: Engine, told: Conjunctions, wide: str, keys: str) -> set[int]:
    """Make `conjoined`: each key as a number k<place>, several words as several. Gives the places
    of the keys of which an identity may have several.
    """
    listed = [key for several in told.keys for key in several]
    types = engine.rows(f"describe select {', '.join(listed)} from {wide}")  # noqa: S608
    lists = {place for place, row in enumerate(types) if row[1].endswith("[]")}
    hashed = ", ".join(
        f"{key} as k{n}"
        if n in lists
        else f"case when {key} is not null then hash({key}) end as k{n}"
        for n, key in enumerate(listed)
    )
    engine.run(
        f"create or replace temp table conjoined as select w.id, w.source, k.decided, {hashed}"  # noqa: S608
        f" from {wide} w join {keys} k using (id)"
    )
    return lists


def _keyed(group: _Group, lists: set[int]) -> str:
    """A query for the identities that have all keys of the group, with one number for them."""
    table = "conjoined"
    for place in group:
        if place in lists:
            table = f"(select * replace (unnest(k{place}) as k{place}) from {table})"  # noqa: S608
    whole = " and ".join(f"k{place} is not null" for place in group)
    key = f"hash({', '.join(str(place) + ', k' + str(place) for place in group)})"
    return f"select id, decided, source, {key} as key from {table} where {whole}"  # noqa: S608
