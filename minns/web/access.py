"""Who looked at whom, when and why, and who was refused: the access log, out of the ledger.

What a look showed is never in it; a patient is named as source and local id, or as person id.
"""

from typing import Any

from minns.ledger import Entry, Ledger

#: Kinds of entries that tell of a look, a log-in or a refusal.
KINDS = ("looked", "read", "login", "refused")


def refused(ledger: Ledger, by: str, page: str, why: str) -> None:
    """Write down that somebody was refused; nothing of what they sent."""
    ledger.append("", "refused", {"by": by, "what": page, "why": why})


def log(
    ledger: Ledger,
    *,
    by: str | None = None,
    patient: str | None = None,
    since: str | None = None,
    kind: str | None = None,
) -> list[dict[str, Any]]:
    """Every look, log-in and refusal in order; of one user, patient or kind, or from a day on."""
    entries = [e for each in KINDS if kind in (None, each) for e in ledger.entries(each)]
    lines = [_line(entry) for entry in sorted(entries, key=lambda e: e.sequence)]
    return [
        line
        for line in lines
        if (by is None or line["who"].casefold() == by.casefold())
        and (patient is None or patient in line["patients"])
        and (since is None or line["when"] >= since)
    ]


def _line(entry: Entry) -> dict[str, Any]:
    body = entry.body
    return {
        "when": entry.moment,
        "who": body.get("by") or body.get("reviewer") or "",
        "kind": entry.kind,
        "what": body.get("outcome") or body.get("what") or "pair",
        "patients": _patients(body),
        "why": body.get("why") or "",
        "protected": bool(body.get("protected")),
    }


def _patients(body: dict[str, Any]) -> list[str]:
    if "source_l" in body:
        sides = (("source_l", "local_patient_id_l"), ("source_r", "local_patient_id_r"))
        return [f"{body[source]}:{body[local]}" for source, local in sides]
    return [str(body[name]) for name in ("pair", "person") if name in body]
