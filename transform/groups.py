"""The groups of the medication picture, and where the sources' pictures disagree.

In: what `transform.medicine.stage_picture` made. Out: rows of model.MEDICATION_GROUP, and conflicts
that are about a group: they find what no common topic shows, because two systems began the same
medicine on two days, in two strengths or under two names. Facts of one topic are left to
transform.conflicts.
"""

from minns.engine import Engine
from transform.medicine import HOLDS, nodes_sql, picture_sql

#: The groups, each of which holds a fact that was not struck out. `several`: several sources tell.
_GROUPS = f"""
    create table medicine_group as
    select m.group_id, any_value(person_id) as person_id,
        min(substance) as substance, any_value(route) as route, any_value(form) as form,
        min(name) filter (is_display) as display, min(name) as name,
        count(*) filter (part = 'order') as orders,
        count(*) filter (picture = 'current') as current_orders,
        count(*) filter (picture = 'doubtful') as doubtful_orders,
        min(dose) filter (picture <> 'ended') as least_dose,
        max(dose) filter (picture <> 'ended') as most_dose,
        min(strength) filter (picture <> 'ended') as least_strength,
        max(strength) filter (picture <> 'ended') as most_strength,
        min(coalesce(starts_on, written_on)) as first_day,
        max(greatest(starts_on, ends_on, written_on)) as last_day,
        max(greatest(starts_on, written_on)) filter (part = 'event') as given_on,
        min(source) <> max(source) or bool_or(told) as several
    from (
        select m.*, {picture_sql("m.picture_reason")} as picture, o.fact_id is not null as told
        from medicine as m
        left join (select distinct fact_id from medicine_told) as o using (fact_id)
        where not void
    ) as m
    group by m.group_id"""  # noqa: S608

_SEVERAL = """
    create table medicine_several as
    select group_id, count(distinct source) as sources
    from (
        select group_id, source from medicine
        semi join (from medicine_group where several) using (group_id) where not void
        union all
        select m.group_id, o.source from medicine as m join medicine_told as o using (fact_id)
        where not m.void
    )
    group by group_id"""

#: Who speaks for a source of a group in which several orders meet: the latest order that is open,
#: current before doubtful, and the one that ended last.
_CROWD = """semi join (
        from medicine_group
        where several and current_orders + doubtful_orders > 0 or current_orders > 1
    ) using (group_id)"""
_SPEAKERS = f"""
    create temp table speaker as
    with told as (
        select *,
            case when picture <> 'ended' then concat_ws('|', (picture = 'current')::integer,
                coalesce(cast(starts_on as varchar), ''), fact_id) end as open_place,
            coalesce(ended_on, ends_on, written_on, starts_on) as end_day,
            case when picture = 'ended' then concat_ws('|',
                coalesce(cast(end_day as varchar), ''), coalesce(stopper, fact_id)) end
                as end_place
        from ({nodes_sql(_CROWD)})
        where picture is not null
    )
    select group_id, source, any_value(person_id) as person_id,
        arg_max(fact_id, open_place) as open_fact,
        arg_max_null(starts_on, open_place) as open_since,
        arg_max_null(dose, open_place) as dose,
        arg_max_null(strength, open_place) as strength,
        arg_max_null(day_amount, open_place) as day_amount,
        max(end_day) filter (picture = 'ended') as ended_on,
        arg_max(coalesce(stopper, fact_id), end_place) as ended_fact,
        list(fact_id order by starts_on nulls first, fact_id) filter (picture = 'current')
            as current_facts
    from told group by group_id, source"""  # noqa: S608

#: What a strength is as a number, and in what: `50mg`, `2,5mg`; else nothing.
_STRENGTH = r"regexp_extract(strength, '^(\d+(?:[.,]\d+)?)([a-zµμ]+)$', ['number', 'unit'])"

_FOUND = f"""
    create table medicine_disagreement as
    with measured as (
        select *, try_cast(replace(s.number, ',', '.') as decimal(12, 4)) * day_amount as taken
        from (select *, {_STRENGTH} as s from speaker)
    ),
    met as (
        select a.group_id, a.person_id, a.open_fact as one, b.open_fact as other,
            a.strength <> b.strength as strength_differs, a.dose <> b.dose as dose_differs,
            coalesce(a.s.unit = b.s.unit and a.taken = b.taken, false) as same_amount
        from measured as a join measured as b using (group_id)
        where a.source < b.source and a.open_fact <> b.open_fact
    ),
    -- An order without a start shares no topic with the one that it may be in another system; that
    -- both have one last day says that it may. What they differ in is told as of one order.
    undated as (
        select a.group_id, a.person_id, a.fact_id as one, b.fact_id as other,
            a.strength <> b.strength as strength_differs, a.dose <> b.dose as dose_differs
        from medicine as a join medicine as b using (group_id, ends_on)
        where a.starts_on is null and a.source <> b.source
          and (b.starts_on is not null or a.source < b.source)
          and a.part = 'order' and b.part = 'order' and not a.void and not b.void
          -- of two that are open, `met` tells
          and 'ended' in ({picture_sql("a.picture_reason")}, {picture_sql("b.picture_reason")})
    ),
    found as (
        select group_id, person_id, 'medication_dose_text_differs' as rule, 'dose_text' as field,
            one, other
        from undated where dose_differs
        union all
        select group_id, person_id, 'medication_strength_differs', 'strength', one, other
        from undated where strength_differs
        union all
        select group_id, person_id, 'medication_strength_split', 'strength', one, other
        from met where strength_differs and same_amount
        union all
        select group_id, person_id, 'medication_active_strength_differs', 'strength', one, other
        from met where strength_differs and not same_amount
        union all
        select group_id, person_id, 'medication_active_dose_differs', 'dose_text', one, other
        from met where dose_differs and not (coalesce(strength_differs, false) and same_amount)
        union all
        select a.group_id, a.person_id, 'medication_stopped_elsewhere', 'picture',
            a.open_fact, b.ended_fact
        from speaker as a join speaker as b using (group_id)
        where a.open_fact is not null and b.open_fact is null
          and coalesce(b.ended_on >= a.open_since, true)
        union all
        select group_id, person_id, 'medication_duplicate', 'order_id', current_facts[1],
            unnest(current_facts[2:])
        from speaker where len(current_facts) > 1
    ),
    topic as (
        select distinct fact_id, topic from stated
        where fact_id in (select one from found union select other from found)
    )
    select f.group_id, f.person_id, f.rule, f.field, f.one as fact_id, f.other as other_fact_id
    from found as f
    left join topic as t on t.fact_id = f.one
    left join topic as u on u.fact_id = f.other
    where t.topic is null or t.topic is distinct from u.topic or f.one = f.other
    union all
    select m.group_id, m.person_id, 'medication_stop_of_nothing', 'stops', m.fact_id, m.fact_id
    from medicine as m
    where m.part = 'stop' and not m.void
      and not exists (select 1 from medicine_hit as h where h.stopper = m.fact_id)"""  # noqa: S608

_MADE = ("medicine_group", "medicine_several", "medicine_disagreement")


def stage_groups(engine: Engine) -> None:
    """Make `medicine_group`, `medicine_several` (how many sources tell of a group, where several
    do) and `medicine_disagreement` in the session.
    """
    engine.run(_GROUPS)
    engine.run(_SEVERAL)
    engine.run(_SPEAKERS)
    engine.run(_FOUND)
    engine.run("drop table speaker")


def drop_groups(engine: Engine) -> None:
    """Drop what `stage_groups` made."""
    for table in _MADE:
        engine.run(f"drop table {table}")


def disagreements_sql() -> str:
    """What of the conflicts of medications is about groups: person, rule, field and both facts."""
    return (
        "select distinct person_id, rule, field, fact_id, other_fact_id from medicine_disagreement"
    )


def groups_sql() -> str:
    """The groups (model.MEDICATION_GROUP). One that holds no order, but of which something was
    given lately, is doubtful: nobody told who ordered it, or that it ended.
    """
    return f"""
        with differing as (
            select distinct group_id from medicine_disagreement
            where rule = 'medication_stopped_elsewhere'
        ),
        -- the strictest: what blocks one of its facts blocks what is said of them together
        shut as (
            select group_id, array_to_string(list_sort(list_distinct(flatten(list(
                string_split(blocked, ' '))))), ' ') as blocked
            from medicine join shut_fact using (fact_id) group by group_id
        )
        select g.group_id, person_id, substance, coalesce(display, name) as name, route, form,
            case when current_orders > 0 then 'current'
                 when doubtful_orders > 0 then 'doubtful'
                 when orders = 0 and given_on >= (select day from medicine_day) - {HOLDS}
                    then 'doubtful'
                 else 'ended' end as state,
            orders, current_orders + doubtful_orders as open_orders,
            coalesce(s.sources, 1) as sources, d.group_id is not null as state_differs,
            coalesce(least_dose <> most_dose, false) as dose_differs,
            coalesce(least_strength <> most_strength, false) as strength_differs,
            first_day, last_day, b.blocked
        from medicine_group as g
        left join shut as b using (group_id)
        left join medicine_several as s using (group_id)
        left join differing as d using (group_id)"""  # noqa: S608
