"""Which resources a patient summary shows, in which section, and which it must not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Resource = dict[str, Any]

#: Sections in order: LOINC code, LOINC's name, types of resources that tell of it, always there.
SECTIONS: tuple[tuple[str, str, tuple[str, ...], bool], ...] = (
    ("48765-2", "Allergies and adverse reactions Document", ("AllergyIntolerance",), True),
    ("11450-4", "Problem list - Reported", ("Condition",), True),
    ("10160-0", "History of Medication use Narrative", ("MedicationRequest",), True),
    ("11369-6", "History of Immunization note", ("Immunization",), False),
    ("30954-2", "Relevant diagnostic tests/laboratory data note", ("Observation",), False),
    ("47519-4", "History of Procedures Document", ("Procedure",), False),
    ("11348-0", "History of Past illness note", ("Condition",), False),
    ("104605-1", "Alert", ("Flag",), False),
)
#: SNOMED CT: that a journal knows of no allergy, of no kind or of one.
NONE_KNOWN = frozenset({"716186003", "409137002", "428607008", "429625007", "1003774007"})
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
#: Where resources tell of when.
_DATES = (
    "recordedDate",
    "authoredOn",
    "effectiveDateTime",
    "occurrenceDateTime",
    "performedDateTime",
)
_STRUCK = frozenset({"entered-in-error", "not-done", "cancelled"})


@dataclass
class Section:
    """What one section shows, and how much of it is left out, by reason."""

    code: str
    display: str
    types: tuple[str, ...]
    required: bool
    shown: list[Resource] = field(default_factory=list)
    blocked: int = 0
    not_for_patient: int = 0


def _codes(resource: Mapping[str, Any], name: str) -> set[str]:
    concept = resource.get(name) or {}
    return {str(coding.get("code")) for coding in concept.get("coding", [])}


def none_known(resource: Resource) -> bool:
    """Whether a journal's own word is that nothing is known."""
    return resource["resourceType"] == "AllergyIntolerance" and bool(
        _codes(resource, "code") & NONE_KNOWN
    )


def day(resource: Resource) -> str:
    """The day of a statement, as short as it is known; empty when it has none."""
    return next((str(resource[name])[:10] for name in _DATES if name in resource), "")


def _picture(resource: Resource) -> str:
    """What the medication picture makes of an order."""
    for extension in resource.get("extension", []):
        if str(extension["url"]).endswith("medication-picture"):
            return str(extension.get("valueCode", ""))
    return ""


def section_of(resource: Resource) -> str | None:
    """The section of a resource by its LOINC code; None for what a summary does not show."""
    kind = resource["resourceType"]
    if resource.get("status") in _STRUCK:
        return None
    if _codes(resource, "verificationStatus") & {"refuted", "entered-in-error"}:
        return None
    inactive = bool(_codes(resource, "clinicalStatus") & {"inactive", "resolved"})
    if kind == "Condition":
        return "11348-0" if inactive else "11450-4"
    if kind == "AllergyIntolerance":
        return None if inactive else "48765-2"
    if kind == "Flag":
        return "104605-1" if resource["status"] == "active" else None
    if kind == "MedicationRequest":
        picture = _picture(resource)
        stands = resource["status"] in ("active", "unknown")
        return "10160-0" if picture in ("current", "doubtful") or (stands and not picture) else None
    alike = {"Immunization": "11369-6", "Observation": "30954-2", "Procedure": "47519-4"}
    return alike.get(kind)


def sections(resources: Iterable[Resource]) -> list[Section]:
    """The sections with what they show; a journal's "none known" hides no known one."""
    found = {code: Section(code, *about) for code, *about in SECTIONS}  # type: ignore[arg-type]
    for resource in resources:
        code = section_of(resource)
        if code is None:
            continue
        labels = resource.get("meta", {}).get("security", [])
        if any((label["system"], label["code"]) == (_CONFIDENTIALITY, "R") for label in labels):
            found[code].blocked += 1
        elif any(label["code"] == "NOPATIENT" for label in labels):
            found[code].not_for_patient += 1
        else:
            found[code].shown.append(resource)
    for section in found.values():
        known = [resource for resource in section.shown if not none_known(resource)]
        # The newest first; what has no day, last.
        section.shown = sorted(known or section.shown, key=day, reverse=True)
    return list(found.values())
