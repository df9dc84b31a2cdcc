"""Facts that disagree: all are kept, and listed for a clinician.

In: `coded` and `stated` of one kind (transform.consolidate). Out: its conflicts.
"""

from minns.engine import literal, quote
from minns.model import CONFLICT
from transform.consolidate import said
from transform.groups import disagreements_sql
from transform.rules import RULES

#: Every row with its fact, also those that share a topic with no other.
_EVERYONE = """
    select c.*, coalesce(s.fact_id, c.own_id) as fact_id, coalesce(s.topic, c.own_id) as topic
    from coded as c left join stated as s on c.rowid = s.place_in_coded"""


def _within_topic_sql(kind: str, name: str) -> str:
    """Facts of one topic that say something else than the first that says anything."""
    word = said(name)
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


#: Conflicts that no common topic shows, by kind: facts that speak of one thing in other words or of
#: other days.
_ACROSS = {
    # "No known allergy" against a known one: both stay, and a clinician is told.
    "alert": f"""
        with everyone as ({_EVERYONE})
        select distinct p.person_id, 'alert_none_known_but_known' as rule, 'negated' as field,
            p.fact_id, n.fact_id as other_fact_id
        from everyone as p
        join everyone as n on n.person_id = p.person_id and n.category = p.category
        where p.status = 'active' and not coalesce(p.negated, false)
          and n.status = 'active' and n.negated and p.topic <> n.topic""",  # noqa: S608
    # The same medicine in several orders, of one source or of several.
    "medication": disagreements_sql(),
}


def conflicts_sql(kind: str) -> str:
    """The conflicts of a kind (model.CONFLICT)."""
    found = [_within_topic_sql(kind, name) for name in RULES[kind].disputed]
    if kind in _ACROSS:
        found.append(f"select * from ({_ACROSS[kind]})")  # noqa: S608
    if not found:
        return "select " + ", ".join(f"null as {quote(n)}" for n in CONFLICT.names) + " where false"
    return f"""
        select left(md5(concat_ws('|', rule, fact_id, other_fact_id)), 20) as conflict_id,
            person_id, {literal(kind)} as kind, rule, field, fact_id, other_fact_id
        from ({" union all ".join(found)})"""  # noqa: S608
