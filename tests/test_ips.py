"""A patient summary claims nothing that no journal said, and refers to nothing outside itself."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fhir_peer import validate
from projects import build, minns

from minns.ips.document import Told, document
from minns.ips.sections import section_of

Body = dict[str, Any]
SNOMED = "http://snomed.info/sct"
R = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
HIDDEN = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "NOPATIENT"}
PATIENT: Body = {
    "resourceType": "Patient",
    "id": "P1",
    "name": [{"family": "Ek"}],
    "birthDate": "1950-02-03",
    "link": [{"other": {"reference": "Patient/P1-old"}, "type": "replaces"}],
}


def coded(code: str, text: str = "Penicillin") -> Body:
    return {"coding": [{"system": SNOMED, "code": code}], "text": text}


def allergy(name: str, code: str = "373270004", *security: Body, **said: Any) -> Body:
    return {
        "resourceType": "AllergyIntolerance",
        "id": name,
        **({"meta": {"security": list(security)}} if security else {}),
        "clinicalStatus": coded("active"),
        "code": coded(code),
        "patient": {"reference": "Patient/P1"},
        "recorder": {"reference": "Practitioner/dr"},
        **said,
    }


def order(name: str, picture: str, **said: Any) -> Body:
    return {
        "resourceType": "MedicationRequest",
        "id": name,
        "extension": [
            {"url": "urn:minns:ext:medication-picture", "valueCode": picture},
            {
                "url": "urn:minns:ext:stops",
                "valueReference": {"reference": "MedicationRequest/elsewhere"},
            },
        ],
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "Metoprolol <50 mg>"},
        "subject": {"reference": "Patient/P1"},
        "priorPrescription": {"reference": "MedicationRequest/elsewhere"},
        **said,
    }


DOCTOR: Body = {"resourceType": "Practitioner", "id": "dr", "name": [{"text": "A. Alm"}]}


def made(*bodies: Body, moved: tuple[str, ...] = (), language: str = "en") -> Body:
    told = Told("P1", "2026-11-23T10:00:00Z", frozenset(moved), "urn:minns", language)
    return document([PATIENT, DOCTOR, *bodies], told)


def parts(bundle: Body) -> dict[str, Body]:
    """The sections by their LOINC code."""
    listed = bundle["entry"][0]["resource"]["section"]
    return {part["code"]["coding"][0]["code"]: part for part in listed}


def reason(part: Body) -> str:
    return str(part["emptyReason"]["coding"][0]["code"])


def test_what_nobody_told_is_unavailable_and_never_absent() -> None:
    found = parts(made(moved=("AllergyIntolerance",)))
    assert set(found) == {"48765-2", "11450-4", "10160-0"}
    assert {reason(part) for part in found.values()} == {"unavailable"}
    assert "does not mean that there is none" in found["48765-2"]["text"]["div"]
    assert "has been moved" in found["10160-0"]["text"]["div"]


def test_none_known_is_a_journals_word_and_hides_no_allergy() -> None:
    none = allergy("none", "716186003")
    assert len(parts(made(none))["48765-2"]["entry"]) == 1
    both = made(none, allergy("a"))
    assert len(parts(both)["48765-2"]["entry"]) == 1
    assert "716186003" not in json.dumps(both)


def test_what_is_blocked_is_left_out_and_counted() -> None:
    bundle = made(allergy("a", "373270004", R), allergy("b", "1", HIDDEN), allergy("c"))
    part = parts(bundle)["48765-2"]
    assert len(part["entry"]) == 1
    assert "blocked: 1" in part["text"]["div"]
    assert "shown to the patient: 1" in part["text"]["div"]
    only = parts(made(allergy("a", "373270004", R)))["48765-2"]
    assert (reason(only), "entry" in only) == ("withheld", False)


def test_the_medicines_are_those_of_the_picture() -> None:
    stands = [order("m1", "current"), order("m2", "doubtful"), order("m3", "ended")]
    part = parts(made(*stands))["10160-0"]
    assert len(part["entry"]) == 2
    assert "Metoprolol &lt;50 mg&gt;" in part["text"]["div"]


def test_the_newest_stands_first() -> None:
    days = ["2019-01-02", "2024-05-06", "2021"]
    told = [allergy(f"a{n}", recordedDate=day) for n, day in enumerate(days)]
    shown = parts(made(*told))["48765-2"]["text"]["div"]
    assert sorted(days, reverse=True) == re.findall(r"· ([\d-]+)<", shown)


def test_struck_out_and_refuted_are_no_part_of_it() -> None:
    refuted = {"coding": [{"code": "refuted"}]}
    assert section_of(allergy("a", verificationStatus=refuted)) is None
    assert section_of(allergy("a", clinicalStatus={"coding": [{"code": "inactive"}]})) is None
    assert section_of(order("m", "current", status="entered-in-error")) is None


def test_every_reference_leads_to_an_entry() -> None:
    bundle = made(allergy("a"), order("m", "current"))
    urls = {entry["fullUrl"] for entry in bundle["entry"]}
    assert set(re.findall(r'"reference": "([^"]+)"', json.dumps(bundle))) <= urls
    assert all(url.startswith("urn:uuid:") for url in urls)
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert (kinds[0], sorted(kinds[1:])) == (
        "Composition",
        ["AllergyIntolerance", "Device", "MedicationRequest", "Patient", "Practitioner"],
    )
    assert "elsewhere" not in json.dumps(bundle)
    assert made(allergy("a"), order("m", "current")) == bundle


def test_a_protected_person_stays_marked() -> None:
    label = {"system": "http://hl7.se/SecurityLabel", "code": "sekretessmarkering"}
    guarded = {**PATIENT, "meta": {"security": [label]}}
    told = Told("P1", "2026-11-23T10:00:00Z", frozenset(), "urn:minns", "sv")
    bundle = document([guarded], told)
    assert bundle["entry"][0]["resource"]["confidentiality"] == "R"
    assert bundle["entry"][1]["resource"]["meta"]["security"] == [label]


def test_the_structure_is_that_of_others_and_valid_to_them() -> None:
    bundle = made(allergy("a"), order("m", "current"), language="sv")
    assert validate([bundle]) == {"checked": 1, "errors": []}
    examples = Path(__file__).resolve().parents[2] / "shared/data/conformance/ips_examples"
    theirs = examples / "Bundle-bundle-minimal.json"
    if not theirs.is_file():
        pytest.skip("the examples of the International Patient Summary are not at hand")
    other = json.loads(theirs.read_text(encoding="utf-8"))
    assert set(parts(bundle)) >= set(parts(other))
    assert set(bundle) >= set(other) - {"id"}


def test_summaries_of_a_region_are_valid_and_who_looks_is_written_down(tmp_path: Path) -> None:
    project = build(tmp_path / "region", persons=50)
    assert minns(project, "run", "wave-1").returncode in (0, 9)
    listed = project / "identities.csv"
    minns(project, "export", "identities", str(listed))
    lines = [line.split(",") for line in listed.read_text(encoding="utf-8").splitlines()[1:]]
    persons = sorted({line[2] for line in lines})[9:12]
    bundles = []
    for person in persons:
        done = minns(project, "export", "ips", person, "--json", "--by", "anna")
        assert done.returncode == 0, done.stderr
        bundles.append(json.loads(done.stdout))
    assert validate(bundles) == {"checked": 3, "errors": []}
    assert any(len(bundle["entry"]) > 5 for bundle in bundles)
    done = minns(project, "export", "ips", persons[0], "summary.json", "--json")
    assert json.loads(done.stdout)["entries"] == len(bundles[0]["entry"])
    assert json.loads((project / "summary.json").read_text(encoding="utf-8")) == bundles[0]
    unknown = minns(project, "export", "ips", "P0")
    assert (unknown.returncode, "a person's id" in unknown.stderr) == (2, True)
