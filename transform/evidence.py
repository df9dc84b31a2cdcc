"""What a conflict rests on, so that a judgement about it holds exactly as long as that stays so.

In: the conflicts of every kind, one after the other, and the rows behind their facts as their
sources wrote them. Out: the conflicts, each with the hash of what both sides say, all of them open:
what people judged is laid over them afterwards (transform.settle).

A side says what its rows say: the sources' own codes, texts, values and dates. What we make of them
(standard codes, groups, places in a picture) is no part of it: a judgement outlives a new map and a
new edition, and not a changed row, nor a row that came to the fact or left it.
"""

from pathlib import Path

from minns.engine import Engine, hash_sql, literal
from minns.model import CANONICAL

_COLUMNS = ("conflict_id", "person_id", "kind", "rule", "field", "fact_id", "other_fact_id")
#: What else a conflict rests on, where it is about more facts than two.
_FURTHER = "further"
#: What a person's conflicts rest on: each row of the patient, and what it says that may not differ.
_PERSON_SAYS = """md5(string_agg(
    concat_ws('|', source, source_table, row_key, rendered(number12), rendered(sex),
        rendered(cast(birth_date as varchar)), rendered(cast(deceased_date as varchar))),
    '|' order by source, source_table, row_key))"""


def row_says(kind: str) -> str:
    """SQL for the hash of what a canonical row says; its own id says nothing of a patient."""
    return hash_sql(CANONICAL[kind].columns)


def rows_say(kind: str) -> str:
    """SQL (an aggregate) for the hash of what several rows say, in whatever order they come."""
    return f"md5(string_agg({row_says(kind)}, '|' order by source, source_table, row_key))"


def note_conflicts(engine: Engine, rows: str) -> None:
    """Add conflicts (a query with the columns of `_COLUMNS`, and perhaps `further`) to the
    session's `disagreement`.
    """
    typed = ", ".join(f"{name} varchar" for name in (*_COLUMNS, _FURTHER))
    engine.run(f"create table if not exists disagreement ({typed})")
    engine.run(f"insert into disagreement by name from ({rows})")


def note_sides(engine: Engine, kind: str) -> None:
    """Add what the facts of a kind in conflict say to the session's `side`; `coded` and `stated`
    (transform.consolidate) are read.
    """
    engine.run("create table if not exists side (side varchar, said varchar)")
    engine.run(f"""
        insert into side
        with asked as (
            select fact_id from disagreement where kind = {literal(kind)}
            union select other_fact_id from disagreement where kind = {literal(kind)}
        ),
        -- the row that founded a fact names it; the others stand in `stated`
        behind as (
            select rowid as place_in_coded, own_id as side from coded where own_id in (from asked)
            union
            select place_in_coded, fact_id from stated where fact_id in (from asked)
        )
        select side, {rows_say(kind)} as said
        from behind join coded on coded.rowid = place_in_coded
        group by side""")  # noqa: S608


def note_persons(engine: Engine) -> None:
    """Make `person_side`: what the patients in conflict with themselves rest on.

    `known` (transform.persons) is read.
    """
    engine.run(f"""
        create table person_side as
        select person_id as side, {_PERSON_SAYS} as said
        from known where person_id in (select fact_id from disagreement)
        group by person_id""")  # noqa: S608


def open_conflicts_sql(engine: Engine, persons: Path) -> str:
    """All noted conflicts with their evidence, open; `persons`: the file of the table `person`.

    A side is a fact of any kind, or the person: their birth and death speak against a fact.
    """
    engine.run(f"""
        insert into side
        select person_id, md5(concat_ws('|', rendered(cast(birth_date as varchar)),
            rendered(cast(deceased_date as varchar))))
        from read_parquet({literal(str(persons))})
        where person_id in (select other_fact_id from disagreement)""")  # noqa: S608
    listed = ", ".join(f"d.{name}" for name in _COLUMNS)
    return f"""
        select {listed},
            md5(concat_ws('|', coalesce(case when d.kind = 'patient' then p.said else a.said end,
                '-'), coalesce(b.said, '-'), d.{_FURTHER})) as evidence_hash,
            'open' as state, null as verdict, null as settled_by, null as settled_at
        from disagreement as d
        left join side as a on a.side = d.fact_id
        left join side as b on b.side = d.other_fact_id
        left join person_side as p on p.side = d.fact_id"""  # noqa: S608
