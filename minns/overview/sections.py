"""The sections of a patient's overview, as plain values: what the page, the terminal and JSON show.

Worst first, newest first. What is refuted, struck out, denied or past stands apart from what holds,
and marked.
"""

from collections import defaultdict
from itertools import pairwise
from typing import Any

from minns.disputes import danger, said
from minns.overview.medicines import picture
from minns.overview.reading import Patient, code_of, dated, named
from minns.recorded import Row
from minns.translation import catalogue
from minns.wording import KINDS

_SEVERITIES = ("life_threatening", "harmful", None, "mild")
#: How many earlier values of an analysis are shown beside the last.
_TREND = 5


def overview(patient: Patient, language: str) -> dict[str, Any]:
    """All sections of a patient's overview."""
    return {
        "person": patient.person,
        "protected": patient.protected,
        "identities": patient.identities,
        "blocks": [_block(patient, fact) for fact in patient.facts["access_block"]],
        "conflicts": _conflicts(patient, language),
        "alerts": _alerts(patient),
        "problems": _problems(patient),
        "medications": picture(patient),
        "results": _results(patient),
        "contacts": [_contact(patient, fact) for fact in patient.facts["care_contact"]],
        "procedures": [patient.line("procedure", fact) for fact in patient.facts["procedure"]],
        "immunizations": [_vaccination(patient, f) for f in patient.facts["immunization"]],
        "notes": [_note(patient, fact) for fact in patient.facts["document"]],
    }


def _alerts(patient: Patient) -> dict[str, list[dict[str, Any]]]:
    """Alerts that hold, worst first; 'none known' and those that hold no more apart."""
    found: dict[str, list[dict[str, Any]]] = {"active": [], "none_known": [], "past": []}
    for fact in patient.facts["alert"]:
        over = fact["valid_to"] is not None and fact["valid_to"] < patient.today
        holds = fact["status"] in ("active", "unknown") and not over
        place = "none_known" if fact["negated"] and holds else "active" if holds else "past"
        line = patient.line(
            "alert",
            fact,
            category=fact["category"],
            severity=fact["severity"],
            worst=fact.get("worst_severity") or fact["severity"],
            group=fact.get("substance_group") or "",
            certainty=fact["certainty"],
            negated=bool(fact["negated"]),
            comment=fact["comment"],
            until=fact["valid_to"] or "",
        )
        found[place].append(line)
    # A group stands where its worst warning does, its own worst first.
    found["active"].sort(
        key=lambda line: (
            _SEVERITIES.index(line["worst"]),
            line["group"],
            _SEVERITIES.index(line["severity"]),
        )
    )
    return found


def _problems(patient: Patient) -> dict[str, list[dict[str, Any]]]:
    """Diagnoses: chronic and active, then others of that day; denied and struck out apart."""
    found: dict[str, list[dict[str, Any]]] = {"active": [], "earlier": [], "denied": []}
    for fact in patient.facts["condition"]:
        denied = fact["negated"] or fact["status"] in ("refuted", "nullified")
        place = "denied" if denied else "active" if fact["status"] == "active" else "earlier"
        line = patient.line(
            "condition",
            fact,
            category=fact["category"],
            chronic=bool(fact["chronic"]),
            certainty=fact["certainty"],
            negated=bool(fact["negated"]),
        )
        found[place].append(line)
    found["active"].sort(key=lambda line: not line["chronic"])
    return found


def _results(patient: Patient) -> list[dict[str, Any]]:
    """The last value of each analysis, with its range, flag and the values before it."""
    analyses: dict[str, list[Row]] = defaultdict(list)
    for fact in patient.facts["observation"]:
        analyses[code_of(fact) or named(fact)].append(fact)
    lines = [_analysis(patient, facts) for facts in analyses.values()]
    by_name = sorted(lines, key=lambda line: line["text"].casefold())
    return sorted(by_name, key=lambda line: line["day"][:10], reverse=True)


def _analysis(patient: Patient, facts: list[Row]) -> dict[str, Any]:
    # what was corrected is not what holds, also where what replaced it was cancelled
    newest = [f for f in facts if not f.get("replaced_by")] or facts
    standing = [f for f in newest if f["status"] not in ("nullified", "refuted")] or newest
    last = standing[0]
    trend = [
        {"day": dated(f["observed_at"])[:10], "value": f["value_text"], "unit": f["unit"]}
        for f in standing[1 : _TREND + 1]
    ]
    return patient.line(
        "observation",
        last,
        value=last["value_text"] or "",
        unit=last["unit"] or "",
        range=last["reference_interval"] or "",
        abnormal=bool(last["abnormal"]),
        result_status=last.get("result_status") or "",
        corrected=_corrected(last, facts),
        times=len(standing),
        trend=trend,
        standard=_standard(last),
        curve=_curve(standing[: _TREND + 1]),
    )


def _corrected(fact: Row, facts: list[Row]) -> list[dict[str, Any]]:
    """The versions behind a result, the latest first: what it said before it was corrected."""
    by_id = {f["fact_id"]: f for f in facts}
    found: list[dict[str, Any]] = []
    earlier = fact.get("replaces")
    while earlier in by_id and earlier not in [f["fact"] for f in found]:
        old = by_id[earlier]
        told = {"value": old["value_text"], "unit": old["unit"], "status": old["status"]}
        found.append({"fact": earlier, **told})
        earlier = old.get("replaces")
    return found


def _standard(fact: Row) -> str:
    """The value in its analysis's own unit, where it was written in another."""
    number, unit = fact.get("standard_number"), fact.get("standard_unit")
    if number is None or number == fact["value_number"]:
        return ""
    return f"{fact['comparator'] or ''}{number} {unit or ''}".strip()


def _curve(facts: list[Row]) -> list[float]:
    """The last values, oldest first, between 0 and 1; none when they cannot be compared."""
    standard = all(f.get("standard_number") is not None for f in facts)
    number, unit = ("standard_number", "standard_unit") if standard else ("value_number", "unit")
    units = {(fact[unit] or "").strip().casefold() for fact in facts}
    told = [f for f in facts if f[number] is not None and not f["comparator"]]
    values = [float(f[number]) for f in reversed(told)]
    if len(units) > 1 or len(values) < 2 or len(values) < len(facts):
        return []
    low, high = min(values), max(values)
    if all(one == other for one, other in pairwise(values)):
        return [0.5] * len(values)
    return [(value - low) / (high - low) for value in values]


def _block(patient: Patient, fact: Row) -> dict[str, Any]:
    """That a block is there: towards whom and for which time, never what it covers."""
    where = fact["blocked_care_unit"] or fact["blocked_care_giver"] or ""
    return {
        **patient.line("access_block", fact, where=where, kind=fact["block_type"]),
        "from": fact["information_from"] or "",
        "until": fact["information_to"] or "",
        "exempt": fact["exempt"] or "",
    }


def _contact(patient: Patient, fact: Row) -> dict[str, Any]:
    return patient.line(
        "care_contact",
        fact,
        category=fact["category"],
        unit=fact["care_unit"] or "",
        until=dated(fact["ends_at"]),
    )


def _vaccination(patient: Patient, fact: Row) -> dict[str, Any]:
    return patient.line(
        "immunization", fact, batch=fact["batch"] or "", dose_number=fact["dose_number"]
    )


def _note(patient: Patient, fact: Row) -> dict[str, Any]:
    """A note's heading; its text is read where it belongs."""
    return patient.line(
        "document",
        fact,
        kind=fact["document_type"] or "",
        unit=fact["care_unit"] or "",
        author=fact["author"] or "",
        version=fact.get("version"),
        standing=fact.get("standing") or "",
        replaced_by=fact.get("replaced_by") or "",
        dissent=fact.get("dissent") or "",
    )


def _conflicts(patient: Patient, language: str) -> list[dict[str, Any]]:
    """The open conflicts, the most dangerous first, with what each side is called."""
    names = {f["fact_id"]: (named(f), f["status"]) for fs in patient.facts.values() for f in fs}
    word = catalogue("minns", language).gettext
    lines = []
    for row in patient.conflicts:
        sides = [names[row[s]] for s in ("fact_id", "other_fact_id") if row[s] in names]
        active = not sides or any(status == "active" for _, status in sides)
        level = danger(row["rule"], active=active)
        lines.append(
            {
                "conflict": row["conflict_id"],
                "danger": level.level,
                "class": word(level.name),
                "kind": word(KINDS[row["kind"]]),
                "what": said(row["rule"], language),
                "about": list(dict.fromkeys(name for name, _ in sides)),
            }
        )
    return sorted(lines, key=lambda line: (line["danger"], line["what"], line["conflict"]))
