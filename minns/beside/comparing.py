"""Two records of some persons beside each other: what stays, moves, is folded or unfolded."""

from collections.abc import Sequence
from typing import Any

import load
from minns import pipeline
from minns.beside.sides import Books, Side, concerned, moved_persons, side
from minns.engine import Engine
from minns.errors import ConfigError
from minns.model import TARGET
from minns.overview.reading import DAY, code_of, dated, named
from minns.recorded import Record, Row, note_reading, person_of, reader, recorded
from minns.runner import Watch
from minns.site import Site

#: What may become of a fact, what stays first. `moves`: to another person.
FATES = ("stays", "changes", "moves", "folded", "unfolded", "leaves", "comes")
#: What may become of a conflict.
CONFLICT_FATES = ("stays", "reopened", "settled", "gone", "comes")
#: So many persons are compared at most when none is named.
MOST = 50


def compare(
    site: Site,
    who: Sequence[str],
    *,
    wave: str | None = None,
    rehearsal: bool = False,
    by: str | None = None,
    watch: Watch | None = None,
) -> dict[str, Any]:
    """Persons now and after the next run of `wave` (by default the one that came last).

    `who`: ids, or SOURCE:ID of identities; nobody: all whose identities would change places.
    The ledger is told first who looks at whom.
    """
    with recorded(site, rehearsal=rehearsal) as record:
        mode, named_now = record.mode, [person_of(record, each) for each in who]
        standing = load.standing_waves(record.target.loads())
    if wave is None and not standing:
        raise ConfigError("a wave in the record", found="none", do="Run 'minns run WAVE' first.")
    planned = pipeline.plan(site, wave or standing[-1], mode, watch)
    with (
        recorded(site, rehearsal=mode == "rehearsal") as record,
        planned.course.runner.engine() as engine,
    ):
        now, after = Books(engine, record), Books(engine, desired=planned.course.desired)
        persons = concerned(now, after, named_now or _moved(engine, now, after))
        for person in persons:
            note_reading(site, record, person, "compare", by)
        return {**_head(record, planned.course.wave.name, by), **_beside(now, after, persons)}


def _head(record: Record, wave: str, by: str | None) -> dict[str, Any]:
    return {"record": record.shown, "mode": record.mode, "wave": wave, "by": reader(by)}


def _moved(engine: Engine, now: Books, after: Books) -> list[str]:
    found = moved_persons(engine, now, after)
    if not 0 < len(found) <= MOST:
        raise ConfigError(
            f"up to {MOST} persons whose identities change places with the next run",
            found=str(len(found) or "none"),
            do="Name the persons to compare.",
        )
    return found


def _beside(now: Books, after: Books, persons: Sequence[str]) -> dict[str, Any]:
    before, then = side(now, persons), side(after, persons)
    facts = [*_of_before(before, then), *_of_after(before, then)]
    facts.sort(key=lambda f: (list(TARGET).index(f["kind"]), f["day"], f["text"], f["fact"]))
    held = (before.identities.values(), then.identities.values())
    return {
        "persons": [
            {"person": each, "before": each in held[0], "after": each in held[1]}
            for each in persons
        ],
        "identities": [
            {
                "identity": ":".join(who),
                "before": before.identities.get(who),
                "after": then.identities.get(who),
            }
            for who in sorted(before.identities.keys() | then.identities.keys())
        ],
        "facts": facts,
        "conflicts": _conflicts(before, then),
        "counts": {fate: sum(f["fate"] == fate for f in facts) for fate in FATES},
    }


def _of_before(before: Side, then: Side) -> list[dict[str, Any]]:
    """Where each fact of now goes."""
    found = []
    for fact_id, (kind, old) in before.facts.items():
        if fact_id in then.facts:
            new = then.facts[fact_id][1]
            changed = [c for c in TARGET[kind].names if c != "person_id" and old[c] != new[c]]
            moves = old["person_id"] != new["person_id"]
            alike = old["content_hash"] == new["content_hash"]
            fate = "moves" if moves else "stays" if alike else "changes"
            found.append(_line(kind, old, new, fate, changed=changed))
            continue
        into = sorted({then.rows[p] for p in before.behind[fact_id] if p in then.rows})
        new_ones = [then.facts[each][1] for each in into]
        fate = "folded" if into else "leaves"
        found.append(_line(kind, old, new_ones[0] if into else None, fate, others=into))
    return found


def _of_after(before: Side, then: Side) -> list[dict[str, Any]]:
    """Where each new fact comes from."""
    found = []
    for fact_id, (kind, new) in then.facts.items():
        if fact_id in before.facts:
            continue
        out_of = sorted({before.rows[p] for p in then.behind[fact_id] if p in before.rows})
        old = before.facts[out_of[0]][1] if out_of else None
        fate = "unfolded" if out_of else "comes"
        found.append(_line(kind, old, new, fate, others=out_of, fact=new))
    return found


def _line(
    kind: str,
    old: Row | None,
    new: Row | None,
    fate: str,
    *,
    changed: Sequence[str] = (),
    others: Sequence[str] = (),
    fact: Row | None = None,
) -> dict[str, Any]:
    told = fact or old or new or {}
    return {
        "kind": kind,
        "fact": told["fact_id"],
        "text": named(told),
        "code": code_of(told),
        "source": told["source"],
        "status": told["status"],
        "value": " ".join(str(told[n]) for n in ("value_text", "unit") if told.get(n)),
        "day": dated(told.get(DAY[kind]), told.get("date_precision")),
        "before": old["person_id"] if old else None,
        "after": new["person_id"] if new else None,
        "fate": fate,
        "changed": list(changed),
        "others": list(others),
    }


def _conflicts(before: Side, then: Side) -> list[dict[str, Any]]:
    """What becomes of each conflict, and of what was judged about it."""
    found = []
    for conflict in sorted(before.conflicts.keys() | then.conflicts.keys()):
        old, new = before.conflicts.get(conflict), then.conflicts.get(conflict)
        one = old or new or {}
        found.append(
            {
                "conflict": conflict,
                "kind": one["kind"],
                "rule": one["rule"],
                "before": old["person_id"] if old else None,
                "after": new["person_id"] if new else None,
                "fate": _conflict_fate(old, new),
                "verdict": (old or {}).get("verdict") or (new or {}).get("verdict"),
                "facts": [one["fact_id"], one["other_fact_id"]],
            }
        )
    return found


def _conflict_fate(old: Row | None, new: Row | None) -> str:
    if old is None or new is None:
        return "comes" if old is None else "gone"
    if old["state"] == new["state"]:
        return "stays"
    return "reopened" if new["state"] == "open" else "settled"
