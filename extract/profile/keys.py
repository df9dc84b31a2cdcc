"""Keys and candidate keys of tables, and which column refers to which table, with its orphans."""

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from minns.engine import Engine, literal, quote

#: Values of a column that are tried against all keys, and the share that must be found there.
_TRIED, _FOUND = 60, 0.8
#: Columns that pairs are made of when no single column is a key.
_PAIRED = 6
_NO_KEYS = ("double", "float", "binary")


def candidates(engine: Engine, table: str, columns: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Columns that name each row alone; where there is none, pairs that do."""
    keyed = [c for c in columns if c["type"] not in _NO_KEYS and not c["nulls"] and c["rows"]]
    single = [
        c["name"]
        for c in keyed
        if c["distinct"] == c["rows"] and c["length"][1] <= 64 and not c["dates"]
    ]
    if single:
        numbers = {c["name"] for c in keyed if c["identity_numbers"]}
        return [[n] for n in sorted(single, key=lambda n: (n in numbers, not _sounds_like_key(n)))]
    rows = keyed[0]["rows"] if keyed else 0
    telling = sorted(keyed, key=lambda c: -int(c["distinct"]))[:_PAIRED]
    pairs = [
        (a["name"], b["name"])
        for a, b in itertools.combinations(telling, 2)
        if a["distinct"] * b["distinct"] >= rows and max(a["length"][1], b["length"][1]) <= 64
    ]
    return [list(pair) for pair in pairs if is_key(engine, table, pair)]


def _sounds_like_key(name: str) -> bool:
    return re.search(r"(?i)id$|^id|nr$|num$|key|nyckel|kod$", name) is not None


def is_key(engine: Engine, table: str, columns: Sequence[str]) -> bool:
    """Whether the columns name each row."""
    named = ", ".join(quote(name) for name in columns)
    nothing = " or ".join(f"{quote(name)} is null" for name in columns)
    sql = (
        f"select count(*) = count(distinct ({named})) and count(*) filter ({nothing}) = 0"  # noqa: S608
        f" from {quote(table)}"
    )
    return bool(engine.value(sql))


def references(engine: Engine, tables: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Which columns hold the keys of other tables, and how many rows point nowhere."""
    parents = [
        (name, table["candidate_keys"][0][0])
        for name, table in tables.items()
        if table["candidate_keys"] and len(table["candidate_keys"][0]) == 1
    ]
    children = [
        (name, c["name"])
        for name, table in tables.items()
        for c in table["columns"]
        if c["distinct"] > 1 and not c["dates"] and c["type"] not in _NO_KEYS
    ]
    if not parents or not children:
        return []
    _gather(engine, parents, children)
    kinds = {(n, c["name"]): c for n, t in tables.items() for c in t["columns"]}
    found: dict[tuple[str, str], tuple[tuple[float, ...], str, str]] = {}
    sql = (
        "select t.tab, t.col, k.tab, k.col, count(*) / any_value(t.tried) as share"
        " from _tried t join _keys k using (h) where t.tab <> k.tab group by 1, 2, 3, 4"
        " having share >= ? order by all"
    )
    for child, column, parent, key, share in engine.rows(sql, [_FOUND]):
        kin = _kinship(column, parent, key)
        own = [column] in tables[child]["candidate_keys"][:1]
        if kin >= 2 or (not own and (kin or not _is_serial(kinds[parent, key]))):
            rank = (kin, share, -abs(kinds[child, column]["distinct"] - tables[parent]["rows"]))
            best = found.get((child, column), ((-1.0,), "", ""))
            found[child, column] = max(best, (rank, parent, key))
    return [_exact(engine, *at, parent, key) for at, (_, parent, key) in sorted(found.items())]


def _is_serial(key: Mapping[str, Any]) -> bool:
    """Numbers so short that any other column of numbers is found among them."""
    return bool(key["digits_only"] == key["rows"] and key["length"][0] < 8)


def _gather(
    engine: Engine, parents: Sequence[tuple[str, str]], children: Sequence[tuple[str, str]]
) -> None:
    """`_keys`: hashes of all keys; `_tried`: of some values of each column, chosen by hash."""
    hashed = "md5(trim(cast({} as varchar)))"
    engine.run("create or replace temp table _keys (tab varchar, col varchar, h varchar)")
    engine.run(
        "create or replace temp table _tried (tab varchar, col varchar, h varchar, tried bigint)"
    )
    for table, column in parents:
        value = hashed.format(quote(column))
        engine.run(
            f"insert into _keys select {literal(table)}, {literal(column)}, {value}"  # noqa: S608
            f" from {quote(table)}"
        )
    for table, column in children:
        value = hashed.format(quote(column))
        engine.run(
            f"insert into _tried select {literal(table)}, {literal(column)}, h, count(*) over ()"  # noqa: S608
            f" from (select distinct {value} as h from {quote(table)}"
            f" where {quote(column)} is not null order by h limit {_TRIED})"
        )


def _kinship(column: str, parent: str, key: str) -> int:
    """How much a column's name has of the table's or key's: 3 the same, 0 nothing."""
    column, parent, key = column.lower(), parent.lower(), key.lower()
    if column == key and column != "id":
        return 3
    stem = re.sub(r"[_ ]?(id|nr|kod|code|key|nyckel|ref|fk)$", "", column)
    if len(stem) >= 3 and (stem in parent or parent in column):
        return 2
    own = re.sub(r"[_ ]?(id|nr|kod|code|key|nyckel)$", "", key)
    if len(own) >= 3 and own in column:
        return 2
    return int(len(stem) >= 4 and stem[:4] == parent[:4])


def _exact(engine: Engine, child: str, column: str, parent: str, key: str) -> dict[str, Any]:
    value = "trim(cast({} as varchar))"
    sql = (
        f"select count(*) from (select {value.format(quote(column))} as v from {quote(child)}"  # noqa: S608
        f" where {quote(column)} is not null) anti join"
        f" (select {value.format(quote(key))} as v from {quote(parent)}) using (v)"
    )
    orphans = int(engine.value(sql))
    return {"table": child, "column": column, "to": parent, "key": key, "orphans": orphans}
