"""Deliver what differs: bundle by bundle, each with its answer in the journal before the next.

A bundle that is refused is halved until what is refused stands alone; a bundle of which nobody
knows what became is first asked about. So nothing is written twice, and one bad resource keeps no
other back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from load.delivery.items import Item
from load.delivery.journal import Journal
from load.delivery.order import bundles
from load.delivery.sending import Sender
from load.delivery.server import Server
from minns.engine import Engine
from minns.step import Progress, silent

#: What a bundle holds at most: resources (many servers take no more at a time), and bytes.
ENTRIES, SIZE = 50, 1_000_000
_SQL = (Path(__file__).parent / "difference.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Waiting:
    """What waits to be delivered, by type: new, changed and gone."""

    by_type: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(sum(changes.values()) for changes in self.by_type.values())


@dataclass(frozen=True)
class Delivered:
    """What was delivered: resources put, deleted, found done already, and refused."""

    put: int
    deleted: int
    found: int
    refused: int
    remaining: int
    bundles: int
    requests: int


def waiting(engine: Engine, resources: Sequence[Path], journal: Journal | None) -> Waiting:
    """What a delivery would do; the server is not asked. `resources`: parts of `resource`."""
    _differ(engine, resources, journal)
    by_type: dict[str, dict[str, int]] = {}
    for kind, change, count in engine.rows(
        "select resource_type, change, count(*) from waiting group by all order by all"
    ):
        by_type.setdefault(kind, {})[change] = count
    return Waiting(by_type)


def _differ(engine: Engine, resources: Sequence[Path], journal: Journal | None) -> None:
    engine.view("resource", list(resources))
    empty = ", ".join(
        f"cast(null as varchar) as {name}"
        for name in "resource_type resource_id person_id content_hash refs digest version".split()
    )
    engine.run(f"create or replace table standing as select {empty} where false")
    if journal is not None:
        with engine.arrow("read", journal.standing()):
            engine.run("insert into standing select * from read")
    engine.run(_SQL)


def _items(engine: Engine) -> Iterator[tuple[int, Item]]:
    """What waits, with its phase, in order; bodies are streamed."""
    sql = (
        "select w.* exclude (change), case when w.change = 'gone' then '' else r.body end as body "
        "from waiting as w left join resource as r using (resource_type, resource_id) "
        "order by w.phase, w.person_id, w.resource_type, w.resource_id"
    )
    for batch in engine.batches(sql, 5_000):
        for row in batch.to_pylist():
            yield (
                int(row["phase"]),
                Item(
                    row["resource_type"],
                    row["resource_id"],
                    row["person_id"] or "",
                    row["content_hash"],
                    tuple(row["refs"].split()),
                    row["body"],
                    row["version"],
                    row["digest"],
                    row["known"],
                ),
            )


def deliver(
    engine: Engine,
    resources: Sequence[Path],
    server: Server,
    journal: Journal,
    *,
    accept_foreign: bool = False,
    progress: Progress = silent,
    entries: int = ENTRIES,
    size: int = SIZE,
) -> Delivered:
    """Bring the server to hold `resources`, and nothing of ours besides.

    `accept_foreign`: what others changed on the server since is overwritten. Raises `TargetError`
    when the server does not answer; what was delivered until then stays, and is known.
    """
    todo = waiting(engine, resources, journal)
    sender = Sender(server, journal, accept_foreign)
    if todo.total:
        server.greet()
        journal.forget_refusals()
        doubtful, sent = journal.sent(), 0
        for deletes, ordered in bundles(_items(engine), entries, size):
            # Not every server heeds versions when it deletes: it is asked for them before.
            ask = deletes or any(item.key in doubtful for unit in ordered for item in unit)
            sender.send(ordered, ask=ask)
            sent += sum(map(len, ordered))
            progress(sent, todo.total)
    left = waiting(engine, resources, journal).total
    return Delivered(
        sender.put,
        sender.deleted,
        sender.found,
        len(journal.refused()),
        left,
        sender.bundles,
        server.requests,
    )
