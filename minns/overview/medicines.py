"""The medication picture: the orders of one substance, route and form together.

Where the record has worked out groups and what becomes of each order, these are shown; else the
orders are put together here, with less to go by. Nothing is stopped by silence.
"""

from collections import defaultdict
from typing import Any

from minns.overview.reading import Patient, named
from minns.recorded import Row

STATES = ("current", "doubtful", "ended")
_STRUCK = ("nullified", "refuted")


def picture(patient: Patient) -> list[dict[str, Any]]:
    """The patient's medicines: current ones first, then doubtful, then ended."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for fact in patient.facts["medication"]:
        groups[fact.get("group_id") or _alike(fact)].append(fact)
    found = [_group(patient, facts) for _, facts in sorted(groups.items())]
    return sorted(found, key=lambda g: (STATES.index(g["state"]), g["name"].casefold()))


def _alike(fact: Row) -> str:
    about = fact["code"] or fact["local_code"] or fact["local_text"]
    told = (about, fact["route"], fact["form"])
    return "|".join(str(part or "").strip().casefold() for part in told)


def _group(patient: Patient, facts: list[Row]) -> dict[str, Any]:
    stops = [fact for fact in facts if fact["order_type"] == "stop" and not _struck(fact)]
    orders = [_order(patient, fact, stops) for fact in facts]
    states = {order["state"] for order in orders}
    first = facts[0]
    return {
        "name": first["display"] or named(first),
        "code": first["code"] or "",
        "route": first["route"] or "",
        "form": first["form"] or "",
        "state": next((state for state in STATES if state in states), "ended"),
        "orders": sorted(orders, key=lambda o: STATES.index(o["state"])),
    }


def _order(patient: Patient, fact: Row, stops: list[Row]) -> dict[str, Any]:
    return patient.line(
        "medication",
        fact,
        state=fact.get("picture") or _state(fact, stops, patient.today),
        order_type=fact["order_type"] or "start",
        strength=fact["strength"] or "",
        dose=fact["dose_text"] or "",
        until=fact["ends_on"] or "",
    )


def _struck(fact: Row) -> bool:
    return fact["status"] in _STRUCK


def _state(fact: Row, stops: list[Row], today: str) -> str:
    """Ended when it says so; doubtful when another order stops the same medicine later."""
    over = fact["ends_on"] is not None and fact["ends_on"] < today
    if fact["order_type"] == "stop" or over or fact["status"] not in ("active", "unknown"):
        return "ended"
    later = any((s["starts_on"] or "9") >= (fact["starts_on"] or "") for s in stops)
    return "doubtful" if later or fact["status"] == "unknown" else "current"
