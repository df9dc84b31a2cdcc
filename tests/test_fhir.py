"""A whole region as FHIR resources: what must hold of all of them, and the folder they go to."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class
from fhir_peer import swedish, validate
from projects import build, minns

import load
from load.fhir.ndjson import MANIFEST, write_folder
from minns import pipeline, resources
from minns.errors import BalanceError, ConfigError
from minns.model import KINDS
from minns.site import Site, open_site
from minns.store import Dataset

Resource = dict[str, Any]
#: Every so many of a type are read by the slow oracle.
SAMPLE = 20
BECOMES = {
    "care_contact": {"Encounter"},
    "condition": {"Condition"},
    "alert": {"AllergyIntolerance", "Flag"},
    "medication": {"MedicationRequest", "MedicationDispense", "MedicationAdministration"},
    "observation": {"Observation"},
    "procedure": {"Procedure"},
    "immunization": {"Immunization"},
    "document": {"DocumentReference"},
    "access_block": {"Consent"},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = build(tmp_path_factory.mktemp("region"))
    site = open_site(folder)
    for wave in ("wave-1", "wave-2"):
        pipeline.run(site, wave, "cutover")
    return site


@pytest.fixture(scope="module")
def folder(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "fhir"
    resources.export_fhir(site, folder)
    return folder


@pytest.fixture(scope="module")
def exported(folder: Path) -> list[Resource]:
    lines = (path.read_bytes().splitlines() for path in sorted(folder.glob("*.ndjson")))
    return [orjson.loads(line) for of_type in lines for line in of_type]


@pytest.fixture(scope="module")
def record(site: Site) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(site.target("cutover").url.removeprefix("sqlite:///"))
    yield connection
    connection.close()


def test_a_validator_of_others_finds_nothing(folder: Path) -> None:
    """With HL7 Sweden's own profiles, where they are at hand."""
    found = validate(files=sorted(folder.glob("*.ndjson")), profiles=swedish())
    assert found["errors"] == [] and found["checked"] > 5000


def test_an_oracle_of_others_reads_a_sample(exported: list[Resource]) -> None:
    seen: Counter[str] = Counter()
    for resource in exported:
        kind = resource["resourceType"]
        seen[kind] += 1
        if seen[kind] % SAMPLE == 1:
            read = get_fhir_model_class(kind).model_validate(resource)
            assert orjson.loads(read.model_dump_json())["id"] == resource["id"]


def test_every_fact_is_one_resource(exported: list[Resource], record: sqlite3.Connection) -> None:
    ids = Counter((r["resourceType"], r["id"]) for r in exported)
    assert set(ids.values()) == {1}
    for kind in KINDS:
        facts = {row[0] for row in record.execute(f"select fact_id from current_{kind}")}
        made = [r["id"] for r in exported if r["resourceType"] in BECOMES[kind]]
        assert facts and sorted(made) == sorted(facts)


def test_every_reference_leads_somewhere(folder: Path, exported: list[Resource]) -> None:
    there = {f"{r['resourceType']}/{r['id']}" for r in exported}
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.ndjson"))
    named = set(re.findall(r'"reference":"([^"]+)"', text))
    assert named and named <= there


def test_every_row_behind_is_told(exported: list[Resource], record: sqlite3.Connection) -> None:
    told = {
        (p["target"][0]["reference"].split("/")[1], row["system"], row["value"])
        for p in exported
        if p["resourceType"] == "Provenance"
        for row in (entity["what"]["identifier"] for entity in p["entity"])
    }
    rows = "select fact_id, 'urn:minns:row:' || source || ':' || source_table, row_key"
    assert told == set(record.execute(f"{rows} from current_lineage"))


def test_protected_persons_are_labelled_and_nowhere(
    exported: list[Resource], record: sqlite3.Connection
) -> None:
    protected = {
        row[0]
        for row in record.execute("select person_id from current_person where protection <> 'none'")
    }
    theirs = [r for r in exported if protected & {re.split("[/-]", n)[-1] for n in _persons(r)}]
    assert protected and len(theirs) > len(protected)
    for resource in theirs:
        assert re.search("sekretessmarkering|skyddadFolkbokforing", str(resource["meta"]))
        assert not {"address", "telecom"} & resource.keys()


def _persons(resource: Resource) -> set[str]:
    subject = resource.get("subject") or resource.get("patient") or {}
    own = {resource["id"]} if resource["resourceType"] == "Patient" else set()
    return own | ({subject["reference"]} if subject else set())


def test_one_number_of_a_kind_and_old_ones_apart(exported: list[Resource]) -> None:
    patients = {r["id"]: r for r in exported if r["resourceType"] == "Patient"}
    old = [r for r in patients.values() if not r["active"]]
    assert old
    for patient in old:
        (link,) = patient["link"]
        survivor = patients[link["other"]["reference"].split("/")[1]]
        back = {"other": {"reference": f"Patient/{patient['id']}"}, "type": "replaces"}
        assert link["type"] == "replaced-by" and back in survivor["link"]
    for patient in patients.values():
        systems = [i["system"] for i in patient["identifier"] if "electronichealth" in i["system"]]
        assert len(systems) <= 1 and len(patient.get("name", [])) <= 1


def test_a_second_export_writes_nothing(site: Site, folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert resources.export_fhir(site, folder).written.changed == []
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_long_files_are_split_and_counted(site: Site, tmp_path: Path, folder: Path) -> None:
    made = site.store.find(next(site.store.folder.glob("steps/fhir/*")))
    assert made is not None
    write_folder(made.parts("resource"), tmp_path, moment="2026-01-01T00:00:00Z", split=200)
    listed = json.loads((tmp_path / MANIFEST).read_text())["output"]
    for line in listed:
        assert len((tmp_path / line["url"]).read_bytes().splitlines()) == line["count"] <= 200
    whole = b"".join((tmp_path / x["url"]).read_bytes() for x in listed if x["type"] == "Condition")
    assert whole == (folder / "Condition.ndjson").read_bytes()


def test_one_persons_part_stands_alone(
    site: Site, tmp_path: Path, record: sqlite3.Connection
) -> None:
    (person,) = record.execute("select min(person_id) from current_condition").fetchone()
    done = minns(site.project.root, "export", "fhir", str(tmp_path), "--person", person, "--json")
    assert done.returncode == 0, done.stderr
    lines = [line for path in tmp_path.glob("*.ndjson") for line in path.read_bytes().splitlines()]
    there = {f"{r['resourceType']}/{r['id']}" for r in map(orjson.loads, lines)}
    named = set(re.findall(r'"reference":"([^"]+)"', b"\n".join(lines).decode()))
    assert named <= there
    patients = {name for name in there if name.startswith("Patient/")}
    assert {name.split("/")[1].split("-")[0] for name in patients} == {person}
    assert json.loads(done.stdout)["resources"] == len(lines)


def test_who_is_not_there_is_told(site: Site, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a person with the id"):
        resources.export_fhir(site, tmp_path, "P0")


def test_what_was_refused_goes_nowhere(tmp_path: Path) -> None:
    made = Dataset(tmp_path, "key", {"tables": {"refused": {"rows": 2}}})
    with pytest.raises(BalanceError, match="found 2 places"):
        load.refuse_unfit(made)
