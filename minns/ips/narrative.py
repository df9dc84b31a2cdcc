"""What a section says to people: a list in XHTML, one line a statement."""

from html import escape
from typing import Any

from minns.ips.sections import Resource, Section, day
from minns.ips.words import BLOCKED, NOT_FOR_PATIENT, NOT_MOVED, NOTHING_TOLD, Word


def _concept(concept: Any) -> str:
    if not isinstance(concept, dict):
        return ""
    named = [
        coding.get("display") or coding.get("code", "") for coding in concept.get("coding", [])
    ]
    return str(concept.get("text") or next(filter(None, named), ""))


def _value(resource: Resource) -> str:
    if "valueQuantity" in resource:
        quantity = resource["valueQuantity"]
        parts = (quantity.get("comparator"), quantity.get("value"), quantity.get("unit"))
        return " ".join(str(part) for part in parts if part is not None)
    dosage = resource.get("dosageInstruction") or [{}]
    said = resource.get("valueString") or _concept(resource.get("valueCodeableConcept"))
    return str(said or dosage[0].get("text", ""))


def line(resource: Resource) -> str:
    """One statement: what, how much, when."""
    names = ("code", "medicationCodeableConcept", "vaccineCode")
    what = next(filter(None, (_concept(resource.get(name)) for name in names)), "–")
    return " · ".join(part for part in (what, _value(resource), day(resource)) if part)


def notes(section: Section, moved: bool, word: Word) -> list[str]:
    """What a reader must know of what is not there."""
    told = []
    if section.blocked:
        told.append(word(BLOCKED).format(n=section.blocked))
    if section.not_for_patient:
        told.append(word(NOT_FOR_PATIENT).format(n=section.not_for_patient))
    if not section.shown and not told:
        told.append(word(NOTHING_TOLD) if moved else word(NOT_MOVED))
    return told


def narrative(section: Section, moved: bool, language: str, word: Word) -> dict[str, str]:
    """The section's text."""
    items = "".join(f"<li>{escape(line(resource))}</li>" for resource in section.shown)
    paragraphs = "".join(f"<p>{escape(note)}</p>" for note in notes(section, moved, word))
    listed = f"<ul>{items}</ul>" if items else ""
    opening = f'<div xmlns="http://www.w3.org/1999/xhtml" lang="{language}" xml:lang="{language}">'
    return {"status": "generated", "div": f"{opening}{listed}{paragraphs}</div>"}
