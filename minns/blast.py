"""The blast radius of a plan: which facts would carry another code, whose they are, and by which
wave they came.

In: the difference between the record and what it would become, with the facts of both. Out: a line
for each kind, local code and pair of old and new standard code; counts, never a patient. All of it
is computed from the two sets: a changed map, a new edition and a changed rule show alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import load
from minns.engine import Engine, quote
from minns.model import CODED, LINEAGE
from transform.consolidate import own_id_sql

_COLUMNS = ("fact_id", "person_id", "source", "local_system", "local_code")
_STANDARD = ("system", "code", "equivalence")


@dataclass(frozen=True)
class CodeChange:
    """Facts of one kind and local code whose standard code would change.

    Codes are written system|code; empty where there is none. `means` tells how near the code is,
    before and after, where that is what changes.
    """

    kind: str
    local_system: str
    local_code: str
    old: str
    new: str
    means: tuple[str, str]
    facts: int
    persons: int
    waves: tuple[str, ...]


@dataclass(frozen=True)
class Blast:
    """All changes of codes, and how many facts and persons they reach in all, by which waves."""

    changes: tuple[CodeChange, ...] = ()
    facts: int = 0
    persons: int = 0
    waves: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)


def blast_radius(
    engine: Engine,
    desired: Mapping[str, Sequence[Path]],
    difference: load.Difference,
    target: load.Target,
    batches: Sequence[tuple[str, int, tuple[str, ...]]],
) -> Blast:
    """What a load of `difference` would change of codes; the target is only read.

    `batches`: each wave in order, with the sources that first came with it.
    """
    engine.run("create or replace table wave_of (source varchar, wave varchar, number integer)")
    for wave, number, sources in batches:
        for source in sources:
            engine.run("insert into wave_of values (?, ?, ?)", [source, wave, number])
    engine.run("create or replace table recoded as " + _nothing())
    engine.view(LINEAGE.name, desired[LINEAGE.name])
    for found in difference.tables:
        if found.table in CODED and found.changed + found.closed:
            engine.view("fact", desired[found.table])
            engine.view("change", difference.folder / f"{found.table}.parquet")
            _read_old(engine, target, found.table)
            engine.run(f"insert into recoded by name {_recoded_sql(found.table)}")
    return _summed(engine)


def _nothing() -> str:
    names = ("kind", *_COLUMNS, *(f"{side}_{n}" for side in ("old", "new") for n in _STANDARD))
    return "select " + ", ".join(f"null::varchar as {name}" for name in names) + " where false"


def _read_old(engine: Engine, target: load.Target, kind: str) -> None:
    """Make `old_fact`: what the record holds of the facts that would change or be closed."""
    columns = ", ".join(quote(name) for name in (*_COLUMNS, *_STANDARD))
    # SQLite tells no type of a column that is empty throughout.
    typed = ", ".join(f"cast({name} as varchar) as {name}" for name in (*_COLUMNS, *_STANDARD))
    sql = f"select {columns} from {target.name(kind)} where valid_to_load is null"  # noqa: S608
    with target.stream(sql) as reader, engine.arrow("held_row", reader):
        engine.run(
            f"create or replace table old_fact as with h as (select {typed} from held_row) "  # noqa: S608
            f"select * from h semi join ({_touched(kind)}) as t using (fact_id)"
        )


def _touched(kind: str) -> str:
    """The ids of facts that change, or that are folded into another: a fact that was founded by a
    row is named after it, so that the row tells where it went.
    """
    return f"""
        select fact_id from fact join change using (row_id) where change = 'changed'
        union
        select {own_id_sql(kind)} as fact_id from lineage
        where kind = '{kind}' and role = 'consolidated'"""  # noqa: S608


def _recoded_sql(kind: str) -> str:
    """Facts with old and new code. A fact that is folded into another takes over its code."""
    old = ", ".join(f"o.{name} as old_{name}" for name in _STANDARD)
    new = ", ".join(f"f.{name} as new_{name}" for name in _STANDARD)
    return f"""
        with now as (
            select o.fact_id as old_id, coalesce(f.fact_id, l.fact_id) as new_id
            from old_fact as o
            left join fact as f using (fact_id)
            left join (
                select {own_id_sql(kind)} as own_id, fact_id
                from lineage where kind = '{kind}' and role = 'consolidated'
            ) as l on l.own_id = o.fact_id
        )
        select '{kind}' as kind, {", ".join(f"o.{name}" for name in _COLUMNS)}, {old}, {new}
        from old_fact as o
        join now as n on n.old_id = o.fact_id
        join fact as f on f.fact_id = n.new_id
        where {" or ".join(f"o.{n} is distinct from f.{n}" for n in _STANDARD)}"""  # noqa: S608


_WRITTEN = "coalesce({side}_system || '|' || {side}_code, '')"
_SUMMED = f"""
    select kind, coalesce(local_system, ''), coalesce(local_code, ''),
        {_WRITTEN.format(side="old")} as old, {_WRITTEN.format(side="new")} as new,
        coalesce(old_equivalence, ''), coalesce(new_equivalence, ''),
        count(*) as facts, count(distinct person_id),
        list(distinct {{n: number, w: wave}} order by {{n: number, w: wave}})
    from recoded left join wave_of using (source)
    group by all order by facts desc, kind, 2, 3, old, new, 6, 7
"""  # noqa: S608


def _summed(engine: Engine) -> Blast:
    changes = tuple(
        CodeChange(kind, system, code, old, new, (was, becomes), facts, persons, _names(waves))
        for kind, system, code, old, new, was, becomes, facts, persons, waves in engine.rows(
            _SUMMED
        )
    )
    facts, persons = engine.rows("select count(*), count(distinct person_id) from recoded")[0]
    waves = engine.rows(
        "select wave from recoded join wave_of using (source) group by wave, number order by number"
    )
    return Blast(changes, facts, persons, tuple(wave for (wave,) in waves))


def _names(waves: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(wave["w"] for wave in waves if wave["w"] is not None)
