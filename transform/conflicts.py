"""Facts that disagree: all are kept, and listed for a clinician.

In: `coded` and `stated` of one kind (transform.consolidate). Out: its conflicts.
"""

from minns.engine import literal, quote
from minns.model import CONFLICT
from transform import values
from transform.consolidate import said
from transform.dates import WHEN, date_conflicts_sql
from transform.groups import disagreements_sql
from transform.rules import RULES
from transform.versions import VERSIONED, version_conflicts_sql

#: Every row with its fact, also those that share a topic with no other.
_EVERYONE = """
    select c.*, coalesce(s.fact_id, c.own_id) as fact_id, coalesce(s.topic, c.own_id) as topic
    from coded as c left join stated as s on c.rowid = s.place_in_coded"""


def _within_topic_sql(kind: str, name: str) -> str:
    """Facts of one topic that say something else than the first that says anything."""
    word = said(name)
    if RULES[kind].versions:
        return _between_versions_sql(kind, name)
    return f"""
        select distinct s.person_id, {literal(f"{kind}_{name}_differs")} as rule,
            {literal(name)} as field, f.fact_id, s.fact_id as other_fact_id
        from stated as s
        join (
            select topic, arg_min(fact_id, seat) as fact_id, arg_min({word}, seat) as {word}
            from stated where {word} is not null
            group by topic having min({word}) <> max({word})
        ) as f using (topic)
        where {said(name, "s.")} <> {said(name, "f.")}"""  # noqa: S608


def _between_versions_sql(kind: str, name: str) -> str:
    """As `_within_topic_sql`, but for versions of one chain, of which the later says that it
    replaces the other, and for results of two specimens.
    """
    word, version = said(name), said("version")
    specimen = said("specimen") if kind == "observation" else "cast(null as varchar)"
    kept = f"{version} as version, version_root as root, {specimen} as specimen"
    return f"""
        with told as (
            select person_id, topic, fact_id, seat, {word} as word, {kept}
            from stated where {word} is not null
        )
        select distinct s.person_id, {literal(f"{kind}_{name}_differs")} as rule,
            {literal(name)} as field, f.fact_id, s.fact_id as other_fact_id
        from told as s
        join (
            select topic, arg_min(fact_id, seat) as fact_id, arg_min(word, seat) as word,
                arg_min_null(root, seat) as root, arg_min_null(version, seat) as version,
                arg_min_null(specimen, seat) as specimen
            from told group by topic having min(word) <> max(word)
        ) as f using (topic)
        where s.word <> f.word and not coalesce(s.specimen <> f.specimen, false)
          and not coalesce(s.root = f.root and s.version <> f.version, false)"""  # noqa: S608


def _kindred_sql(field: str) -> str:
    """Warnings of one standard code in two lists' words that say different things."""
    return f"""
        select distinct a.person_id, 'alert_kindred_{field}_differs', '{field}', a.fact_id,
            b.fact_id
        from everyone as a
        join everyone as b on b.person_id = a.person_id and b.category = a.category
            and b.system = a.system and b.code = a.code and a.topic < b.topic
        where a.status <> 'nullified' and b.status <> 'nullified' and a.{field} <> b.{field}"""  # noqa: S608


#: Conflicts that no common topic shows, by kind: facts that speak of one thing in other words or of
#: other days.
_ACROSS = {
    # What one journal says the patient does not have, another says of that day, or from before.
    "condition": f"""
        with everyone as ({_EVERYONE}),
        standing as (select * from everyone where status not in ('nullified', 'refuted'))
        select distinct p.person_id, 'condition_negated_differs' as rule, 'negated' as field,
            p.fact_id, n.fact_id as other_fact_id
        from standing as p
        join standing as n on n.person_id = p.person_id and n.code_key = p.code_key
        where n.negated and not coalesce(p.negated, false)
          and (p.diagnosed_on = n.diagnosed_on or p.chronic and p.diagnosed_on < n.diagnosed_on)""",  # noqa: S608
    # "No known allergy" against a known one: both stay, and a clinician is told. So are warnings of
    # one standard code of which not all mean it exactly: words of two lists, for one thing or not.
    "alert": f"""
        with everyone as ({_EVERYONE})
        select distinct p.person_id, 'alert_none_known_but_known' as rule, 'negated' as field,
            p.fact_id, n.fact_id as other_fact_id
        from everyone as p
        join everyone as n on n.person_id = p.person_id and n.category = p.category
        where p.status = 'active' and not coalesce(p.negated, false)
          and n.status = 'active' and n.negated and p.topic <> n.topic
        union all
        {" union all ".join(_kindred_sql(field) for field in ("status", "severity", "certainty"))}
        """,  # noqa: S608
    # The same medicine in several orders, of one source or of several.
    "medication": disagreements_sql(),
    "observation": values.conflicts_sql(_EVERYONE),
}


def conflicts_sql(kind: str) -> str:
    """The conflicts of a kind (model.CONFLICT)."""
    found = [
        f"select * from ({_within_topic_sql(kind, name)})"  # noqa: S608
        for name in RULES[kind].disputed
    ]
    if kind in VERSIONED:
        found.append(f"select * from ({version_conflicts_sql(kind)})")  # noqa: S608
    if kind in WHEN:
        found.append(f"select * from ({date_conflicts_sql(kind)})")  # noqa: S608
    if kind in _ACROSS:
        found.append(f"select * from ({_ACROSS[kind]})")  # noqa: S608
    if not found:
        return "select " + ", ".join(f"null as {quote(n)}" for n in CONFLICT.names) + " where false"
    return f"""
        select left(md5(concat_ws('|', rule, fact_id, other_fact_id)), 20) as conflict_id,
            person_id, {literal(kind)} as kind, rule, field, fact_id, other_fact_id
        from ({" union all ".join(found)})"""  # noqa: S608
