"""One conflict whole: both sides with all their sources, and what differs marked.

The only place here that shows patients' values: to whoever asked, which the ledger notes.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from minns.conflicts.judging import found, told
from minns.disputes import NONE_KNOWN, danger, said
from minns.engine import Engine, literal
from minns.inquiry import past_run, records
from minns.model import FACTS, HEADER, KINDS, LINEAGE, PERSON
from minns.recorded import Record, Row, note_reading, recorded
from minns.runner import Runner
from minns.site import Site
from minns.translation import catalogue
from minns.wording import KINDS as KIND_WORDS
from minns.wording import label

#: What tells one fact from another but says nothing of the patient.
_IDS = ("fact_id", "person_id", "map_id", "source", "group_id", "chain_id")
_PATIENT = ("birth_date", "sex", "deceased_date", "recorded_at")


def conflict(
    site: Site, conflict_id: str, language: str, *, rehearsal: bool = False, by: str | None = None
) -> dict[str, Any]:
    """A conflict, its sides, their sources, and what was judged."""
    with recorded(site, rehearsal=rehearsal) as record:
        row = found(record, conflict_id)
        note_reading(site, record, row["person_id"], "conflict", by)
        sides = _patient_sides(site, record, row) if row["kind"] == "patient" else []
        sides = sides or [_side(record, row, s) for s in ("fact_id", "other_fact_id")]
        if row["rule"] == NONE_KNOWN:
            sides += _further_known(record, row, sides)
        protected = _protected(record, row["person_id"])
    level = _danger(row, sides)
    return {
        "conflict": conflict_id,
        "record": record.shown,
        "person": row["person_id"],
        "protected": protected,
        "kind": catalogue("minns", language).gettext(KIND_WORDS[row["kind"]]),
        "rule": row["rule"],
        "what": said(row["rule"], language),
        "danger": level.level,
        "class": catalogue("minns", language).gettext(level.name),
        "why": catalogue("minns", language).gettext(level.why),
        "state": row["state"],
        "verdict": row["verdict"],
        "settled_by": row["settled_by"],
        "settled_at": row["settled_at"],
        "fields": _fields(sides, row["field"], language),
        "sides": [{"fact": s["fact"], "sources": s["sources"]} for s in sides],
        "judgements": _judgements(site, row),
    }


def protected(site: Site, conflict_id: str) -> bool:
    """Whether a conflict is a protected person's: only some may look at those."""
    with recorded(site) as record:
        return _protected(record, found(record, conflict_id)["person_id"])


def _danger(row: Row, sides: Sequence[dict[str, Any]]) -> Any:
    sides_active = any(s["says"].get("status") == "active" for s in sides)
    return danger(row["rule"], active=row["kind"] not in ("alert", "medication") or sides_active)


def _judgements(site: Site, row: Row) -> list[dict[str, Any]]:
    return [
        {
            "at": e.moment,
            "by": e.body["settled_by"],
            "verdict": e.body["verdict"],
            "reason": e.body["reason"],
            "of_this": e.body["evidence_hash"] == row["evidence_hash"],
        }
        for e in told(site, row["conflict_id"])
    ]


def _side(record: Record, row: Row, side: str) -> dict[str, Any]:
    """A side: the fact of that id, of the conflict's kind or another, or the person."""
    fact = row[side]
    says: Row = {}
    for kind in dict.fromkeys((row["kind"], *KINDS)):
        if kind in FACTS and (facts := record.rows(kind, f"fact_id = {literal(fact)}")):
            says = facts[0]
            break
    else:
        persons = record.rows(PERSON.name, f"person_id = {literal(row['person_id'])}")
        says = {n: persons[0][n] for n in _PATIENT} if persons else {}
    return {"fact": fact, "says": says, "sources": sources(record, fact)}


def _further_known(record: Record, row: Row, sides: Sequence[dict[str, Any]]) -> list[Row]:
    """The person's other warnings that stand, of the category of which none is said to be known."""
    category = literal(sides[-1]["says"].get("category", ""))
    shown = [side["fact"] for side in sides]
    facts = record.rows(
        "alert",
        f"person_id = {literal(row['person_id'])} and status = 'active' and category = {category}",
    )
    return [
        {"fact": f["fact_id"], "says": f, "sources": sources(record, f["fact_id"])}
        for f in sorted(facts, key=lambda f: str(f["fact_id"]))
        if not f["negated"] and f["fact_id"] not in shown
    ]


def sources(record: Record, fact: str) -> list[Row]:
    """The rows behind a fact, the founding one first."""
    rows = record.rows(LINEAGE.name, f"fact_id = {literal(fact)}")
    kept = ("source", "source_table", "row_key", "care_unit", "recorded_at")
    ordered = sorted(rows, key=lambda r: (r["role"] != "loaded", r["source"], r["row_key"]))
    local = ("local_system", "local_code", "local_text")
    return [{name: r[name] for name in (*kept, *local)} for r in ordered]


def _patient_sides(site: Site, record: Record, row: Row) -> list[dict[str, Any]]:
    """What each source's row says of the patient: a side for each, as the last run shaped it."""
    wanted = {_pointer(r): r for r in sources(record, row["person_id"])}
    run = past_run(site, mode=record.mode)
    shapes = [name for name in run.tables if name.startswith("shape-")]
    parts = [part for name in shapes for part in run.tables[name].parts("patient")]
    if not parts:
        return []
    with Runner(site.project, site.store).engine() as engine:
        engine.view("patient", parts)
        return [
            {"fact": row["person_id"], "says": said_of, "sources": [wanted[_pointer(said_of)]]}
            for said_of in _patients(engine, wanted)
        ]


def _patients(engine: Engine, wanted: Iterable[tuple[Any, ...]]) -> list[Row]:
    found_rows: list[Row] = []
    for source, table, key in wanted:
        found_rows += records(
            engine,
            "select source, source_table, row_key, birth_date, sex, deceased_date, recorded_at "
            "from patient where source = $1 and source_table = $2 and row_key = $3",
            [source, table, key],
        )
    return found_rows


def _pointer(row: Row) -> tuple[Any, ...]:
    return row["source"], row["source_table"], row["row_key"]


def _fields(sides: Sequence[dict[str, Any]], disputed: str, language: str) -> list[dict[str, Any]]:
    """What each side says, column by column: what the rule is about first, then what differs."""
    names = [n for n in dict.fromkeys(n for s in sides for n in s["says"]) if n not in _IDS]
    names = [n for n in names if n not in ("source_table", "row_key")]
    lines = []
    for name in names:
        values = [s["says"].get(name) for s in sides]
        if all(value is None for value in values):
            continue
        texts = [None if v is None else str(v) for v in values]
        lines.append(
            {
                "field": name,
                "label": label(name, language),
                "values": texts,
                "differs": len(set(texts)) > 1,
                "disputed": name == disputed,
            }
        )
    header = [column.name for column in HEADER if column.name != "status"]
    return sorted(
        lines, key=lambda ln: (not ln["disputed"], not ln["differs"], ln["field"] in header)
    )


def _protected(record: Record, person: str) -> bool:
    rows = record.rows(PERSON.name, f"person_id = {literal(person)}")
    return bool(rows and rows[0]["protection"] != "none")
