"""Which identity is which person, kept over waves: segments of events, one for each cutover.

A segment is a dataset in `work/registry/`; the ledger names it with its key, so that the chain of
the ledger also covers the registry. A rehearsal computes events and never appends them. A wave's
withdrawal is a segment too: it names those that no longer count, and tells what that changed.
"""

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from minns.engine import Engine, literal
from minns.errors import LedgerError
from minns.ledger import Entry
from minns.model import CONFLICT_JUDGEMENT, JUDGEMENT, REGISTRY_EVENT, Table
from minns.runner import Runner
from minns.site import Site, action_of
from minns.store import Dataset, Draft, digest


def registry_references(
    site: Site, run_id: str | None, tables: dict[str, Dataset], *, leaving: str | None = None
) -> tuple[str, ...]:
    """The registry as this run finds it: its own segment, when it is resumed, is not in it, nor is
    what came with a wave that was withdrawn since, or is `leaving` now.

    The segments join `tables`; what comes back are their references for a step's `reads`.
    """
    return _referred(site, _standing(site, run_id, leaving), tables)


def all_references(site: Site, tables: dict[str, Dataset]) -> tuple[str, ...]:
    """Every segment, as `registry_references` gives them: all that was ever told of identities."""
    return _referred(site, site.ledger.entries("registry"), tables)


def _referred(site: Site, entries: Sequence[Entry], tables: dict[str, Dataset]) -> tuple[str, ...]:
    references = []
    for entry in entries:
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


def _standing(site: Site, run_id: str | None, leaving: str | None = None) -> list[Entry]:
    """The segments of other runs that count: no withdrawal, and nothing that one took back."""
    others = [e for e in site.ledger.entries("registry") if e.run_id != run_id]
    gone = {number for e in others for number in e.body.get("withdraws", ())}
    if leaving is not None:
        gone |= set(_brought(site, others, leaving))
    return [e for e in others if e.body["segment"] not in gone and "withdraws" not in e.body]


def _brought(site: Site, entries: Sequence[Entry], wave: str) -> list[int]:
    """The numbers of the segments that came with runs of a wave, or when another had left it last.

    Else whom the other's withdrawal moved would have a place, and no event by which they came.
    """
    started = site.ledger.entries("run_started")
    runs = {e.run_id for e in started if e.body["wave"] == wave and action_of(e) == "load"}
    return [
        e.body["segment"] for e in entries if e.run_id in runs or e.body.get("remaining") == wave
    ]


def next_segment(site: Site, run_id: str | None, *, leaving: str | None = None) -> int:
    """The number of the segment that a run writes; a withdrawal's own comes before it."""
    others = sum(e.run_id != run_id for e in site.ledger.entries("registry"))
    return others + (1 if leaving is None else 2)


def commit_registry(
    site: Site, run_id: str, linked: Dataset, *, remaining: str | None = None
) -> None:
    """Append this run's events; a resumed run finds its segment done, or writes the same again.

    `remaining`: of a withdrawal, the wave that is the last one then.
    """
    own = site.ledger.entries("registry", run_id)
    if linked.rows("registry_event") == 0 or any("withdraws" not in e.body for e in own):
        return

    def write(draft: Draft) -> int:
        for number, part in enumerate(linked.parts("registry_event"), start=1):
            draft.part("registry_event", number).write_bytes(part.read_bytes())
        return linked.rows("registry_event")

    _append(site, run_id, linked.key, write, **({"remaining": remaining} if remaining else {}))


def withdraw_registry(site: Site, run_id: str, wave: str, runner: Runner) -> None:
    """Append what a withdrawal changes: identities that leave with the wave, and persons that come
    apart again. From then on nothing counts that came with the wave.
    """
    if site.ledger.entries("registry", run_id):
        return
    standing, remaining = _standing(site, run_id), _standing(site, run_id, wave)
    gone = _brought(site, standing, wave)
    told = _LEAVING.format(segment=next_segment(site, run_id), wave=literal(wave))

    def write(draft: Draft) -> int:
        with runner.engine() as engine:
            _places(engine, "before_it", _referred(site, standing, runner.tables), runner)
            _places(engine, "after_it", _referred(site, remaining, runner.tables), runner)
            return engine.copy(told, draft.part("registry_event"))

    _append(site, run_id, digest([run_id, gone]), write, withdraws=gone)


#: Where every identity stands after some segments. Who never came stands nowhere, also where a run
#: of another wave had moved them.
_PLACES = """
create or replace table {name} as
select source, local_patient_id, person_id from {name}_event
qualify row_number() over (
        partition by source, local_patient_id order by segment desc, sequence desc) = 1
    and bool_or(event in ('created', 'joined')) over (partition by source, local_patient_id)
"""
#: Identities whose place is another without the wave, or none.
_LEAVING = """
select cast({segment} as bigint) as segment,
    row_number() over (order by b.source, b.local_patient_id) as sequence,
    case when a.person_id is null then 'withdrawn' else 'split' end as event,
    b.source, b.local_patient_id, coalesce(a.person_id, b.person_id) as person_id,
    b.person_id as earlier_person_id, cast(1 as decimal(18, 6)) as probability,
    'withdrawal' as method, {wave} as wave
from before_it b left join after_it a using (source, local_patient_id)
where a.person_id is distinct from b.person_id
order by sequence
"""


def _places(engine: Engine, name: str, references: Sequence[str], runner: Runner) -> None:
    """Make the table `name`: where every identity stands after these segments."""
    parts = [part for reference in references for part in runner.parts(reference)]
    if parts:
        engine.view(f"{name}_event", parts)
    else:
        engine.empty(REGISTRY_EVENT, f"{name}_event")
    engine.run(_PLACES.format(name=name))


def _append(site: Site, run_id: str, key: str, write: Callable[[Draft], int], **about: Any) -> None:
    """Make one more segment, and name it in the ledger. `write` gives its number of events."""
    segment = 1 + len(site.ledger.entries("registry"))
    folder = site.store.folder / "registry" / f"{segment:04d}"
    with site.store.publish(folder, key) as draft:
        events = write(draft)
        draft.describe("registry_event", rows=events)
    told = {"segment": segment, "folder": folder.name, "key": key, "events": events}
    site.ledger.append(run_id, "registry", {**told, **about})


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
