"""The document: a Composition first, then all that it refers to, every reference within it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from minns.ips.narrative import narrative
from minns.ips.sections import Resource, Section, sections
from minns.ips.words import SECTIONS, TITLE, words

_IPS = "http://hl7.org/fhir/uv/ips/StructureDefinition"
#: Profiles of entries, and the elements without which one does not keep to its profile.
_PROFILES = {
    "AllergyIntolerance": ("AllergyIntolerance-uv-ips", ()),
    "Condition": ("Condition-uv-ips", ()),
    "Immunization": ("Immunization-uv-ips", ()),
    "MedicationRequest": ("MedicationRequest-uv-ips", ()),
    "Patient": ("Patient-uv-ips", ("name", "birthDate")),
    "Procedure": ("Procedure-uv-ips", ("performedDateTime",)),
}


@dataclass(frozen=True)
class Told:
    """What a document is made of: whose, when the record was so, which kinds have been moved at
    all, what our own URIs begin with.
    """

    person_id: str
    moment: str
    moved: frozenset[str]
    base: str
    language: str


def document(resources: Iterable[Resource], told: Told) -> Resource:
    """The Bundle of one patient, of the resources of that person and what they refer to."""
    known = {_key(resource): resource for resource in resources}
    found = sections(known[key] for key in sorted(known))
    patient = known[f"Patient/{told.person_id}"]
    shown = [resource for section in found for resource in section.shown]
    device = _device(told)
    entries = [patient, device, *shown, *_named([patient, *shown], known)]
    urls = {_key(resource): _url(told, _key(resource)) for resource in entries}
    composition = _composition(found, patient, device, told)
    urls[_key(composition)] = _url(told, _key(composition) + told.moment)
    made = [_within(_profiled(resource), urls) for resource in (composition, *entries)]
    return {
        "resourceType": "Bundle",
        "meta": {"profile": [f"{_IPS}/Bundle-uv-ips"]},
        "language": told.language,
        "identifier": {"system": "urn:ietf:rfc:3986", "value": urls[_key(composition)]},
        "type": "document",
        "timestamp": told.moment,
        "entry": [
            {"fullUrl": urls[_key(resource)], "resource": resource}
            for resource in made
            if resource is not None
        ],
    }


def _key(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _url(told: Told, key: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{told.base}/{key}')}"


def _device(told: Told) -> Resource:
    """The author: this program."""
    name = {"name": "minns", "type": "other"}
    return {"resourceType": "Device", "id": "minns", "deviceName": [name]}


def _references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for each in value for found in _references(each)]
    if not isinstance(value, dict):
        return []
    own = [value["reference"]] if isinstance(value.get("reference"), str) else []
    return own + [found for each in value.values() for found in _references(each)]


def _named(shown: Sequence[Resource], known: Mapping[str, Resource]) -> list[Resource]:
    """The organizations and practitioners that are named, and those that they name."""
    kinds = ("Organization/", "Practitioner/")
    waiting, found = list(shown), dict[str, Resource]()
    while waiting:
        for key in _references(waiting.pop()):
            if key.startswith(kinds) and key in known and key not in found:
                found[key] = known[key]
                waiting.append(known[key])
    return [found[key] for key in sorted(found)]


def _profiled(resource: Resource) -> Resource:
    """With the profile of the IPS beside its own, where it keeps to that."""
    name, needed = _PROFILES.get(resource["resourceType"], ("", ()))
    if not name or not all(element in resource for element in needed):
        return resource
    meta = resource.get("meta", {})
    return {**resource, "meta": {**meta, "profile": [*meta.get("profile", []), f"{_IPS}/{name}"]}}


def _within(value: Any, urls: Mapping[str, str]) -> Any:
    """A resource whose references lead to entries; one that would lead outside goes, and with it
    what is nothing without it (an extension, a link).
    """
    if isinstance(value, list):
        return [made for each in value if (made := _within(each, urls)) is not None] or None
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("reference"), str):
        url = urls.get(value["reference"])
        return {**value, "reference": url} if url else None
    made = {name: _within(each, urls) for name, each in value.items()}
    lost = {name for name, each in made.items() if each is None}
    if lost & {"other", "valueReference"}:
        return None
    return {name: each for name, each in made.items() if each is not None} or None


def _composition(
    found: Sequence[Section], patient: Resource, device: Resource, told: Told
) -> Resource:
    word = words(told.language)
    protected = bool(patient.get("meta", {}).get("security"))
    coding = {
        "system": "http://loinc.org",
        "code": "60591-5",
        "display": "Patient summary Document",
    }
    return {
        "resourceType": "Composition",
        "id": f"ips-{told.person_id}",
        "meta": {"profile": [f"{_IPS}/Composition-uv-ips"]},
        "language": told.language,
        "status": "final",
        "type": {"coding": [coding]},
        "subject": {"reference": _key(patient)},
        "date": told.moment,
        "author": [{"reference": _key(device)}],
        "title": word(TITLE),
        "confidentiality": "R" if protected else "N",
        "section": [
            _section(section, told)
            for section in found
            if section.required or section.shown or section.blocked or section.not_for_patient
        ],
    }


def _section(section: Section, told: Told) -> dict[str, Any]:
    word = words(told.language)
    moved = any(kind in told.moved for kind in section.types)
    coding = {"system": "http://loinc.org", "code": section.code, "display": section.display}
    made: dict[str, Any] = {
        "title": word(SECTIONS[section.code]),
        "code": {"coding": [coding]},
        "text": narrative(section, moved, told.language, word),
    }
    if section.shown:
        return {**made, "entry": [{"reference": _key(resource)} for resource in section.shown]}
    withheld = section.blocked + section.not_for_patient
    reason = ("withheld", "Information Withheld") if withheld else ("unavailable", "Unavailable")
    empty = {
        "system": "http://terminology.hl7.org/CodeSystem/list-empty-reason",
        "code": reason[0],
        "display": reason[1],
    }
    return {**made, "emptyReason": {"coding": [empty]}}
