"""The FHIR software of others finds what is wrong, and goes wrong as it is asked to."""

import json
import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest
from fhir_peer import SWEDISH, FhirServer, running_server, swedish, validate

PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female"}


def observation(name: str, subject: str = "Patient/p1", **said: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": {"text": "längd"},
        "subject": {"reference": subject},
        **said,
    }


def put(*resources: dict[str, Any]) -> dict[str, Any]:
    """A transaction that puts resources under their own ids."""
    entry = [
        {"resource": r, "request": {"method": "PUT", "url": f"{r['resourceType']}/{r['id']}"}}
        for r in resources
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entry}


@pytest.fixture(scope="module")
def running() -> Iterator[FhirServer]:
    with running_server() as server:
        yield server


@pytest.fixture
def server(running: FhirServer) -> FhirServer:
    running.faults()
    running.refuse(None)
    running.ask("/fhir/", "POST", put(PATIENT))
    return running


def refused(server: FhirServer, bundle: dict[str, Any]) -> int:
    with pytest.raises(urllib.error.HTTPError) as caught:
        server.ask("/fhir/", "POST", bundle)
    caught.value.close()
    return caught.value.code


def test_the_validator_finds_what_is_wrong() -> None:
    wrong = {**observation("o1"), "status": 7}
    del wrong["code"]
    found = validate([PATIENT, wrong])
    assert found["checked"] == 2
    assert {(e["type"], e["id"], e["path"]) for e in found["errors"]} >= {
        ("Observation", "o1", "Observation.code")
    }


def test_profiles_are_chosen_by_what_the_resource_names() -> None:
    if not swedish():
        pytest.skip("HL7 Sweden's profiles are not at hand")
    files = [*SWEDISH.glob("Patient-*.json"), *SWEDISH.glob("Organization-*.json")]
    assert validate(files=files, profiles=swedish()) == {"checked": len(files), "errors": []}
    profile = json.loads((SWEDISH / "StructureDefinition-SEBasePatient.json").read_text())["url"]
    wrong = {**PATIENT, "meta": {"profile": [profile]}, "identifier": [{"value": "1"}]}
    assert not validate([wrong])["errors"]
    two_homes = [{"use": "home", "extension": [{"url": "x"}]}] * 2
    assert validate([{**wrong, "address": two_homes}], profiles=swedish())["errors"]


def test_a_transaction_is_all_or_nothing(server: FhirServer) -> None:
    before = server.resources()
    assert refused(server, put(observation("o1"), {**observation("o2"), "status": 7})) == 400
    assert refused(server, put(observation("o1", "Patient/nobody"))) == 409
    gone = {"request": {"method": "DELETE", "url": "Patient/p1"}}
    bundle = put(observation("o1"))
    assert refused(server, {**bundle, "entry": [*bundle["entry"], gone]}) == 409
    assert server.resources() == before


def test_pages_counts_and_versions_are_told(server: FhirServer) -> None:
    done = server.ask("/fhir/", "POST", put(*(observation(f"n{n}") for n in range(5))))
    assert all(entry["response"]["etag"].startswith('W/"') for entry in done["entry"])
    assert server.ask("/fhir/Observation?_summary=count")["total"] == 5
    page = server.ask("/fhir/Observation?_count=3&_elements=id,meta")
    assert [set(e["resource"]) for e in page["entry"]] == [{"resourceType", "id", "meta"}] * 3
    assert [link["relation"] for link in page["link"]] == ["self", "next"]


@pytest.mark.parametrize("kind", ["429", "500", "503", "reject"])
def test_faults_happen_once_each(server: FhirServer, kind: str) -> None:
    server.faults({"kind": kind})
    assert refused(server, put(PATIENT)) in (429, 500, 503, 422)
    assert server.ask("/fhir/", "POST", put(PATIENT))["type"] == "transaction-response"


def test_half_a_bundle(server: FhirServer) -> None:
    server.faults({"kind": "half"})
    done = server.ask("/fhir/", "POST", put(*(observation(f"h{n}") for n in range(4))))
    assert [entry["response"]["status"][0] for entry in done["entry"]] == ["2", "5", "2", "5"]
    held = server.resources()
    assert [f"Observation/h{n}" in held for n in range(4)] == [True, False, True, False]


def test_done_and_never_told(server: FhirServer) -> None:
    server.faults({"kind": "cut-after"})
    with pytest.raises((OSError, urllib.error.URLError)):
        server.ask("/fhir/", "POST", put(observation("silent")))
    assert "Observation/silent" in server.resources()
