"""Standard concepts for the record's codes, by a vocabulary of OHDSI Athena where one is imported.

A code that the vocabulary does not know, or that it maps to nothing standard, has concept 0.
"""

from collections.abc import Sequence
from pathlib import Path

from minns.engine import Engine, literal
from minns.model import CODED

#: What Athena calls our systems; ICD-10-SE has most codes of ICD-10, and those mean the same there.
_VOCABULARIES = {"snomed-ct": "snomed", "icd-10-se": "icd10"}
#: SNOMED CT's codes of what findings and alerts say.
FINDINGS = {"negative": "260385009", "positive": "10828004", "trace": "260405006"}
DRUG_ALLERGY = "416098002"
_CONCEPT = (
    "concept_id integer, vocabulary_id varchar, concept_code varchar, domain_id varchar, "
    "standard boolean, valid boolean"
)


def stage_vocabulary(
    engine: Engine, concepts: Sequence[Path] | None, maps: Sequence[Path] | None
) -> None:
    """Make `omop_concept` and `omop_map` of an edition's tables; empty where there is none."""
    if concepts and maps:
        engine.view("omop_concept", concepts)
        engine.view("omop_map", maps)
        return
    engine.run(f"create table omop_concept ({_CONCEPT})")
    engine.run("create table omop_map (concept_id integer, standard_id integer)")


def stage_concepts(engine: Engine) -> None:
    """Make, of `kept_<kind>`: `source_concept` and `code_target` by (system, code), `unit_target`
    by unit, and `said_concept` by what is said.
    """
    used = " union all ".join(f"select system, code from kept_{kind}" for kind in CODED)  # noqa: S608
    engine.run(
        f"create table used_code as select distinct * from ({used}) where code is not null"  # noqa: S608
    )
    engine.run(_SOURCE)
    engine.run(_STANDARD)
    engine.run(_TARGET)
    engine.run(_UNIT)
    said = {**FINDINGS, "drug allergy": DRUG_ALLERGY}
    rows = ", ".join(f"({literal(word)}, {literal(code)})" for word, code in said.items())
    engine.run(
        "create table said_concept as select said, min(concept_id) as concept_id "  # noqa: S608
        f"from (values {rows}) as s(said, code) join omop_concept as c "
        "on c.vocabulary_id = 'SNOMED' and c.concept_code = s.code and c.standard group by said"
    )


_NAMES = " ".join(
    f"when {literal(ours)} then {literal(theirs)}" for ours, theirs in _VOCABULARIES.items()
)
#: A vocabulary under our own name, which a region may have added, goes before the general one.
_SOURCE = f"""
    create table source_concept as
    select u.system, u.code, c.concept_id
    from (
        select *, upper(code) as looked_up from used_code where system <> 'omop'
        union all select *, code from used_code where system = 'omop'
    ) as u
    join (
        select *, upper(concept_code) as looked_up from omop_concept
        union all by name
        select * replace ('omop' as vocabulary_id), cast(concept_id as varchar) as looked_up
        from omop_concept
    ) as c
        on c.looked_up = u.looked_up
        and lower(c.vocabulary_id) in (u.system, case u.system {_NAMES} end)
    qualify row_number() over (
        partition by u.system, u.code
        order by lower(c.vocabulary_id) = u.system desc, c.valid desc, c.concept_id) = 1"""  # noqa: S608
_STANDARD = """
    create table standard_of as
    select distinct m.concept_id, t.concept_id as standard_id, t.domain_id
    from (
        select concept_id, standard_id from omop_map
        union all select concept_id, concept_id from omop_concept
    ) as m
    join omop_concept as t on t.concept_id = m.standard_id and t.standard and t.valid
    where m.concept_id in (select concept_id from source_concept)"""
_TARGET = """
    create table code_target as
    select s.system, s.code, t.standard_id as concept_id, t.domain_id,
        row_number() over (partition by s.system, s.code order by t.standard_id) as ordinal
    from source_concept as s join standard_of as t using (concept_id)"""
_UNIT = """
    create table unit_target as
    select concept_code as unit, min(concept_id) as concept_id from omop_concept
    where vocabulary_id = 'UCUM' and standard and valid group by concept_code"""
