"""Versions of one thing: corrected results and versions of a document, linked to what they replace.

In: `coded` and `stated` of observations or documents (transform.consolidate). Out: the derived
columns of model.VERSION_DERIVED and DOCUMENT_DERIVED, and what is wrong with a chain of versions,
as conflicts.

A result that corrects another names it by that one's `result_id`; the versions of a document share
its `document_id` and are counted by `version`; both only within one source and person. A version is
never folded with another of its chain (transform.rules), so that a correction hides nothing, and
two of one chain that differ are no conflict: the later one says what it corrects. What replaces
something that nobody has, and what is replaced twice, is told.

A version of a document that is struck out or not signed replaces none: until it is signed, the one
before it is what holds. Only rows that name a version are looked at.
"""

from minns.engine import Engine

#: Kinds that have versions.
VERSIONED = ("observation", "document")

#: Each row that is a version, with what it replaces, by kind. `outdone`: a later one holds.
_TOLD = {
    "observation": """
        with named as (
            select own_id, person_id, source, coalesce(result_id, own_id) as number,
                corrects as earlier
            from coded where result_id is not null or corrects is not null
        ),
        linked as (
            select source, person_id, earlier as number from named where earlier is not null
        )
        select *, earlier is not null and not exists (
                from coded as o where o.source = n.source and o.person_id = n.person_id
                    and o.result_id = n.earlier) as missing,
            false as outdone
        from named as n
        where earlier is not null
           or exists (from linked as l where l.source = n.source and l.person_id = n.person_id
               and l.number = n.number)""",
    "document": """
        with numbered as (
            select distinct source, person_id, document_id, version,
                max(version) filter (signed and status not in ('nullified', 'refuted')) over (
                    partition by source, person_id, document_id) as held
            from coded where version is not null
        ),
        ordered as (
            select *, lag(version) over (
                partition by source, person_id, document_id order by version) as earlier
            from numbered
            -- the only version of a document is as good as a document without
            qualify version > 1
                or count(*) over (partition by source, person_id, document_id) > 1
        )
        select c.own_id, c.person_id, c.source, c.document_id || '#' || c.version as number,
            c.document_id || '#' || coalesce(o.earlier, case when c.version > 1 then
                c.version - 1 end) as earlier,
            c.version > coalesce(o.earlier, 0) + 1 as missing,
            coalesce(c.version < o.held, false) as outdone
        from coded as c join ordered as o using (source, person_id, document_id, version)""",
}
_NONE = """
    select null::varchar as own_id, null::varchar as person_id, null::varchar as source,
        null::varchar as number, null::varchar as earlier, false as missing, false as outdone
    where false"""
_CHAINED = """
    create or replace table version_row as
    with recursive step as (
        select distinct source, person_id, number, earlier from version_told
    ),
    chain as (
        select source, person_id, number, number as root, 0 as depth from step as s
        where not exists (from step as e where e.source = s.source
            and e.person_id = s.person_id and e.number = s.earlier)
        union
        select s.source, s.person_id, s.number, c.root, c.depth + 1
        from step as s join chain as c on c.source = s.source and c.person_id = s.person_id
            and c.number = s.earlier
        where c.depth < 100
    ),
    rooted as (select source, person_id, number, min(root) as root from chain group by all)
    select t.own_id as told_by, t.person_id, t.source, number, earlier, missing, outdone,
        t.source || ' ' || number as version_name,
        t.source || ' ' || coalesce(r.root, number) as version_root
    from version_told as t left join rooted as r using (source, person_id, number)"""
_FACTS = """
    create or replace table version_fact as
    with told as (
        select distinct coalesce(s.fact_id, told_by) as fact_id, v.* exclude (told_by)
        from version_row as v left join stated as s on s.own_id = v.told_by
    ),
    followed as (
        select n.fact_id, o.fact_id as earlier_id
        from told as n join told as o on o.source = n.source and o.person_id = n.person_id
            and o.number = n.earlier
        where n.fact_id <> o.fact_id
    )
    select t.fact_id, any_value(t.person_id) as person_id, any_value(t.source) as source,
        any_value(t.number) as number, any_value(t.earlier) as earlier,
        bool_or(t.missing) as missing, bool_and(t.outdone) as outdone,
        min(o.earlier_id) as replaces, min(n.fact_id) as replaced_by
    from told as t
    left join followed as o on o.fact_id = t.fact_id
    left join followed as n on n.earlier_id = t.fact_id
    group by t.fact_id"""


def stage_versions(engine: Engine, kind: str) -> None:
    """Make `version_row` of `coded`: each row that is a version of something, with its name
    (`version_name`), what it replaces and the first of its chain. Empty for kinds without versions.
    """
    engine.run(f"create or replace table version_told as {_TOLD.get(kind, _NONE)}")
    engine.run(_CHAINED)
    engine.run("drop table version_told")


def stage_version_facts(engine: Engine) -> None:
    """Make `version_fact` of `version_row` and `stated`: the facts that are versions."""
    engine.run(_FACTS)


def versioned_sql(kind: str, facts: str) -> str:
    """The facts of the query `facts` with how their versions hang together."""
    standing = ""
    if kind == "document":
        standing = """, case when f.status in ('nullified', 'refuted') then 'nullified'
            when not coalesce(f.signed, false) then 'unsigned'
            when v.outdone then 'replaced' else 'valid' end as standing"""
    return f"""
        select f.*, v.replaces, v.replaced_by{standing}
        from ({facts}) as f left join version_fact as v using (fact_id)"""  # noqa: S608


_TWICE = """
    select v.person_id, '{rule}', '{field}', min(w.fact_id), v.fact_id
    from version_fact as v
    join version_fact as w on w.source = v.source and w.person_id = v.person_id
        and w.{same} = v.{same} and w.fact_id < v.fact_id
    group by all"""
_MISSING = """
    select person_id, '{rule}' as rule, '{field}' as field, fact_id,
        fact_id as other_fact_id
    from version_fact where missing"""


def version_conflicts_sql(kind: str) -> str:
    """What is wrong with chains of versions."""
    if kind == "observation":
        missing = _MISSING.format(rule="observation_correction_of_nothing", field="corrects")
        twice = _TWICE.format(rule="observation_corrected_twice", field="corrects", same="earlier")
    else:
        missing = _MISSING.format(rule="document_version_missing", field="version")
        twice = _TWICE.format(rule="document_version_twice", field="version", same="number")
    return f"{missing} union all {twice}"
