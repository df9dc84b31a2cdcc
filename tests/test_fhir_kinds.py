"""What a fact says, its resource says: status, negation, certainty, dates, codes, values, texts."""

import base64
import datetime
import hashlib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resources import Resource, composed, fact, kept, one

DAY = datetime.date(2020, 3, 2)
SUMMER, WINTER = datetime.datetime(2020, 7, 1, 8, 30), datetime.datetime(2020, 1, 1, 8, 30)
#: Texts with all that JSON, CSV and lines of a file could trip over.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(
    lambda text: text.strip(" \t\r\n") and "\x00" not in text
)


def code(concept: Resource) -> str:
    return str(concept["coding"][0]["code"])


@pytest.mark.parametrize(
    ("said", "clinical", "verification"),
    [
        ({"status": "active"}, "active", None),
        ({"status": "active", "certainty": "suspected"}, "active", "provisional"),
        ({"status": "completed", "certainty": "confirmed"}, "inactive", "confirmed"),
        ({"status": "refuted"}, None, "refuted"),
        ({"status": "active", "negated": True}, None, "refuted"),
        ({"status": "nullified", "certainty": "confirmed"}, None, "entered-in-error"),
        ({"status": "unknown"}, None, None),
    ],
)
def test_a_diagnosis_stands_as_it_was_left(
    said: dict[str, Any], clinical: str | None, verification: str | None
) -> None:
    made = one("condition", diagnosed_on=DAY, **said)
    stands = [made.get("clinicalStatus"), made.get("verificationStatus")]
    assert [concept and code(concept) for concept in stands] == [clinical, verification]


NONE_KNOWN = {"system": "snomed-ct", "code": "716186003", "negated": True}


@pytest.mark.parametrize(
    ("said", "clinical", "verification"),
    [
        ({"certainty": "suspected"}, "active", "unconfirmed"),
        ({"status": "refuted", "certainty": "confirmed"}, "inactive", "refuted"),
        ({"negated": True, "system": "atc", "code": "J01CE02"}, "inactive", "refuted"),
        ({**NONE_KNOWN, "certainty": "confirmed"}, "active", "confirmed"),
        ({"status": "obsolete", "certainty": "confirmed"}, "inactive", "confirmed"),
    ],
)
def test_an_allergy_that_is_denied_is_never_active(
    said: dict[str, Any], clinical: str, verification: str
) -> None:
    made = one("alert", local_text="Penicillin", **said)
    assert made["resourceType"] == "AllergyIntolerance"
    assert code(made["clinicalStatus"]) == clinical
    assert code(made["verificationStatus"]) == verification


def test_a_denied_warning_does_not_stand() -> None:
    assert one("alert", category="communicable", negated=True)["status"] == "inactive"
    assert one("alert", category="communicable")["status"] == "active"


def test_an_order_to_stop_is_no_active_medicine() -> None:
    made = one("medication", order_type="stop", local_text="Waran")
    assert made["status"] == "stopped"
    assert kept(made)["order-type"] == "stop"


@pytest.mark.parametrize(
    ("stage", "kind"),
    [
        (None, "MedicationRequest"),
        ("order", "MedicationRequest"),
        ("prescription", "MedicationRequest"),
        ("dispense", "MedicationDispense"),
        ("administration", "MedicationAdministration"),
    ],
)
def test_a_medicine_is_the_resource_of_its_stage(stage: str | None, kind: str) -> None:
    assert one("medication", stage=stage)["resourceType"] == kind


def test_a_renewal_names_the_order_before_it() -> None:
    orders = [
        fact("medication", "f1", order_id="A"),
        fact("medication", "f2", order_id="B", renews="A"),
    ]
    made, _ = composed({"medication": orders})
    (renewal,) = (r for r in made if r["id"] == "f2")
    assert renewal["priorPrescription"] == {"reference": "MedicationRequest/f1"}


@pytest.mark.parametrize(
    ("precision", "day", "written"),
    [
        (None, DAY, "2020-03-02"),
        ("day", DAY, "2020-03-02"),
        ("month", datetime.date(2020, 3, 1), "2020-03"),
        ("year", datetime.date(2020, 1, 1), "2020"),
        ("week", DAY, "2020-03"),
        ("week", datetime.date(2020, 3, 30), "2020"),
    ],
)
def test_a_date_is_as_short_as_it_is_known(
    precision: str | None, day: datetime.date, written: str
) -> None:
    made = one("procedure", performed_on=day, date_precision=precision)
    assert made["performedDateTime"] == written
    assert ("week" in kept(made)) == (precision == "week")


def test_times_are_told_on_swedish_clocks() -> None:
    assert one("observation", observed_at=SUMMER)["effectiveDateTime"].endswith("T08:30:00+02:00")
    assert one("observation", observed_at=WINTER)["effectiveDateTime"].endswith("T08:30:00+01:00")
    twice = datetime.datetime(2020, 10, 25, 2, 30)
    for told in ("+01:00", "+02:00"):
        made = one("observation", observed_at=twice, utc_offset=told)
        assert made["effectiveDateTime"] == f"2020-10-25T02:30:00{told}"


def test_a_value_stands_in_its_unit_and_as_it_was_written() -> None:
    made = one(
        "observation",
        observed_at=SUMMER,
        value_kind="limit",
        value_text="<0,5 g/dl",
        value_number=Decimal("0.5"),
        comparator="<",
        unit="g/dl",
        standard_number=Decimal("5"),
        standard_unit="g/L",
    )
    assert made["valueQuantity"] == {
        "value": 5,
        "comparator": "<",
        "unit": "g/L",
        "system": "http://unitsofmeasure.org",
        "code": "g/L",
    }
    assert (kept(made)["value"], kept(made)["unit"]) == ("<0,5 g/dl", "g/dl")


@pytest.mark.parametrize(
    ("said", "member"),
    [
        ({"value_kind": "finding", "value_text": "neg"}, "valueString"),
        ({"value_kind": "not_done", "value_text": "ej utfört"}, "dataAbsentReason"),
        ({}, "dataAbsentReason"),
        ({"value_kind": "range", "value_low": 3, "value_high": 5}, "valueRange"),
    ],
)
def test_what_is_no_number_is_not_made_one(said: dict[str, Any], member: str) -> None:
    made = one("observation", observed_at=SUMMER, **said)
    assert member in made and "valueQuantity" not in made


def test_a_result_that_was_corrected_is_withdrawn() -> None:
    versions = [
        fact("observation", "f1", observed_at=SUMMER, replaced_by="f2", result_status="final"),
        fact("observation", "f2", observed_at=SUMMER, replaces="f1", result_status="corrected"),
    ]
    made, refused = composed({"observation": versions})
    status = {r["id"]: r["status"] for r in made if r["resourceType"] == "Observation"}
    assert status == {"f1": "entered-in-error", "f2": "corrected"} and not refused


def test_a_local_code_stands_beside_the_standard_one() -> None:
    standard = {"system": "icd-10-se", "system_version": "2024", "code": "J06.9"}
    local = {"local_system": "asynja-dia", "local_code": "J069P", "local_text": "Förkylning"}
    made = one("condition", equivalence="wider", **standard, **local)
    first, second = made["code"]["coding"]
    assert (first["code"], first["extension"][0]["valueCode"]) == ("J06.9", "wider")
    assert second == {
        "system": "urn:minns:codes:asynja-dia",
        "code": "J069P",
        "display": "Förkylning",
        "userSelected": True,
    }
    assert made["code"]["text"] == "Förkylning"


def test_a_code_that_fhir_cannot_hold_is_kept_as_text() -> None:
    made = one("condition", local_system="x", local_code=" A  B ", local_text="Något")
    (coding,) = made["code"]["coding"]
    assert "code" not in coding and coding["extension"][0]["valueString"] == " A  B "


def test_nothing_known_is_absent_not_invented() -> None:
    assert "data-absent-reason" in str(one("condition")["code"])
    assert "data-absent-reason" in str(one("care_contact", category="other")["class"])


def test_who_may_see_it() -> None:
    made = one("document", approved_for_patient=False, blocked="inner outer")
    assert [label["code"] for label in made["meta"]["security"]] == [
        "NOPATIENT",
        "R",
        "inner",
        "outer",
    ]


def test_an_unsigned_note_is_preliminary_and_versions_follow() -> None:
    notes = [
        fact("document", "f1", signed=True, replaced_by="f2"),
        fact("document", "f2", signed=None, replaces="f1", dissent="Jag håller inte med"),
    ]
    made, refused = composed({"document": notes})
    first, second = (r for r in made if r["resourceType"] == "DocumentReference")
    assert (first["status"], first["docStatus"]) == ("superseded", "final")
    assert (second["status"], second["docStatus"]) == ("current", "preliminary")
    assert second["relatesTo"][0]["target"]["reference"] == "DocumentReference/f1"
    dissent = base64.b64decode(second["content"][1]["attachment"]["data"]).decode()
    assert dissent == "Jag håller inte med" and not refused


@given(st.lists(TEXTS, min_size=20, max_size=40))
@settings(max_examples=8, deadline=None)
def test_text_in_is_text_out(texts: list[str]) -> None:
    """Byte for byte, whatever quotes, line ends or control characters there are."""
    rows = [
        fact("observation", f"o{n}", observed_at=SUMMER, value_kind="text", value_text=text)
        for n, text in enumerate(texts)
    ]
    notes = [fact("document", f"d{n}", body=text, title=text) for n, text in enumerate(texts)]
    made, _ = composed({"observation": rows, "document": notes})
    by_id = {r["id"]: r for r in made}
    assert [by_id[f"o{n}"]["valueString"] for n in range(len(texts))] == texts
    attachments = [by_id[f"d{n}"]["content"][0]["attachment"] for n in range(len(texts))]
    assert [base64.b64decode(a["data"]).decode() for a in attachments] == texts
    assert [base64.b64decode(a["hash"]) for a in attachments] == [
        hashlib.sha1(text.encode()).digest() for text in texts
    ]


def test_a_protected_person_has_no_address_and_all_is_labelled() -> None:
    person = {"person_id": "P1", "protection": "skyddad_folkbokforing"}
    made, _ = composed(
        {"person": [{**person, "street": "Ån 1", "phone": "1"}], "condition": [fact("condition")]}
    )
    assert all("skyddadFolkbokforing" in str(r["meta"]["security"]) for r in made)
    assert "Ån" not in str(made) and "telecom" not in str(made)


def test_what_breaks_a_schema_is_refused_without_its_value() -> None:
    _, refused = composed({"condition": [fact("condition", "not an id")]})
    assert ("Condition", "id") in {(row["resource_type"], row["path"]) for row in refused}
    assert all(row["rule"] for row in refused)


def test_a_reference_to_nothing_is_refused() -> None:
    lost = fact("observation", observed_at=SUMMER, replaces="f9")
    _, refused = composed({"observation": [lost]})
    assert [(row["resource_id"], row["rule"]) for row in refused] == [("f1", "reference")]


def test_a_fact_that_became_nothing_is_told() -> None:
    _, refused = composed({"condition": [fact("condition", person_id="P9")]})
    missing = {(row["resource_type"], row["rule"]) for row in refused}
    assert missing == {("Condition", "missing"), ("Provenance", "missing")}


def test_our_own_uris_begin_with_the_projects_base() -> None:
    made, refused = composed(
        {"condition": [fact("condition", signed=True)]}, "https://fhir.region.example/"
    )
    assert "https://fhir.region.example/ext/signed" in str(made) and not refused
    assert "urn:minns" not in str(made)


def test_a_record_in_many_parts_gives_the_same_resources_in_the_same_order_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patients = [{"person_id": f"P{n}", "protection": "none"} for n in range(9)]
    results = [fact("observation", f"f{n}", person_id=f"P{n % 9}") for n in range(40)]
    notes = [fact("document", f"d{n}", person_id="P1", body="lång text " * n) for n in range(7)]
    record = {"person": patients, "observation": results, "document": notes}
    whole, refused = composed(record)
    monkeypatch.setattr("load.fhir.compose.PORTION", 3)
    once, refused_once = composed(record)
    assert not refused and not refused_once
    assert composed(record)[0] == once

    def key(made: Resource) -> tuple[str, str]:
        return made["resourceType"], made["id"]

    assert sorted(once, key=key) == sorted(whole, key=key)
    assert [made["resourceType"] for made in once] == sorted(made["resourceType"] for made in once)
