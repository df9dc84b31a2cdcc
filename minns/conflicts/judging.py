"""Judgements of conflicts: entries of the ledger, only ever added; the last one counts.

Each is bound to what the conflict rests on, and takes effect with the next run.
"""

from typing import Any

from minns.engine import literal
from minns.errors import ConfigError
from minns.ledger import Entry
from minns.model import CONFLICT
from minns.pairs import one_of, said
from minns.recorded import Record, Row, holds_personal_number, recorded
from minns.site import Site

VERDICTS = ("both", "first", "second", "neither", "withdrawn")
ENTRY = "conflict_judgement"


def found(record: Record, conflict_id: str) -> Row:
    """The conflict of that id, as the record holds it now."""
    rows = record.rows(CONFLICT.name, f"conflict_id = {literal(conflict_id)}")
    if not rows:
        raise ConfigError(
            f"the id of a conflict that {record.shown} holds",
            found="none of that id",
            do="'minns conflict list' lists them.",
        )
    return rows[0]


def settle(
    site: Site, conflict_id: str, verdict: str, reason: str, by: str, *, rehearsal: bool = False
) -> dict[str, Any]:
    """Record what somebody judged; the next run lays it over the conflict."""
    one_of(verdict, VERDICTS)
    reason, by = said(reason, "reason"), said(by, "by")
    if holds_personal_number(reason):
        raise ConfigError(
            "a reason without personal data, since it is kept for good",
            found="what may be a personal number",
            do="Give the reason without it.",
        )
    with recorded(site, rehearsal=rehearsal) as record:
        conflict = found(record, conflict_id)
    if verdict == "withdrawn" and (conflict_id, conflict["evidence_hash"]) not in pending(site):
        raise ConfigError(
            "a judgement that can be withdrawn",
            found="none on this conflict as it is now",
            do=f"'minns conflict show {conflict_id}' shows what was judged.",
        )
    body = {
        "conflict_id": conflict_id,
        "evidence_hash": conflict["evidence_hash"],
        "rule": conflict["rule"],
        "verdict": verdict,
        "reason": reason,
        "settled_by": by,
    }
    entry = site.ledger.append("", ENTRY, body)
    return {"conflict": conflict_id, "verdict": verdict, "by": by, "entry": entry.sequence}


def pending(site: Site) -> dict[tuple[str, str], str]:
    """The last verdict on each conflict and what it rested on."""
    return {
        (e.body["conflict_id"], e.body["evidence_hash"]): str(e.body["verdict"])
        for e in site.ledger.entries(ENTRY)
    }


def told(site: Site, conflict_id: str) -> list[Entry]:
    """All judgements of a conflict, in order, also those on what it rested on before."""
    return [e for e in site.ledger.entries(ENTRY) if e.body["conflict_id"] == conflict_id]
