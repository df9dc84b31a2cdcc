"""What the record holds of one patient, with the rows behind each fact."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from minns.engine import literal
from minns.model import CONFLICT, FACTS, IDENTITY, LINEAGE, PERSON, TARGET
from minns.recorded import Record, Row

#: Facts whose rows are asked for at once.
_AT_ONCE = 500
#: The day that a fact is about, by kind.
DAY = {
    "care_contact": "starts_at",
    "condition": "diagnosed_on",
    "alert": "valid_from",
    "medication": "starts_on",
    "observation": "observed_at",
    "procedure": "performed_on",
    "immunization": "given_on",
    "document": "written_at",
    "access_block": "information_from",
}
#: The medication picture, where the record has one.
_GROUPS = "medication_group"
_NEVER_SHOWN = ("street", "postal_code", "city", "phone")


@dataclass
class Patient:
    """A patient as the record holds them: facts by kind, rows by fact, open conflicts."""

    person: Row
    identities: list[Row]
    facts: dict[str, list[Row]]
    rows: dict[str, list[Row]]
    conflicts: list[Row]
    today: str
    groups: list[Row] = field(default_factory=list)
    disputed: frozenset[str] = field(default_factory=frozenset)

    @property
    def protected(self) -> bool:
        return bool(self.person["protection"] != "none")

    def line(self, kind: str, fact: Row, /, **more: Any) -> dict[str, Any]:
        """A fact as a line of the overview: what it is, when, its state, and its sources."""
        rows = self.rows.get(fact["fact_id"], [])
        day = fact.get(DAY[kind])
        return {
            "fact": fact["fact_id"],
            "text": named(fact),
            "code": code_of(fact),
            "day": dated(day, fact.get("date_precision")),
            "status": fact["status"],
            "signed": fact["signed"],
            **more,
            "disputed": fact["fact_id"] in self.disputed,
            "blocked": fact.get("blocked") or "",
            "sources": [_source(row) for row in rows],
        }


def named(fact: Row) -> str:
    """What a fact is called: in the source's own words, else the standard's."""
    names = ("local_text", "display", "title", "local_code", "document_type", "category")
    return next((str(fact[name]) for name in names if fact.get(name)), "–")


def code_of(fact: Row) -> str:
    """The standard code; without one the local code, marked as such by its system."""
    if fact.get("code"):
        return f"{fact['code']}"
    if fact.get("local_code") == fact.get("local_text"):
        return ""
    return " ".join(str(fact[n]) for n in ("local_system", "local_code") if fact.get(n))


def dated(moment: str | None, precision: str | None = None) -> str:
    """A day as it is known: 2019, 2019-03 or 2019-03-01; a moment without midnight."""
    if not moment:
        return ""
    known = {"year": 4, "month": 7}.get(precision or "day")
    return moment[:known] if known else moment.removesuffix(" 00:00")


def _source(row: Row) -> dict[str, Any]:
    local = [row[name] for name in ("local_system", "local_code") if row[name]]
    return {
        "source": row["source"],
        "row": f"{row['source_table']} {row['row_key']}",
        "unit": row["care_unit"],
        "record_unit": row.get("record_unit") or "",
        "blocked": row.get("blocked") or "",
        "day": (row["recorded_at"] or "")[:10],
        "code": " ".join(local),
        "text": row["local_text"],
    }


def read(record: Record, person_id: str, today: str) -> Patient:
    """All that the record holds of a patient; of a protected one no address."""
    own = f"person_id = {literal(person_id)}"
    person = record.rows(PERSON.name, own)[0]
    if person["protection"] != "none":
        person |= dict.fromkeys(_NEVER_SHOWN)
    facts = {kind: _ordered(kind, record.rows(kind, own)) for kind in FACTS}
    conflicts = [row for row in record.rows(CONFLICT.name, own) if row["state"] == "open"]
    ids = [fact["fact_id"] for rows in facts.values() for fact in rows]
    disputed = {c[side] for c in conflicts for side in ("fact_id", "other_fact_id")}
    identities = sorted(
        record.rows(IDENTITY.name, own), key=lambda i: (i["source"], i["local_patient_id"])
    )
    behind = _behind(record, ids)
    groups = record.rows(_GROUPS, own) if _GROUPS in TARGET else []
    return Patient(person, identities, facts, behind, conflicts, today, groups, frozenset(disputed))


def _ordered(kind: str, facts: list[Row]) -> list[Row]:
    """The newest first."""
    by_id = sorted(facts, key=lambda fact: str(fact["fact_id"]))
    return sorted(by_id, key=lambda fact: fact[DAY[kind]] or "", reverse=True)


def _behind(record: Record, facts: Sequence[str]) -> dict[str, list[Row]]:
    """The rows behind facts: the founding one first."""
    found: dict[str, list[Row]] = defaultdict(list)
    for start in range(0, len(facts), _AT_ONCE):
        listed = ", ".join(literal(fact) for fact in facts[start : start + _AT_ONCE])
        for row in record.rows(LINEAGE.name, f"fact_id in ({listed})"):
            found[row["fact_id"]].append(row)
    for rows in found.values():
        rows.sort(
            key=lambda r: (r["role"] != "loaded", r["source"], r["source_table"], r["row_key"])
        )
    return found
