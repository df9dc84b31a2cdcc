"""Rows that say the same become one fact; rows that disagree stay apart.

In: the coded rows of one kind, with person and place of their source. Out: facts and lineage of
that kind. How rows are grouped stands in `transform.rules`.

Most rows share their topic with no other: they are facts as they stand. Only the others are
compared, as narrow rows of `stated`, so that the wide ones are read twice and never sorted.
"""

from minns.engine import Engine, literal, quote
from minns.model import DATE_PRECISION, DERIVED, FACTS, LOCAL_CODE, STANDARD_CODE
from transform.rules import OWN, RULES, UNIT, Rule
from transform.values import agree
from transform.versions import stage_version_facts, stage_versions

#: What each row keeps of its own in lineage, where its kind has it.
_KEPT = ("care_unit", "care_giver", "recorded_at", "category", *(c.name for c in LOCAL_CODE))
#: What comes from a row of the finest code.
_CODE = tuple(c.name for c in (*LOCAL_CODE, *STANDARD_CODE))
#: Code systems in which a code covers all that begin with it.
_NESTED = ("icd-10-se", "atc", "kva")
#: The order in which rows found facts: the earlier wave's source first, then the row's own pointer.
_FOUNDING = "place, source_table, row_key"


def own_id_sql(kind: str) -> str:
    """SQL for the id of the fact that a row founds, from its pointer (20 hex digits of md5)."""
    pointer = ", ".join(f"rendered_column({n})" for n in ("source", "source_table", "row_key"))
    return f"left(md5(concat_ws('|', {literal(kind)}, {pointer})), 20)"


def said(name: str, row: str = "") -> str:
    """The column of `stated` that holds what a row says of one disputed or distinct thing."""
    return row + quote(f"said {name}")


def _differs(name: str) -> str:
    return quote(f"differs {name}")


def _name_finer(engine: Engine, rule: Rule) -> None:
    """Let rows of a coarser code be about the one finer code of the person that they go with."""
    nested = ", ".join(literal(system) for system in _NESTED)
    engine.run(f"""
        create or replace temp table finer as
        with fits as (
            select c.rowid as place_in_coded, c.person_id, c.local_system, c.code_key as own_key,
                min(f.code_key) as code_key
            from coded as c
            join coded as f on f.person_id = c.person_id and f.system = c.system
            where c.equivalence = 'wider' and c.system in ({nested})
              and f.equivalence in ('equal', 'equivalent') and starts_with(f.code, c.code)
              and f.status <> 'nullified' and {rule.finer}
            group by all having min(f.code_key) = max(f.code_key)
        )
        select place_in_coded, code_key from fits
        window same as (partition by person_id, local_system, code_key)
        -- two things of one list are not one and the same finer thing
        qualify min(own_key) over same = max(own_key) over same""")  # noqa: S608
    engine.run(
        "update coded set code_key = finer.code_key from finer "
        "where coded.rowid = finer.place_in_coded"
    )
    engine.run("drop table finer")


def _spelled_sql(rule: Rule) -> str:
    """Every row, with the `spell` of those that are told by overlapping times. Whose end nobody
    tells reaches to the end of the day.
    """
    if not rule.spells:
        return "select rowid as place_in_coded, * from coded"
    return f"""
        with timed as (
            select rowid as place, person_id, category, {UNIT} as unit, starts_at,
                max(greatest(starts_at,
                    coalesce(ends_at, date_trunc('day', starts_at) + interval 1 day))) over (
                    earlier rows between unbounded preceding and 1 preceding) as reached
            from coded where {rule.spells}
            window earlier as (partition by person_id, category, unit
                order by starts_at, ends_at, rowid)
        ),
        begun as (
            select place, max(case when coalesce(starts_at >= reached, true) then starts_at end)
                over (partition by person_id, category, unit order by starts_at
                    range unbounded preceding) as spell
            from timed
        )
        select c.rowid as place_in_coded, c.*, begun.spell
        from coded as c left join begun on begun.place = c.rowid"""  # noqa: S608


def _crowded_sql(rule: Rule) -> str:
    """Rows that share their topic: what they say, and their place (`seat`) within the topic."""
    keys = ", ".join(f"rendered({expression})" for expression in rule.key)
    words = "".join(
        f", cast({expression} as varchar) as {said(name)}"
        for name, expression in rule.apart.items()
    )
    versions, root = "", ""
    if rule.versions:
        versions = "left join version_row as v on v.told_by = c.own_id"
        root = ", v.version_root"
    return f"""
        with topics as (
            select place_in_coded, md5(concat_ws('|', person_id, {keys})) as topic
            from ({_spelled_sql(rule)})
        ),
        shared as (select topic from topics group by topic having count(*) > 1)
        select t.topic, c.rowid as place_in_coded, c.own_id, c.person_id,
            c.status = 'nullified' as struck,
            row_number() over (partition by t.topic order by {_FOUNDING}) as seat{words}{root}
        from topics as t
        join shared using (topic)
        join coded as c on c.rowid = t.place_in_coded
        {versions}"""  # noqa: S608


def _refined_sql(rule: Rule) -> str:
    """Each topic, and on what its rows hold two different values."""
    differs = "".join(
        f", coalesce(min({said(name)}) <> max({said(name)}), false) as {_differs(name)}"
        for name in rule.apart
    )
    return f"select topic, struck{differs} from crowded group by topic, struck"  # noqa: S608


def stage(engine: Engine, kind: str, coded: str) -> None:
    """Make `coded` (every row, with the id of the fact that it would found) and `stated`
    (rows that share a topic, with the fact that they found or are folded into) in the session.
    """
    rule = RULES[kind]
    parts = "".join(
        f", rendered(case when {_differs(name)} then {said(name)} end)" for name in rule.apart
    )
    engine.run(
        f"create or replace table coded as select *, {own_id_sql(kind)} as own_id from ({coded})"  # noqa: S608
    )
    if kind == "observation":
        agree(engine)
    if rule.finer:
        _name_finer(engine, rule)
    if rule.versions:
        stage_versions(engine, kind)
    engine.run(f"create or replace table crowded as {_crowded_sql(rule)}")
    engine.run(f"""
        create or replace table stated as
        with refined as ({_refined_sql(rule)}),
        keyed as (
            select c.*, md5(concat_ws('|', topic, struck{parts})) as fact_key
            from crowded as c join refined as r using (topic, struck)
        )
        select *, first_value(own_id) over (partition by fact_key order by seat) as fact_id
        from keyed""")  # noqa: S608
    engine.run("drop table crowded")
    if rule.versions:
        stage_version_facts(engine)


def _folded(column: str, rule: Rule) -> str:
    name = quote(column)
    if column == "approved_for_patient":
        # The strictest of the sources' words counts, and silence is no approval.
        return (
            f"case when bool_or(not {name}) then false when count(*) = count({name}) then true end"
        )
    if column in rule.strongest:
        words = ", ".join(literal(word) for word in rule.strongest[column])
        return f"arg_min({name}, list_position([{words}], {name}))"
    if column in _CODE and rule.finer:
        return f"arg_min({name}, (equivalence = 'wider', seat))"
    if column in rule.earliest:
        return f"min({name})"
    if column == DATE_PRECISION.name and rule.earliest:
        # It goes with the earliest date; of two alike, the one that is known to the day.
        date = quote(rule.earliest[0])
        return (
            f"arg_min_null({name}, ({date}, {name} is not null, seat)) filter ({date} is not null)"
        )
    if column in OWN:
        return f"arg_min_null({name}, seat)"
    # The founder's, or the first of the others' where the founder's is empty.
    return f"arg_min({name}, seat)"


def _stated_names(kind: str) -> tuple[str, ...]:
    """The columns of a kind's facts that its rows give, but for those that name the fact."""
    own = {"fact_id", "person_id", "source", *(c.name for c in DERIVED[kind])}
    return tuple(name for name in FACTS[kind].names if name not in own)


def facts_sql(kind: str, only: tuple[str, ...] = ()) -> str:
    """The facts of a kind, one row each, without derived columns; of these, `only` some."""
    rule = RULES[kind]
    names = only or _stated_names(kind)
    listed = ", ".join(quote(name) for name in names)
    folded = ", ".join(f"{_folded(name, rule)} as {quote(name)}" for name in names)
    return f"""
        select own_id as fact_id, person_id, source, {listed}
        from coded anti join stated on coded.rowid = stated.place_in_coded
        union all
        select fact_id, min(c.person_id) as person_id, arg_min(source, seat) as source, {folded}
        from coded as c join stated as s on c.rowid = s.place_in_coded
        group by fact_id"""  # noqa: S608


def lineage_sql(kind: str) -> str:
    """Every row behind the facts of a kind (model.LINEAGE); transform.access was staged before."""
    held = FACTS[kind].names
    kept = ", ".join(
        f"c.{quote(name)}" if name in held else f"cast(null as varchar) as {quote(name)}"
        for name in _KEPT
    )
    return f"""
        select coalesce(fact_id, c.own_id) as fact_id, {literal(kind)} as kind,
            source, source_table, row_key,
            case when fact_id <> c.own_id then 'consolidated' else 'loaded' end as role,
            {kept}, u.record_unit, a.blocked
        from coded as c left join stated as s on c.rowid = s.place_in_coded
        left join unit_now as u on u.care_unit = c.care_unit
        left join shut_row as a on a.place_in_coded = c.rowid"""  # noqa: S608
