"""What a fact or person was before: each version that the record held, and the load that made it.

Only the record is read. Who looks at whom is written to the ledger first.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from minns.engine import literal
from minns.errors import ConfigError
from minns.model import LINEAGE, TARGET, Table
from minns.recorded import Record, Row, note_reading, person_ever, recorded
from minns.site import Site

#: Tables whose rows are told as a person's: all that name one, but the books of where rows went.
_PERSONS = tuple(t for t in TARGET.values() if "person_id" in t.names and t is not LINEAGE)
_FACTS = tuple(t for t in TARGET.values() if t.key == ("fact_id",))


def fact(
    site: Site, fact_id: str, *, rehearsal: bool = False, by: str | None = None
) -> dict[str, Any]:
    """The versions of a fact, the oldest first: since which load, until which, what it changed; and
    the rows that stood behind it.

    Raises `ConfigError` when the record never held it.
    """
    with recorded(site, rehearsal=rehearsal) as record:
        table, versions = _versions(record, fact_id)
        for person in sorted({str(version["person_id"]) for version in versions}):
            note_reading(site, record, person, "history", by)
        rows = record.versions(LINEAGE, f"fact_id = {literal(fact_id)}")
        loads = _loads(record)
        return {
            "fact": fact_id,
            "kind": table.name,
            "record": record.shown,
            "versions": [
                {**_span(version, loads), "changed": _changed(table, before, version)}
                for before, version in zip([None, *versions], versions, strict=False)
            ],
            "sources": [
                {**_span(row, loads)}
                | {name: row[name] for name in ("source", "source_table", "row_key", "role")}
                for row in rows
            ],
        }


def person(
    site: Site, what: str, *, rehearsal: bool = False, by: str | None = None
) -> dict[str, Any]:
    """What each load did to a person: identities and facts that came, changed and left, by table.

    Raises `ConfigError` when the record never held the person.
    """
    with recorded(site, rehearsal=rehearsal) as record:
        person_id = person_ever(record, what)
        note_reading(site, record, person_id, "history", by)
        counts: dict[int, dict[str, dict[str, int]]] = defaultdict(dict)
        for table in _PERSONS:
            found = record.versions(table, f"person_id = {literal(person_id)}")
            for load_id, did in _told(found).items():
                counts[load_id][table.name] = did
        loads = _loads(record)
        return {
            "person": person_id,
            "record": record.shown,
            "loads": [
                {"load": load_id, **loads[load_id], "tables": counts[load_id]}
                for load_id in sorted(counts)
            ],
        }


def _versions(record: Record, fact_id: str) -> tuple[Table, Sequence[Row]]:
    for table in _FACTS:
        found = record.versions(table, f"fact_id = {literal(fact_id)}")
        if found:
            return table, found
    raise ConfigError(
        f"a fact that {record.shown} holds or held",
        found="none with this id",
        do="'minns show person' and 'minns trace' tell the ids of facts.",
    )


def _loads(record: Record) -> dict[int, dict[str, str]]:
    return {
        row.load_id: {"run": row.run_id, "wave": row.wave, "action": row.action}
        for row in record.target.loads()
    }


def _span(version: Row, loads: dict[int, dict[str, str]]) -> dict[str, Any]:
    since, until = version["valid_from_load"], version["valid_to_load"]
    ended = {"ended_by": loads[until]["run"]} if until is not None else {}
    return {"load": since, "until": until, **loads[since], **ended}


def _changed(table: Table, before: Row | None, after: Row) -> dict[str, list[Any]]:
    """Columns that differ from the version before: the old value and the new. A first version has
    no old values.
    """
    return {
        name: [None if before is None else before[name], after[name]]
        for name in table.names
        if name != "fact_id" and (None if before is None else before[name]) != after[name]
    }


def _told(versions: Iterable[Row]) -> dict[int, dict[str, int]]:
    """How many rows each load added, changed and closed."""
    begun, ended = set(), set()
    for version in versions:
        begun.add((version["valid_from_load"], version["row_id"]))
        if version["valid_to_load"] is not None:
            ended.add((version["valid_to_load"], version["row_id"]))
    found: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_DID, 0))
    for word, rows in zip(_DID, (begun - ended, begun & ended, ended - begun), strict=True):
        for load_id, _ in rows:
            found[load_id][word] += 1
    return found


_DID = ("added", "changed", "closed")
