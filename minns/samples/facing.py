"""One fact of a sample before its reader: left the rows as the old journals have them, right the
fact as the record holds it.

The only place here that shows patients' values: to whoever reads, which the ledger notes first. The
old rows stand as they were landed, column by column. Of a protected person's own row only what the
mapping reads is shown, since no other way is known to leave the address out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from minns.engine import Engine, literal
from minns.errors import ConfigError
from minns.inquiry import PastRun, records, run_named
from minns.model import CANONICAL, LINEAGE, PERSON
from minns.recorded import Record, Row, note_reading, recorded
from minns.runner import Runner
from minns.samples.state import Sample
from minns.site import Site
from minns.translation import catalogue
from minns.wording import KINDS, label
from validation.sample import Drawn

#: What tells one fact from another but says nothing of the patient.
_IDS = ("fact_id", "person_id", "map_id", "group_id", "chain_id", "source")
_ADDRESS = ("street", "postal_code", "city", "phone")
#: What tells whose a fact is, on both sides.
WHO = ("number", "given_names", "surname", "birth_date", "sex")
_WHO_SAYS = "sample"


@dataclass(frozen=True)
class Desk:
    """What facts are looked up in: the run that they were drawn from, and the record."""

    site: Site
    run: PastRun
    record: Record
    engine: Engine
    language: str
    by: str


@contextmanager
def opened(site: Site, sample: Sample, language: str, by: str) -> Iterator[Desk]:
    """Open what a sample's facts are looked up in."""
    rehearsal = sample.entry.body["mode"] == "rehearsal"
    run = run_named(site, sample.entry.body["run"])
    with (
        recorded(site, rehearsal=rehearsal) as record,
        Runner(site.project, site.store).engine() as engine,
    ):
        yield Desk(site, run, record, engine, language, by)


def protected(desk: Desk, fact: Drawn) -> bool:
    """Whether a fact is a protected person's: as it was drawn, or as the record has it now."""
    persons = _person(desk, fact)
    return fact.protected or any(person["protection"] != "none" for person in persons)


def face(desk: Desk, fact: Drawn) -> dict[str, Any]:
    """A fact and the rows behind it. Who looks is in the ledger before it is shown."""
    note_reading(desk.site, desk.record, fact.person_id, _WHO_SAYS, desk.by)
    hidden = protected(desk, fact)
    held = _person(desk, fact)
    says = held if fact.kind == "patient" else _fact(desk, fact)
    return {
        "at": fact.at,
        "kind": catalogue("minns", desk.language).gettext(KINDS[fact.kind]),
        "risk": fact.risk,
        "protected": hidden,
        "rows": [_row(desk, row, fact, hidden=hidden) for row in _behind(desk, fact)],
        "held": bool(says),
        "fields": _labelled(desk, says[0], hidden=hidden) if says else [],
        "who": _who(desk, held[0]) if held and fact.kind != "patient" else [],
    }


def _person(desk: Desk, fact: Drawn) -> list[Row]:
    return desk.record.rows(PERSON.name, f"person_id = {literal(fact.person_id)}")


def _fact(desk: Desk, fact: Drawn) -> list[Row]:
    return desk.record.rows(fact.kind, f"fact_id = {literal(fact.fact_id)}")


def _labelled(desk: Desk, says: Row, *, hidden: bool) -> list[dict[str, Any]]:
    left_out = (*_IDS, *(_ADDRESS if hidden else ()))
    return [
        {"label": label(name, desk.language), "value": value}
        for name, value in says.items()
        if name not in left_out and value is not None
    ]


def _who(desk: Desk, says: Row) -> list[dict[str, Any]]:
    return [
        {"label": label(name, desk.language), "value": says[name]}
        for name in WHO
        if says.get(name) is not None
    ]


def _behind(desk: Desk, fact: Drawn) -> list[Row]:
    """The rows behind a fact as the run that drew it knows them, the founding one first."""
    lineage = desk.run.tables["transform"].parts(LINEAGE.name)
    desk.engine.view("lineage", lineage)
    return records(
        desk.engine,
        "select source, source_table, row_key from lineage where fact_id = ? and kind = ?"
        " order by role desc, source, source_table, row_key",
        [fact.fact_id, fact.kind],
    )


def _row(desk: Desk, row: Row, fact: Drawn, *, hidden: bool) -> dict[str, Any]:
    """A row of an old journal, and whose that journal says it is."""
    source, table, key = row["source"], row["source_table"], row["row_key"]
    owner = _owner(desk, source, table, key, fact.kind)
    own = fact.kind == "patient" or owner.get("row") == (table, key)
    columns = owner["says"] if hidden and own else _landed(desk, source, table, key)
    shown = {n: v for n, v in columns.items() if not (hidden and own and n in _ADDRESS)}
    return {
        "source": source,
        "table": table,
        "key": key,
        "columns": [{"label": n, "value": v} for n, v in shown.items() if not n.startswith("_")],
        "who": [] if fact.kind == "patient" else _who(desk, owner["says"]),
    }


def _landed(desk: Desk, source: str, table: str, key: str) -> dict[str, Any]:
    landing = desk.run.tables.get(f"land-{source}")
    if landing is None:
        raise ConfigError(
            f"the landing of {source} that the sample was drawn from",
            found="none in the work folder",
            do="Restore it from its backup.",
        )
    desk.engine.view("landed", landing.parts(table))
    found = records(desk.engine, "select * from landed where _row_key = ?", [key])
    return {n: _text(v) for n, v in found[0].items()} if found else {}


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.hex()
    return None if value is None else str(value)


def _owner(desk: Desk, source: str, table: str, key: str, kind: str) -> dict[str, Any]:
    """What the old journal says of the patient whose row it is: the patient's row and its values,
    as the mapping read them.
    """
    shape = desk.run.tables[f"shape-{source}"]
    desk.engine.view("shaped", shape.parts(kind))
    desk.engine.view("patient", shape.parts("patient"))
    columns = ", ".join(name for name in CANONICAL["patient"].names if name != "traits")
    found = records(
        desk.engine,
        f"select {columns} from patient where local_patient_id = ("  # noqa: S608
        " select any_value(local_patient_id) from shaped where source_table = ? and row_key = ?)"
        " order by source_table, row_key",
        [table, key],
    )
    if not found:
        return {"says": {}}
    own = next((p for p in found if (p["source_table"], p["row_key"]) == (table, key)), found[0])
    says = {n: _text(v) for n, v in own.items() if n not in ("source", "source_table", "row_key")}
    return {"row": (own["source_table"], own["row_key"]), "says": says}
