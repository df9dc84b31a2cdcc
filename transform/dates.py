"""Dates that cannot be: before birth, after death, in the future, in an hour that was not or was
twice. They are told as conflicts, and stand as they were written.

In: `coded` and `stated` of one kind (transform.consolidate), `lived` (when each person was born and
died) and `landed` (the last day on which each source wrote anything).
"""

from minns.engine import Engine, literal
from minns.model import CANONICAL, KINDS

#: When a fact of each kind was so, by the column that says it.
WHEN = {
    "care_contact": "starts_at",
    "condition": "diagnosed_on",
    "alert": "valid_from",
    "medication": "starts_on",
    "observation": "observed_at",
    "procedure": "performed_on",
    "immunization": "given_on",
    "document": "written_at",
}
#: Kinds that are planned ahead.
_PLANNED = ("care_contact", "medication")
#: Days after a death on which something may still be written about it: what the physician says of
#: its cause is due within three weeks (begravningsförordningen 1990:1147, 16 §; Socialstyrelsen,
#: "Lämna uppgifter till dödsorsaksregistret").
AFTER_DEATH = 21

#: Sweden's clocks go forward at 2 on March's last Sunday (1980: on 6 April) and back at 3 on
#: October's (until 1995 September's).
_LAST_SUNDAY = "dayofweek({0}) = 0 and month(cast({0} as date) + 7) <> month({0})"
_FORWARD = (
    "(year({0}) > 1980 and month({0}) = 3 and " + _LAST_SUNDAY + ")"
    " or cast({0} as date) = date '1980-04-06'"
)
_BACK = (
    "year({0}) >= 1980 and month({0}) = case when year({0}) < 1996 then 9 else 10 end and "
    + _LAST_SUNDAY
)


def landed_sql(sources: tuple[str, ...]) -> str:
    """The last day on which each source wrote anything: what its landing tells of its moment, the
    same whenever it is read.
    """
    tables = " union all ".join(
        f"select source, recorded_at from {table}"  # noqa: S608
        for table in ("patient", *KINDS)
    )
    listed = ", ".join(map(literal, sources))
    return (
        f"select source, cast(max(recorded_at) as date) as landed_on from ({tables}) "  # noqa: S608
        f"where source in ({listed}) group by source"
    )


def load_dates(engine: Engine, sources: tuple[str, ...], persons: str) -> None:
    """Make `lived` and `landed` in the session; `persons`: rows of model.PERSON."""
    engine.run(
        "create or replace table lived as "  # noqa: S608
        f"select person_id, birth_date, deceased_date from {persons}"
    )
    engine.run(f"create or replace table landed as {landed_sql(sources)}")


def _ends(day: str, kind: str) -> str:
    """The last day that a date of which a part is known can mean."""
    if "date_precision" not in CANONICAL[kind].names:
        return day
    return f"""case date_precision
        when 'year' then make_date(year({day}), 12, 31) when 'month' then last_day({day})
        when 'week' then {day} + 6 else {day} end"""


def _faults(kind: str) -> dict[str, str]:
    """What is wrong with a date, and SQL that tells."""
    when, moments = WHEN[kind], CANONICAL[kind].column(WHEN[kind]).type == "timestamp"
    day = f"cast({when} as date)" if moments else when
    faults = {
        "before_birth": f"{_ends(day, kind)} < birth_date",
        "after_death": f"{day} > deceased_date + {AFTER_DEATH}",
    }
    if kind not in _PLANNED:
        faults["in_future"] = f"{day} > landed_on"
    if moments:
        told = " and utc_offset is null" if "utc_offset" in CANONICAL[kind].names else ""
        known = " and date_precision is null" if told else ""
        faults["in_doubled_hour"] = f"hour({when}) = 2 and ({_BACK.format(when)}){told}{known}"
        faults["in_missing_hour"] = f"hour({when}) = 2 and ({_FORWARD.format(when)}){known}"
    return faults


def date_conflicts_sql(kind: str) -> str:
    """Facts of a kind whose date cannot be; nothing that is struck out. Of birth, death and the
    future the other side is the person, of an hour the fact itself.
    """
    faults = _faults(kind)
    found = ", ".join(f"case when {sql} then {literal(name)} end" for name, sql in faults.items())
    return f"""
        with dated as (
            select c.rowid as place, own_id, person_id,
                unnest(list_filter([{found}], lambda f: f is not null)) as fault
            from coded as c
            left join lived using (person_id) left join landed using (source)
            where {WHEN[kind]} is not null and status not in ('nullified', 'refuted')
        )
        select distinct d.person_id, {literal(kind)} || '_' || fault as rule,
            {literal(WHEN[kind])} as field, coalesce(s.fact_id, d.own_id) as fact_id,
            case when fault like '%_hour' then coalesce(s.fact_id, d.own_id)
                else d.person_id end as other_fact_id
        from dated as d left join stated as s on s.place_in_coded = d.place"""  # noqa: S608
