"""What a conflict rests on, so that a judgement about it holds exactly as long as that stays so.

In: the conflicts of every kind, one after the other, and the facts as they were written. Out: the
conflicts, each with the hash of what both sides say, all of them open: what people judged is laid
over them afterwards (transform.settle).
"""

from collections.abc import Mapping
from pathlib import Path

from minns.engine import Engine, literal
from minns.model import KINDS

_COLUMNS = ("conflict_id", "person_id", "kind", "rule", "field", "fact_id", "other_fact_id")
#: What a person's conflicts rest on: each row of the patient, and what it says that may not differ.
_PERSON_SAYS = """md5(string_agg(
    concat_ws('|', source, source_table, row_key, rendered(number12), rendered(sex),
        rendered(cast(birth_date as varchar)), rendered(cast(deceased_date as varchar))),
    '|' order by source, source_table, row_key))"""


def note_conflicts(engine: Engine, rows: str) -> None:
    """Add conflicts (a query with the columns of `_COLUMNS`) to the session's `disagreement`."""
    typed = ", ".join(f"{name} varchar" for name in _COLUMNS)
    engine.run(f"create table if not exists disagreement ({typed})")
    engine.run(f"insert into disagreement by name select {', '.join(_COLUMNS)} from ({rows})")  # noqa: S608


def note_persons(engine: Engine) -> None:
    """Make `person_side`: what the patients in conflict with themselves rest on.

    `known` (transform.persons) is read.
    """
    engine.run(f"""
        create table person_side as
        select person_id as side, {_PERSON_SAYS} as said
        from known where person_id in (select fact_id from disagreement)
        group by person_id""")  # noqa: S608


def open_conflicts_sql(engine: Engine, facts: Mapping[str, Path]) -> str:
    """All noted conflicts with their evidence, open; `facts`: the file of each kind, and `person`.

    A side is a fact of any kind, or the person: their birth and death speak against a fact.
    """
    asked = "select fact_id from disagreement union select other_fact_id from disagreement"
    sides = [
        f"select fact_id as side, content_hash as said from read_parquet({literal(str(path))}) "  # noqa: S608
        f"where fact_id in ({asked})"
        for kind, path in facts.items()
        if kind in KINDS
    ]
    person = literal(str(facts["person"]))
    engine.run(f"""
        create table side as
        {" union all ".join(sides)}
        union all
        select person_id, md5(concat_ws('|', rendered(cast(birth_date as varchar)),
            rendered(cast(deceased_date as varchar))))
        from read_parquet({person}) where person_id in ({asked})""")  # noqa: S608
    listed = ", ".join(f"d.{name}" for name in _COLUMNS)
    return f"""
        select {listed},
            md5(concat_ws('|', coalesce(case when d.kind = 'patient' then p.said else a.said end,
                '-'), coalesce(b.said, '-'))) as evidence_hash,
            'open' as state, null as verdict, null as settled_by, null as settled_at
        from disagreement as d
        left join side as a on a.side = d.fact_id
        left join side as b on b.side = d.other_fact_id
        left join person_side as p on p.side = d.fact_id"""  # noqa: S608
