"""OHDSI Athena's CSV files: one vocabulary of them, or all concepts by their OMOP number."""

from collections.abc import Mapping
from pathlib import Path

from minns.engine import Engine, literal
from minns.errors import ConfigError
from minns.terminology.concept import Reading
from minns.terminology.delimited import take

#: The system that holds every concept of the download under its concept_id (for Usagi's maps).
OMOP = "omop"
#: What Athena calls our systems.
VOCABULARIES: Mapping[str, str] = {"snomed-ct": "SNOMED"}
_OPTIONAL = {
    "concept_relationship": "concept_id_1, concept_id_2, relationship_id, invalid_reason",
    "concept_synonym": "concept_id, concept_synonym_name",
    "vocabulary": "vocabulary_id, vocabulary_version",
}


def _file(folder: Path, table: str) -> Path | None:
    names = {f"{table}.csv", f"{table}_seed.csv"}
    return next((p for p in sorted(folder.iterdir()) if p.name.lower() in names), None)


def folder_of(path: Path) -> Path:
    """The download's folder, when its CONCEPT.csv is named instead."""
    return path.parent if path.name.lower() == "concept.csv" else path


def recognises(path: Path) -> bool:
    """Whether a folder holds a download of Athena."""
    folder = folder_of(path)
    return folder.is_dir() and _file(folder, "concept") is not None


def vocabulary(system: str) -> str:
    """What Athena calls a system, in lower case."""
    return VOCABULARIES.get(system, system).lower()


def take_all(engine: Engine, path: Path) -> int:
    """Make the tables `athena_…`; gives the broken lines."""
    folder, broken = folder_of(path), 0
    for table in ("concept", *_OPTIONAL):
        file = _file(folder, table)
        if file is not None:
            broken += take(engine, f"athena_{table}", [file])
        elif table in _OPTIONAL:
            columns = ", ".join(f"{name} varchar" for name in _OPTIONAL[table].split(", "))
            engine.run(f"create or replace table athena_{table} ({columns})")
    return broken


def version(engine: Engine, system: str) -> str | None:
    """The version that VOCABULARY.csv gives for a system; OMOP's own stands under None."""
    name = "none" if system == OMOP else vocabulary(system)
    found = engine.rows(
        "select vocabulary_version from athena_vocabulary where lower(vocabulary_id) = ?", [name]
    )
    return str(found[0][0]) if found and found[0][0] else None


def read(engine: Engine, path: Path, system: str) -> Reading:
    """The concepts of `system`; "Concept replaced by" tells what replaced a retired one."""
    broken = take_all(engine, path)
    where, code = "true", "concept_id"
    if system != OMOP:
        where, code = f"lower(vocabulary_id) = {literal(vocabulary(system))}", "concept_code"
    if not engine.value(f"select count(*) from athena_concept where {where}"):  # noqa: S608
        held = engine.rows("select distinct vocabulary_id from athena_concept order by 1 limit 40")
        raise ConfigError(
            f"concepts of '{system}' in {path.name}",
            found=f"these vocabularies: {', '.join(str(row[0]) for row in held)}",
            do=f"Name one of them with --system, or '{OMOP}' for all by concept_id.",
        )
    rows = _rows(code, where)
    nameless = engine.value(
        f"select count(*) from athena_concept where {where} "  # noqa: S608
        f"and (tidy({code}) is null or tidy(concept_name) is null)"
    )
    lines = sum(
        int(engine.value(f"select count(*) from athena_{table}"))  # noqa: S608
        for table in ("concept", "concept_relationship", "concept_synonym")
    )
    return Reading(rows, {"broken line": broken, "code without text": int(nameless)}, lines)


def _rows(code: str, where: str) -> str:
    return f"""
        with related as (
            select r.concept_id_1 as concept_id, r.relationship_id, t.{code} as code
            from athena_concept_relationship as r
            join athena_concept as t on t.concept_id = r.concept_id_2
            join athena_concept as f on f.concept_id = r.concept_id_1
                and f.vocabulary_id = t.vocabulary_id
            where tidy(r.invalid_reason) is null
              and r.relationship_id in ('Concept replaced by', 'Is a') and in_bucket(f.{code})
        ),
        gathered as (
            select concept_id,
                list(code) filter (where relationship_id <> 'Is a') as replaced_by,
                list(code) filter (where relationship_id = 'Is a') as parents
            from related group by all
        ),
        synonym as (
            select concept_id, list(concept_synonym_name) as synonyms
            from athena_concept_synonym
            where concept_id in (select concept_id from athena_concept where in_bucket({code}))
            group by all
        )
        select c.{code} as code, tidy(c.concept_name) as display, s.synonyms,
            try_cast(iso_date(c.valid_start_date) as date) as valid_from,
            nullif(try_cast(iso_date(c.valid_end_date) as date), date '2099-12-31') as valid_to,
            tidy(c.invalid_reason) is null as active, g.replaced_by, g.parents
        from athena_concept as c
        left join gathered as g using (concept_id)
        left join synonym as s using (concept_id)
        where {where} and tidy(c.{code}) is not null and tidy(c.concept_name) is not null"""  # noqa: S608
