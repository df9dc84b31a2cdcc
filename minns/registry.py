"""Which identity is which person, kept over waves: segments of events, one for each cutover.

A segment is a dataset in `work/registry/`; the ledger names it with its key, so that the chain of
the ledger also covers the registry. A rehearsal computes events and never appends them.
"""

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from minns.errors import LedgerError
from minns.model import CONFLICT_JUDGEMENT, JUDGEMENT, Table
from minns.site import Site
from minns.store import Dataset, digest


def registry_references(
    site: Site, run_id: str | None, tables: dict[str, Dataset]
) -> tuple[str, ...]:
    """The registry as this run finds it: its own segment, when it is resumed, is not in it.

    The segments join `tables`; what comes back are their references for a step's `reads`.
    """
    references = []
    for entry in site.ledger.entries("registry"):
        if entry.run_id == run_id:
            continue
        name = f"registry-{entry.body['segment']:04d}"
        dataset = site.store.find(site.store.folder / "registry" / entry.body["folder"])
        if dataset is None or dataset.key != entry.body["key"]:
            raise LedgerError(
                f"the registry segment {entry.body['folder']} as the ledger knows it",
                found="none, or another one",
                do="Restore work/registry from its backup.",
            )
        tables[name] = dataset
        references.append(f"{name}.registry_event")
    return tuple(references)


def commit_registry(site: Site, run_id: str, linked: Dataset) -> None:
    """Append this run's events; a resumed run finds its segment done, or writes the same again."""
    if linked.rows("registry_event") == 0 or site.ledger.entries("registry", run_id):
        return
    segment = 1 + len(site.ledger.entries("registry"))
    folder = site.store.folder / "registry" / f"{segment:04d}"
    with site.store.publish(folder, linked.key) as draft:
        for number, part in enumerate(linked.parts("registry_event"), start=1):
            draft.part("registry_event", number).write_bytes(part.read_bytes())
        draft.describe("registry_event", rows=linked.rows("registry_event"))
    site.ledger.append(
        run_id,
        "registry",
        {
            "segment": segment,
            "folder": folder.name,
            "key": linked.key,
            "events": linked.rows("registry_event"),
        },
    )


def judgements(site: Site) -> Dataset:
    """What people decided about pairs of identities, as the table that link reads."""
    entries = site.ledger.entries("judgement")
    return _told(site, JUDGEMENT, [{"sequence": e.sequence, **e.body} for e in entries])


def conflict_judgements(site: Site) -> Dataset:
    """What people decided about conflicts, as the table that transform reads."""
    entries = site.ledger.entries("conflict_judgement")
    rows = [{"sequence": e.sequence, "settled_at": e.moment, **e.body} for e in entries]
    return _told(site, CONFLICT_JUDGEMENT, rows)


def _told(site: Site, model: Table, rows: list[dict[str, Any]]) -> Dataset:
    """Entries of the ledger as a dataset of one table; the same entries are found again."""
    key = digest(rows)
    folder = site.store.step_folder(model.name, key)
    found = site.store.find(folder)
    if found is not None:
        return found
    names = model.names
    types = [pa.int64() if model.column(n).type == "integer" else pa.string() for n in names]
    schema = pa.schema(list(zip(names, types, strict=True)))
    table = pa.Table.from_pylist([{n: row[n] for n in names} for row in rows], schema=schema)
    with site.store.publish(folder, key) as draft:
        pq.write_table(table, draft.part(model.name))
        draft.describe(model.name, rows=table.num_rows)
    made = site.store.find(folder)
    if made is None:
        raise RuntimeError("the judgements were not committed")
    return made
