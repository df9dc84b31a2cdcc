"""The local codes that sources use: how often, for how many patients, with which units."""

from collections.abc import Sequence

import extract
from minns import pipeline
from minns.engine import Engine
from minns.errors import ConfigError
from minns.maps import suggest
from minns.maps.coverage import Coverage, coverage
from minns.maps.suggest import Suggestion
from minns.model import CARE_UNIT, CODED, KINDS
from minns.runner import Nobody, Runner, Watch
from minns.site import Site
from minns.store import Dataset
from transform.access import load_units, unit_sql
from transform.codes import coded_sql, load_code_maps


def shaped(site: Site, runner: Runner, source: str) -> Dataset:
    """The canonical tables of a source's newest landing; landed now when there is none."""
    landings = site.store.snapshots(source)
    if not landings:
        with site.locked():
            return pipeline.shape_source(site, runner, source)
    landing = runner.tables[f"land-{source}"] = landings[-1]
    runner.run(extract.steps(site.source(source), site.mapping_folder(source), landing))
    return runner.tables[f"shape-{source}"]


def open_usage(
    site: Site, engine: Engine, sources: Sequence[str], watch: Watch | None = None
) -> None:
    """Make `usage`, `usage_row` and `unit_row` of `sources`, `known_code`, `code_map` and
    `every_map`.

    `usage`: a line for each source, kind and local code, with text, occurrences, patients, unit,
    median, and the standard code that a wave would give it.
    """
    runner = Runner(site.project, site.store, watch or Nobody())
    tables = [shaped(site, runner, source) for source in sources]
    load_code_maps(engine, site.code_maps(tuple(sources)))
    selects = []
    for kind in KINDS:
        parts = [part for dataset in tables for part in dataset.parts(kind)]
        if parts:
            engine.view(f"shaped_{kind}", parts)
        if not parts or kind not in CODED:
            continue
        measured = "unit, value_number, reference_interval as range"
        values = measured if kind == "observation" else "null as unit, null as value_number"
        rows = coded_sql(kind, f"shaped_{kind}")
        selects.append(
            f"select '{kind}' as kind, source, local_patient_id, local_system, local_code, "  # noqa: S608
            f"local_text, system, code, equivalence, {values} from ({rows}) "
            "where tidy(local_code) is not null"
        )
    selects.append(
        "select null::varchar as unit, null::decimal(18, 6) as value_number, "
        "null::varchar as range where false"
    )
    engine.run(f"create table usage_row as {' union all by name '.join(selects)}")
    engine.run(_USAGE)
    load_units(engine, f"({_named_units_sql(tables)})")
    engine.run(f"create table unit_row as {_units_sql(tables)}")


def _named_units_sql(tables: Sequence[Dataset]) -> str:
    """Each row's patient and care unit; a block's is the one that it blocks."""
    kinds = [kind for kind in KINDS if any(dataset.parts(kind) for dataset in tables)]
    return " union all ".join(
        f"select source, local_patient_id, {unit_sql(kind)} as care_unit from shaped_{kind}"  # noqa: S608
        for kind in kinds
    )


def _units_sql(tables: Sequence[Dataset]) -> str:
    """Every row that names a care unit, in the columns of `usage_row`; nothing where nobody has
    begun a map of units.
    """
    return f"""
        select 'care_unit' as kind, source, local_patient_id, '{CARE_UNIT}' as local_system,
            care_unit as local_code, record_unit as code
        from ({_named_units_sql(tables)}) left join unit_now using (care_unit)
        where tidy(care_unit) is not null
          and exists (select 1 from every_map where local_system = '{CARE_UNIT}')"""  # noqa: S608


_KEY = "kind, source, local_system, local_code"
_MOST = """
    select {key}, first({what} order by n desc, {what}) as {what}
    from (select {key}, {what}, count(*) as n from usage_row where {what} is not null
          group by {key}, {what})
    group by {key}"""
_USAGE = f"""
    create table usage as
    with texts as ({_MOST.format(key=_KEY, what="local_text")}),
    units as ({_MOST.format(key=_KEY, what="unit")}),
    ranges as ({_MOST.format(key=_KEY, what="range")}),
    used as (
        select {_KEY}, count(*) as occurrences, count(distinct local_patient_id) as patients,
            median(value_number)::double as median, min(system) as system, min(code) as code
        from usage_row group by {_KEY}
    )
    select u.*, t.local_text, n.unit, r.range
    from used as u
    left join texts as t on t.kind = u.kind and t.source = u.source and t.local_code = u.local_code
        and t.local_system is not distinct from u.local_system
    left join units as n on n.kind = u.kind and n.source = u.source and n.local_code = u.local_code
        and n.local_system is not distinct from u.local_system
    left join ranges as r on r.kind = u.kind and r.source = u.source
        and r.local_code = u.local_code and r.local_system is not distinct from u.local_system"""  # noqa: S608


def open_targets(engine: Engine) -> None:
    """Make `target`, `learned`, `rejected` and `measured` from what `open_usage` made."""
    engine.run(
        "create table if not exists concept (system varchar, version varchar, code varchar, "
        "display varchar, synonyms varchar[], active boolean)"
    )
    for statement in (_TARGET, _LEARNED, _REJECTED, _MEASURED, company_sql()):
        engine.run(statement)
    suggest.prepare(engine)


_TARGET = """
    create table target as
    with held as (
        select k.system, k.system_version as version, k.code, k.display,
            coalesce(c.synonyms, []) as synonyms
        from known_code as k left join concept as c
            on c.system = k.system and c.version = k.system_version and c.code = k.code
        where c.active is not false
    ),
    led as (
        select system, max(system_version) as version, code, max(display) as display,
            cast([] as varchar[]) as synonyms
        from every_map as m
        where system not in ('sssom', 'record-unit') and state in ('mapped', 'reviewed', 'approved')
          and not exists (select 1 from held as h where h.system = m.system and h.code = m.code)
        group by all
    )
    select row_number() over (order by system, code) as place, *
    from (select * from held union all select * from led) where display is not null"""
_LEARNED = """
    create table learned as
    select local_system, local_code, coalesce(local_text, '') as local_text,
        coalesce(kind, '') as kind, system, code
    from every_map
    where state in ('mapped', 'reviewed', 'approved') and system not in ('sssom', 'record-unit')"""
_REJECTED = """
    create table rejected as
    select local_system, local_code, system, code from every_map where state = 'rejected'"""
_MEASURED = """
    create table measured as
    select local_system as system, local_code as code, unit, median, range from usage
    where kind = 'observation'
    union
    select system, code, unit, median, range from usage
    where kind = 'observation' and code is not null"""
#: Patients whose codes are looked at together, at most, and codes of one that are too many.
_LOOKED_AT, _TOO_MANY = 20_000, 300
#: Fewer patients or coincidences than this say nothing.
_FEW_PATIENTS, _FEW_TOGETHER = 20, 5


def company_sql(rows: str = "usage_row") -> str:
    """SQL for `company`: of each code, local or standard, how much likelier its patients have each
    standard code than others do (the logarithm of it, when it is more).
    """
    return f"""
        create or replace table company as
        with patient as (
            select source, local_patient_id from {rows} group by source, local_patient_id
            having count(distinct local_code) <= {_TOO_MANY}
            order by md5(source || '|' || local_patient_id) limit {_LOOKED_AT}
        ),
        row as (select distinct u.source || '|' || u.local_patient_id as patient, u.local_system,
                    u.local_code, u.system, u.code
                from {rows} as u join patient using (source, local_patient_id)),
        has as (select patient, system, code from row where code is not null
                union select patient, local_system, local_code from row),
        standard as (select distinct patient, system || ' ' || code as other
                     from row where code is not null),
        own as (select distinct patient, local_system, local_code, system || ' ' || code as other
                from row where code is not null),
        often as (select other, count(*) as n from standard group by other),
        of_code as (select system, code, count(*) as n from has group by all
                    having n >= {_FEW_PATIENTS}),
        pair as (select h.system, h.code, s.other, count(*) as n
                 from has as h join standard as s using (patient)
                 where s.other <> h.system || ' ' || h.code
                   and not exists (select 1 from own as o where o.patient = h.patient
                       and o.other = s.other and o.local_system = h.system
                       and o.local_code = h.code)
                 group by all having count(*) >= {_FEW_TOGETHER})
        select p.system, p.code, p.other,
            ln(p.n * (select count(*) from patient) / (c.n * o.n)::double) as weight
        from pair as p join of_code as c using (system, code) join often as o using (other)
        where p.n * (select count(*) from patient) > c.n * o.n"""  # noqa: S608


def suggest_for(site: Site, source: str, kind: str | None, most: int) -> list[Suggestion]:
    """The best candidates for each local code of a source that nobody has mapped."""
    sources = list(dict.fromkeys([source, *sources_of(site, None)]))
    with Engine(site.store.scratch, memory_limit=site.project.memory_limit) as engine:
        open_usage(site, engine, sources)
        open_targets(engine)
        ask_open(engine, source, kind)
        suggest.suggest(engine)
        return suggest.suggestions(engine, most)


def sources_of(site: Site, wave: str | None) -> list[str]:
    """The sources of a wave and of those before it; without one, all that were landed."""
    if wave is None:
        return [name for name in site.source_names() if site.store.snapshots(name)]
    chosen = site.wave(wave)
    before = [source for earlier in chosen.after for source in sources_of(site, earlier)]
    return list(dict.fromkeys([*before, *chosen.sources]))


def coverage_of(site: Site, sources: Sequence[str]) -> list[Coverage]:
    """How much of what sources say has a standard code, and of their care units one that the shared
    record knows (where a map of units was begun).
    """
    if not sources:
        raise ConfigError(
            "a source that was landed", found="none", do="Name one, or run a wave first."
        )
    with Engine(site.store.scratch, memory_limit=site.project.memory_limit) as engine:
        open_usage(site, engine, sources)
        lines = coverage(engine)
        # Care units are no clinical codes: they have a line of their own, and no part in the risks.
        units = [line for line in coverage(engine, "unit_row") if line.kind == "care_unit"]
        return [*units, *lines]


def ask_open(engine: Engine, source: str, kind: str | None) -> None:
    """Make `asked`: the local codes of a source that nobody has mapped."""
    engine.run("create or replace table asked as " + _ASKED, [source, kind, kind])


_ASKED = """
    select row_number() over (order by local_system, local_code, kind) as place,
        coalesce(local_system, source) as local_system, local_code, local_text, kind
    from usage as u
    where source = $1 and code is null and ($2 is null or kind = $3)
      and not exists (
        select 1 from every_map as m
        where m.local_system = u.local_system and upper(m.local_code) = upper(trim(u.local_code))
          and coalesce(m.kind, u.kind) = u.kind
          and m.state in ('mapped', 'reviewed', 'approved'))"""
