"""Resources put together by SQL, one query a type, in parts that fit in memory."""

from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from load.fhir.check import Checked, Targets, check, unfit
from minns.codes import NUMBER_KINDS, CodeSystem, macros
from minns.engine import ROW_GROUP, Engine, literal
from minns.model import FACTS
from minns.step import Room

#: Rows of a part, about: as many as a group of a file, for a group is read whole or not at all.
PORTION = ROW_GROUP
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
#: The rows that each type is made of, by which it is cut into parts; types of few have none.
ROWS = {
    "AllergyIntolerance": "alert",
    "Condition": "condition",
    "Consent": "access_block",
    "DocumentReference": "document",
    "Encounter": "care_contact",
    "Flag": "alert",
    "Immunization": "immunization",
    "MedicationAdministration": "medication",
    "MedicationDispense": "medication",
    "MedicationRequest": "medication",
    "Observation": "observation",
    "Patient": "person",
    "Procedure": "procedure",
    "Provenance": "fact_of_resource",
}


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
        f"{'blocked' if 'blocked' in FACTS[kind].names else 'null'} as blocked, row_id from {kind}"
        for kind, becomes in BECOMES.items()
    ]
    person = (
        "select p.person_id, 'Patient', p.person_id, p.person_id, l.source, null, null, null, "
        "p.recorded_at, null, null, p.row_id from person as p join lineage as l "
        "on l.fact_id = p.person_id and l.kind = 'patient' and l.role = 'loaded'"
    )
    return " union all ".join((*facts, person))


def composed_sql(names: Names, kind: str, first: str = "", last: str | None = None) -> str:
    """The resources of one type, in no order, with each body's hash: those that come of rows whose
    `row_id` is `first` or later and before `last`.
    """
    rows, until = ROWS.get(kind), "" if last is None else f" and row_id < {literal(last)}"
    within = f"with {rows} as (from main.{rows} where row_id >= {literal(first)}{until})"
    return f"""
        {within if rows else ""}
        select {literal(kind)} as resource_type, resource_id, coalesce(person_id, '') as person_id,
            md5(body) as content_hash, body
        from ({names.sql("resources", f"{kind.lower()}.sql")})"""  # noqa: S608


def prepare(engine: Engine, names: Names) -> None:
    """Make the macros and the tables that several resources need."""
    engine.run(macros())
    engine.run(names.sql("macros.sql"))
    engine.run(names.sql("staged.sql"))


def _weight_sql(rows: str) -> str:
    """How many rows there are; a note's every thousand bytes weigh as one."""
    notes = " + coalesce(sum(strlen(body)), 0) // 1000" if rows == "document" else ""
    return f"select cast(count(*){notes} as bigint) from {rows}"  # noqa: S608


def _portions(engine: Engine) -> list[tuple[str, str, str | None]]:
    """Each type, and the rows that a part of it begins and ends with. The record's rows stand by
    `row_id`, so that a part reads its own; as that is a hash in hex digits, its first three cut
    rows into even portions.
    """
    portions = []
    for kind in TYPES:
        rows = engine.value(_weight_sql(ROWS[kind])) if kind in ROWS else 1
        pieces = max(1, -(-rows // PORTION))
        cuts = [f"{4096 * n // pieces:03x}" for n in range(1, pieces)]
        portions += list(zip([kind] * pieces, ["", *cuts], [*cuts, None], strict=True))
    return portions


def _write(resources: pa.Table, path: Path) -> None:
    """Write a part, as small and in groups as large as the engine would."""
    parquet.write_table(
        resources,
        path,
        row_group_size=ROW_GROUP,
        compression="zstd",
        compression_level=1,
        use_dictionary=["resource_type", "person_id"],
    )


def compose(room: Room, names: Names) -> None:
    """Write `resource`, part by part, and `refused`: each part is checked and written while the
    next one is put together.
    """
    engine, rows, refused = room.engine, 0, []
    prepare(engine, names)
    portions = _portions(engine)
    # one core checks meanwhile: a session that counted on it would only wait for itself, busily
    cores = int(engine.value("select current_setting('threads')"))
    engine.run(f"set threads = {max(1, cores - 1)}")

    def finish(resources: pa.Table, kind: str, path: Path) -> Checked:
        _write(resources, path)
        return check(kind, resources.column("body"))

    targets, waiting = Targets(engine), deque[Future[Checked]]()
    with ThreadPoolExecutor(1) as beside:
        for number, (kind, first, last) in enumerate(portions, 1):
            made = engine.table(composed_sql(names, kind, first, last))
            # in order here: whole bodies are dear to sort where they are made
            made = made.take(pc.sort_indices(made.column("resource_id")))
            rows += len(made)
            if waiting:
                refused += targets.take(waiting.popleft().result())
            waiting.append(beside.submit(finish, made, kind, room.draft.part("resource", number)))
            room.progress(number, len(portions))
        refused += targets.take(waiting.popleft().result())
    engine.run(f"set threads = {cores}")
    room.draft.describe("resource", rows=rows)
    engine.view("resource", sorted((room.draft.folder / "resource").glob("*.parquet")))
    unfit(engine, refused, TYPES)
    room.write("refused", "from unfit order by all")
