"""Facts that disagree: all are kept, and listed for a clinician.

In: `coded` and `stated` of one kind (transform.consolidate). Out: its conflicts.
"""

from minns.engine import literal
from transform import values
from transform.alerts import place_sql
from transform.consolidate import said
from transform.dates import WHEN, date_conflicts_sql
from transform.evidence import rows_say
from transform.groups import disagreements_sql
from transform.rules import RULES
from transform.versions import VERSIONED, version_conflicts_sql

#: Every row with its fact, also those that share a topic with no other.
_EVERYONE = """
    select c.*, coalesce(s.fact_id, c.own_id) as fact_id, coalesce(s.topic, c.own_id) as topic
    from coded as c left join stated as s on c.rowid = s.place_in_coded"""


def _within_topic_sql(kind: str, name: str) -> str:
    """Facts of one topic that say something else than the first standing one that says anything.

    What is struck out differs in nothing but that: it states nothing, and must not speak for those
    that stand.
    """
    word = said(name)
    if RULES[kind].versions:
        return _between_versions_sql(kind, name)
    standing = "true" if name == "status" else "not struck"
    return f"""
        select distinct s.person_id, {literal(f"{kind}_{name}_differs")} as rule,
            {literal(name)} as field, f.fact_id, s.fact_id as other_fact_id
        from stated as s
        join (
            select topic, arg_min(fact_id, (struck, seat)) as fact_id,
                arg_min({word}, (struck, seat)) as {word}
            from stated where {word} is not null and {standing}
            group by topic having min({word}) <> max({word})
        ) as f using (topic)
        where {standing} and {said(name, "s.")} <> {said(name, "f.")}"""  # noqa: S608


def _unread_sql(kind: str) -> str:
    """Facts of which a row says what nobody can read: their column is empty, or told by another."""
    fields = "case when json_valid(line) then json_keys(line) else ['unread'] end"
    return f"""
        select distinct person_id, {literal(f"{kind}_unreadable_")} || told as rule, told as field,
            fact_id, fact_id as other_fact_id
        from (
            select person_id, fact_id, unnest({fields}) as told
            from (
                select c.person_id, coalesce(s.fact_id, c.own_id) as fact_id,
                    unnest(string_split(c.unread, chr(10))) as line
                from coded as c left join stated as s on s.place_in_coded = c.rowid
                where c.unread is not null and c.status not in ('nullified', 'refuted')
            )
        )"""  # noqa: S608


def _between_versions_sql(kind: str, name: str) -> str:
    """As `_within_topic_sql`, but for versions of one chain, of which the later says that it
    replaces the other, and for results of two specimens.
    """
    word, version = said(name), said("version")
    specimen = said("specimen") if kind == "observation" else "cast(null as varchar)"
    standing = "true" if name == "status" else "not struck"
    kept = f"{version} as version, version_root as root, {specimen} as specimen"
    return f"""
        with told as (
            select person_id, topic, fact_id, (struck, seat) as seat, {word} as word, {kept}
            from stated where {word} is not null and {standing}
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
            b.fact_id, cast(null as varchar)
        from everyone as a
        join everyone as b on b.person_id = a.person_id and b.category = a.category
            and b.system = a.system and b.code = a.code and a.topic < b.topic
        where a.status <> 'nullified' and b.status <> 'nullified' and a.{field} <> b.{field}"""  # noqa: S608


#: One line for each row that knows of none, with the worst of the known ones; it rests on them all
#: (`further`), and all are shown where a clinician looks (minns.conflicts.sides, minns.overview).
_NONE_KNOWN = f"""
    select n.person_id, 'alert_none_known_but_known' as rule, 'negated' as field,
        p.fact_id, n.fact_id as other_fact_id, p.further
    from (
        select person_id, category,
            arg_min(fact_id, (4 - coalesce({place_sql("severity")}, 0), fact_id)) as fact_id,
            {rows_say("alert")} as further, min(topic) as topic,
            min(topic) = max(topic) as of_one
        from everyone
        where status = 'active' and not coalesce(negated, false)
        group by person_id, category
    ) as p
    join (
        select distinct person_id, category, fact_id, topic from everyone
        where status = 'active' and negated
    ) as n using (person_id, category)
    where not (p.of_one and p.topic = n.topic)"""  # noqa: S608

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
        {_NONE_KNOWN}
        union all
        {" union all ".join(_kindred_sql(field) for field in ("status", "severity", "certainty"))}
        """,
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
    found.append(_unread_sql(kind))
    if kind in WHEN:
        found.append(f"select * from ({date_conflicts_sql(kind)})")  # noqa: S608
    if kind in _ACROSS:
        found.append(f"from ({_ACROSS[kind]})")
    return f"""
        select left(md5(concat_ws('|', rule, fact_id, other_fact_id)), 20) as conflict_id,
            person_id, {literal(kind)} as kind, * exclude (person_id)
        from ({" union all by name ".join(f"({query})" for query in found)})"""  # noqa: S608
