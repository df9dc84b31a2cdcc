"""Rows that say the same become one fact; rows that disagree stay apart and are listed as
conflicts.

In: the coded rows of one kind, with person and place of their source. Out: facts, lineage and
conflicts of that kind. How rows are grouped stands in `transform.rules`.
"""

from minns.engine import Engine, literal, quote
from minns.model import CONFLICT, FACTS, LOCAL_CODE, Table
from transform.rules import RULES, Rule

#: What each row keeps of its own in lineage, where its kind has it.
_OWN = ("care_unit", "care_giver", "recorded_at", *(c.name for c in LOCAL_CODE))
#: The order in which rows found facts: the earlier wave's source first, then the row's own pointer.
_FOUNDING = "place, source_table, row_key"


def fact_id_sql(kind: str) -> str:
    """SQL for a fact's stable id, from the pointer of its founding row (20 hex digits of md5)."""
    parts = f"{literal(kind)}, rendered(source), rendered(source_table), rendered(row_key)"
    return f"left(md5(concat_ws('|', {parts})), 20)"


def _grouped(kind: str, rule: Rule) -> str:
    """Rows with `topic` (what they are about) and one column a refinement that keeps them apart."""
    keys = ", ".join(f"rendered({expression})" for expression in rule.key)
    apart = {**rule.disputed, **{f"distinct {n}": e for n, e in enumerate(rule.distinct)}}
    said = "".join(
        f", cast({expression} as varchar) as {quote('said ' + name)}"
        for name, expression in apart.items()
    )
    return (
        f"select *, row_number() over (order by {_FOUNDING}) as place_in_all, "  # noqa: S608
        f"md5(concat_ws('|', person_id, {keys})) as topic{said} from coded"
    )


def _refined(rule: Rule) -> str:
    """Each topic's columns on which its rows hold two different values."""
    names = [*rule.disputed, *(f"distinct {n}" for n in range(len(rule.distinct)))]
    if not names:
        return "select topic from grouped group by topic"
    differs = ", ".join(
        f"min({quote('said ' + n)}) <> max({quote('said ' + n)}) as {quote('differs ' + n)}"
        for n in names
    )
    return f"select topic, {differs} from grouped group by topic"  # noqa: S608


def _fact_key(rule: Rule) -> str:
    names = [*rule.disputed, *(f"distinct {n}" for n in range(len(rule.distinct)))]
    parts = "".join(
        f", rendered(case when {quote('differs ' + n)} then {quote('said ' + n)} end)"
        for n in names
    )
    return f"md5(concat_ws('|', topic{parts}))"


def stage(engine: Engine, kind: str, coded: str) -> None:
    """Make `stated` in the session: each row with the `fact_id` it founds or is folded into."""
    rule = RULES[kind]
    engine.run(f"create or replace view coded as {coded}")
    engine.run(f"create or replace table grouped as {_grouped(kind, rule)}")
    engine.run(f"create or replace table refined as {_refined(rule)}")
    engine.run(f"""
        create or replace table stated as
        with keyed as (
            select g.*, {_fact_key(rule)} as fact_key
            from grouped as g join refined as r using (topic)
        ),
        founders as (
            select fact_key, arg_min({fact_id_sql(kind)}, place_in_all) as fact_id
            from keyed group by fact_key
        )
        select * from keyed join founders using (fact_key)
    """)  # noqa: S608
    engine.run("drop table grouped")


def _value_sql(column: str, rule: Rule) -> str:
    name = quote(column)
    if column == "approved_for_patient":
        # The strictest of the sources' words counts.
        return f"bool_and({name})"
    if column in rule.earliest:
        return f"min({name})"
    if column in rule.latest:
        return f"max({name})"
    # The founder's, or the first of the others' where the founder's is empty.
    return f"arg_min({name}, place_in_all)"


def facts_sql(kind: str) -> str:
    """The facts of a kind, one row each."""
    table, rule = FACTS[kind], RULES[kind]
    values = ", ".join(
        f"{_value_sql(name, rule)} as {quote(name)}"
        for name in table.names
        if name not in ("fact_id", "person_id", "source")
    )
    return f"""
        select fact_id, min(person_id) as person_id, arg_min(source, place_in_all) as source,
        {values}
        from stated group by fact_id"""  # noqa: S608


def lineage_sql(kind: str) -> str:
    """Every row behind the facts of a kind (model.LINEAGE)."""
    held = FACTS[kind].names
    own = ", ".join(
        quote(name) if name in held else f"cast(null as varchar) as {quote(name)}" for name in _OWN
    )
    return f"""
        select fact_id, {literal(kind)} as kind, source, source_table, row_key,
            case when fact_id = {fact_id_sql(kind)} then 'loaded' else 'consolidated' end as role,
            {own}
        from stated"""  # noqa: S608


def conflicts_sql(kind: str) -> str:
    """Facts of one topic that disagree: each against the topic's first one, by column."""
    rule = RULES[kind]
    one = [
        f"""
        select distinct s.person_id, {literal(f"{kind}_{name}_differs")} as rule,
            {literal(name)} as field, f.fact_id, s.fact_id as other_fact_id
        from stated as s
        join refined as r on r.topic = s.topic and r.{quote("differs " + name)}
        join firsts as f on f.topic = s.topic
        where s.fact_id <> f.fact_id
          and s.{quote("said " + name)} is distinct from f.{quote("said " + name)}"""  # noqa: S608
        for name in rule.disputed
    ]
    said = "".join(f", {quote('said ' + name)}" for name in rule.disputed)
    first = f"""
        select topic, fact_id{said} from stated
        qualify row_number() over (partition by topic order by place_in_all) = 1"""  # noqa: S608
    more = _ACROSS.get(kind)
    union = " union all ".join([*one, *([more] if more else [])])
    if not union:
        return empty_sql(CONFLICT)
    return f"""
        with firsts as ({first}), found as ({union})
        select left(md5(concat_ws('|', rule, fact_id, other_fact_id)), 20) as conflict_id,
            person_id, {literal(kind)} as kind, rule, field, fact_id, other_fact_id
        from found"""  # noqa: S608


def empty_sql(table: Table) -> str:
    """No rows, with a table's columns."""
    return "select " + ", ".join(f"null as {quote(n)}" for n in table.names) + " where false"


#: Conflicts that no common topic shows, by kind: facts that speak of one thing at different times.
_ACROSS = {
    # "No known allergy" against a known one: both stay, and a clinician is told.
    "alert": """
        select distinct p.person_id, 'alert_none_known_but_known' as rule, 'negated' as field,
            p.fact_id, n.fact_id as other_fact_id
        from stated as p
        join stated as n on n.person_id = p.person_id and n.category = p.category
        where p.status = 'active' and not coalesce(p.negated, false) and n.negated
          and p.topic <> n.topic""",
    # Two active orders of one drug that say different doses.
    "medication": """
        select distinct a.person_id, 'medication_active_dose_differs' as rule,
            'dose_text' as field, a.fact_id, b.fact_id as other_fact_id
        from stated as a
        join stated as b on b.person_id = a.person_id and b.code_key = a.code_key
        where a.status = 'active' and b.status = 'active' and a.topic < b.topic
          and a."said dose_text" <> b."said dose_text" """,
}
