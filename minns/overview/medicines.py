"""The medication picture: the orders of one substance, route and form together.

Where the record has worked out groups and what becomes of each order, these are shown; else the
orders are put together here, with less to go by. Nothing is stopped by silence.
"""

from collections import defaultdict
from typing import Any

from minns.overview.reading import Patient, named
from minns.recorded import Row

STATES = ("current", "doubtful", "ended")
#: Reasons that go without saying.
_PLAIN = ("active", "status", "end_date")
_STRUCK = ("nullified", "refuted")
#: What is no order: it happened, and is over.
_GIVEN = ("dispense", "administration")


def picture(patient: Patient) -> list[dict[str, Any]]:
    """The patient's medicines: current ones first, then doubtful, then ended."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for fact in patient.facts["medication"]:
        groups[fact.get("group_id") or _alike(fact)].append(fact)
    worked_out = {group["group_id"]: group for group in patient.groups}
    found = [_group(patient, facts, worked_out.get(key)) for key, facts in sorted(groups.items())]
    return sorted(found, key=lambda g: (STATES.index(g["state"]), g["name"].casefold()))


def _alike(fact: Row) -> str:
    about = fact["code"] or fact["local_code"] or fact["local_text"]
    told = (about, fact["route"], fact["form"])
    return "|".join(str(part or "").strip().casefold() for part in told)


def _group(patient: Patient, facts: list[Row], group: Row | None) -> dict[str, Any]:
    stops = [fact for fact in facts if fact["order_type"] == "stop" and not _struck(fact)]
    orders = [_order(patient, fact, stops) for fact in facts]
    orders.sort(key=lambda order: [*STATES, ""].index(order["state"]))
    first, states = facts[0], [order["state"] for order in orders if order["state"]]
    told: Row = group or {}
    return {
        "name": told.get("name") or first["display"] or named(first),
        "code": first["code"] or "",
        "route": told.get("route") or first["route"] or "",
        "form": told.get("form") or first["form"] or "",
        "state": told.get("state") or (states[0] if states else "ended"),
        "orders": orders,
    }


def _order(patient: Patient, fact: Row, stops: list[Row]) -> dict[str, Any]:
    worked_out = fact.get("group_id") is not None
    reason = fact.get("picture_reason") or ""
    return patient.line(
        "medication",
        fact,
        state=(fact["picture"] or "") if worked_out else _state(fact, stops, patient.today),
        reason="" if reason in _PLAIN else reason,
        order_type=fact["order_type"] or "start",
        stage=fact.get("stage") or "order",
        strength=fact["strength"] or "",
        dose=fact["dose_text"] or "",
        until=fact["ends_on"] or "",
    )


def _struck(fact: Row) -> bool:
    return fact["status"] in _STRUCK


def _state(fact: Row, stops: list[Row], today: str) -> str:
    """Ended when it says so; doubtful when another order stops the same medicine later. What was
    given, out or to the patient, is no order: nothing goes on by it.
    """
    if fact.get("stage") in _GIVEN:
        return ""
    over = fact["ends_on"] is not None and fact["ends_on"] < today
    if fact["order_type"] == "stop" or over or fact["status"] not in ("active", "unknown"):
        return "ended"
    later = any((s["starts_on"] or "9") >= (fact["starts_on"] or "") for s in stops)
    return "doubtful" if later or fact["status"] == "unknown" else "current"
