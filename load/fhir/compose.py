"""Resources put together by SQL, one query a type, in the order of types and ids."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files

from load.fhir.check import check_part, unfit
from minns.codes import NUMBER_KINDS, CodeSystem, macros
from minns.engine import Engine, literal
from minns.model import FACTS
from minns.step import Room

#: Resources of a part, about: few enough to be sorted in memory, whole notes and all.
PORTION = 200_000
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


def composed_sql(names: Names, kind: str, first: str = "", last: str | None = None) -> str:
    """The resources of one type by id, from `first` until before `last`, with each body's hash."""
    until = "" if last is None else f" and resource_id < {literal(last)}"
    return f"""
        select {literal(kind)} as resource_type, resource_id, coalesce(person_id, '') as person_id,
            md5(body) as content_hash, body
        from ({names.sql("resources", f"{kind.lower()}.sql")})
        where resource_id >= {literal(first)}{until}
        order by resource_id"""  # noqa: S608


def prepare(engine: Engine, names: Names) -> None:
    """Make the macros and the tables that several resources need."""
    engine.run(macros())
    engine.run(names.sql("macros.sql"))
    engine.run(names.sql("staged.sql"))


def _portions(engine: Engine) -> list[tuple[str, str, str | None]]:
    """Each type and the ids that a part of it begins and ends with, in order. Ids are hashes in hex
    digits, so that the first of them cut facts into even portions.
    """
    counted = "select resource_type, count(*) from fact_of_resource group by all"
    counts: dict[str, int] = dict(engine.rows(counted))
    counts["Provenance"] = sum(counts.values())
    portions = []
    for kind in TYPES:
        pieces = -(-counts.get(kind, 1) // PORTION)
        prefix = "pv-" if kind == "Provenance" else ""
        cuts = [f"{prefix}{4096 * n // pieces:03x}" for n in range(1, pieces)]
        if kind == "Patient":
            cuts = []
        portions += list(zip([kind] * pieces, ["", *cuts], [*cuts, None], strict=False))
    return portions


def compose(room: Room, names: Names) -> None:
    """Write `resource`, part by part in order, and `refused`: each part is checked while the next
    one is put together.
    """
    engine, rows, refused = room.engine, 0, []
    prepare(engine, names)
    engine.run("set preserve_insertion_order = true")
    portions = _portions(engine)
    with ThreadPoolExecutor(1) as checking:
        checks = []
        for number, (kind, first, last) in enumerate(portions, 1):
            path = room.draft.part("resource", number)
            rows += engine.copy(composed_sql(names, kind, first, last), path)
            checks.append(checking.submit(check_part, path, kind))
            room.progress(number, len(portions))
        for check in checks:
            refused += check.result()
    room.draft.describe("resource", rows=rows)
    engine.view("resource", sorted((room.draft.folder / "resource").glob("*.parquet")))
    unfit(engine, refused, TYPES)
    room.write("refused", "from unfit order by all")
