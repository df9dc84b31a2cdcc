"""Resources put together by SQL, one query a type, in the order of types and ids."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from minns.codes import NUMBER_KINDS, CodeSystem, macros
from minns.engine import Engine, literal
from minns.model import FACTS
from minns.step import Room

_REFUSED = (
    "resource_type varchar, resource_id varchar, person_id varchar, rule varchar, path varchar"
)

#: The type of resource that a fact of each kind becomes, in SQL.
BECOMES = {
    "care_contact": "'Encounter'",
    "condition": "'Condition'",
    "alert": "case category when 'hypersensitivity' then 'AllergyIntolerance' else 'Flag' end",
    "medication": "case stage when 'dispense' then 'MedicationDispense' "
    "when 'administration' then 'MedicationAdministration' else 'MedicationRequest' end",
    "observation": "'Observation'",
    "procedure": "'Procedure'",
    "immunization": "'Immunization'",
    "document": "'DocumentReference'",
    "access_block": "'Consent'",
}
#: The types of resources, each with the query of its name in `resources/`; in order.
TYPES = (
    "AllergyIntolerance",
    "Condition",
    "Consent",
    "DocumentReference",
    "Encounter",
    "Flag",
    "Immunization",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "Observation",
    "Organization",
    "Patient",
    "Practitioner",
    "Procedure",
    "Provenance",
)


def _uris(named: Mapping[str, str]) -> str:
    """The cases of names and their URIs."""
    cases = (f"when {literal(name)} then {literal(uri)}" for name, uri in named.items() if uri)
    return " ".join(cases)


@dataclass(frozen=True)
class Names:
    """How resources name things: code systems' URIs, and the beginning of our own."""

    systems: Mapping[str, CodeSystem]
    base: str

    def sql(self, *path: str) -> str:
        """A file's SQL with these names filled in."""
        text = files("load.fhir").joinpath(*path).read_text(encoding="utf-8")
        separator = ":" if self.base.startswith("urn:") else "/"
        systems = {name: self.systems[name].uri for name in sorted(self.systems)}
        filled = {
            "$uris": _uris(systems),
            "$numbers": _uris({kind.name: kind.uri for kind in NUMBER_KINDS.values()}),
            "$base": self.base.rstrip(separator) + separator,
            "$sep": separator,
            "$facts": _facts_sql(),
            "$named": " union all ".join(
                f"select source, care_unit, care_giver, author, record_unit from {kind}"  # noqa: S608
                for kind in BECOMES
            ),
        }
        for name, value in filled.items():
            text = text.replace(name, value)
        return text


def _facts_sql() -> str:
    """Each fact and person with its resource, and who wrote it."""
    facts = [
        f"select fact_id, {becomes} as resource_type, fact_id as resource_id, person_id, source, "  # noqa: S608
        "care_unit, care_giver, author, recorded_at, approved_for_patient as approved, "
        f"{'blocked' if 'blocked' in FACTS[kind].names else 'null'} as blocked from {kind}"
        for kind, becomes in BECOMES.items()
    ]
    person = (
        "select p.person_id, 'Patient', p.person_id, p.person_id, l.source, null, null, null, "
        "p.recorded_at, null, null from person as p join lineage as l "
        "on l.fact_id = p.person_id and l.kind = 'patient' and l.role = 'loaded'"
    )
    return " union all ".join((*facts, person))


def composed_sql(names: Names, kind: str) -> str:
    """The resources of one type, with the hash of each body, by id."""
    return f"""
        select {literal(kind)} as resource_type, resource_id, person_id,
            md5(body) as content_hash, body
        from ({names.sql("resources", f"{kind.lower()}.sql")})
        order by resource_id"""  # noqa: S608


def prepare(engine: Engine, names: Names) -> None:
    """Make the macros and the tables that several resources need."""
    engine.run(macros())
    engine.run(names.sql("macros.sql"))
    engine.run(names.sql("staged.sql"))


def compose(room: Room, names: Names) -> None:
    """Write `resource`: a part for each type, in order."""
    engine = room.engine
    prepare(engine, names)
    engine.run("set preserve_insertion_order = true")
    rows = 0
    for number, kind in enumerate(TYPES, 1):
        rows += engine.copy(composed_sql(names, kind), room.draft.part("resource", number))
        room.progress(number, len(TYPES))
    room.draft.describe("resource", rows=rows)
    engine.run(f"create or replace table unfit ({_REFUSED})")
    room.write("refused", "from unfit")
