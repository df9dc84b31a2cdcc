"""The ledger: runs, steps, balances, judgements, sign-offs. Append-only, each entry chained to the
one before.

One table holds it all. An entry's hash covers its content and the hash of the entry before it, so
that a change, a removal or an insertion after the fact shows when the chain is followed (`verify`).
What is the case now is always the fold of the entries; nothing is ever updated. An entry holds
counts, names and pointers, never a patient's value.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from minns.errors import LedgerError

_METADATA = sa.MetaData()
_ENTRY = sa.Table(
    "ledger_entry",
    _METADATA,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("moment", sa.String(32), nullable=False),
    sa.Column("run_id", sa.String(80), nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
#: What the first entry is chained to.
GENESIS = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One line of the ledger."""

    sequence: int
    moment: str
    run_id: str
    kind: str
    body: dict[str, Any]
    previous_hash: str
    hash: str


def _chained(sequence: int, moment: str, run_id: str, kind: str, body: str, previous: str) -> str:
    rendered = json.dumps([sequence, moment, run_id, kind, body, previous], ensure_ascii=True)
    return hashlib.sha256(rendered.encode()).hexdigest()


def utc_now() -> str:
    """The moment of an entry, to the second, in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Ledger:
    """The ledger at a SQLAlchemy URL; it is made when it is not there."""

    def __init__(self, url: str, *, now: Callable[[], str] = utc_now) -> None:
        self._now = now
        parsed = sa.make_url(url)
        self._place = parsed.render_as_string(hide_password=True)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        self._engine = sa.create_engine(parsed, poolclass=sa.NullPool)
        with self._translated():
            _METADATA.create_all(self._engine)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise LedgerError(
                f"a ledger that can be read and written at {self._place}",
                found=type(error.orig).__name__,
                do="Check 'ledger' in minns.toml, and that no other run holds it.",
            ) from None

    def moment(self) -> str:
        """What the ledger's clock says now."""
        return self._now()

    def append(self, run_id: str, kind: str, body: dict[str, Any]) -> Entry:
        """Add one entry in one transaction; gives it with its place in the chain."""
        text = json.dumps(body, sort_keys=True, ensure_ascii=False, default=str)
        with self._translated(), self._engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("begin immediate")
            else:
                connection.execute(sa.text("lock table ledger_entry in exclusive mode"))
            last = connection.execute(
                sa.select(_ENTRY.c.sequence, _ENTRY.c.hash)
                .order_by(_ENTRY.c.sequence.desc())
                .limit(1)
            ).first()
            sequence, previous = (last.sequence + 1, last.hash) if last else (1, GENESIS)
            moment = self._now()
            chained = _chained(sequence, moment, run_id, kind, text, previous)
            entry = Entry(sequence, moment, run_id, kind, json.loads(text), previous, chained)
            connection.execute(_ENTRY.insert().values(**{**vars(entry), "body": text}))
        return entry

    def entries(self, kind: str | None = None, run_id: str | None = None) -> list[Entry]:
        """The entries in order, of one kind or one run if asked."""
        query = sa.select(_ENTRY).order_by(_ENTRY.c.sequence)
        if kind is not None:
            query = query.where(_ENTRY.c.kind == kind)
        if run_id is not None:
            query = query.where(_ENTRY.c.run_id == run_id)
        with self._translated(), self._engine.connect() as connection:
            return [
                Entry(**{**row._mapping, "body": json.loads(row.body)})
                for row in connection.execute(query)
            ]

    def last(self, kind: str, run_id: str | None = None) -> Entry | None:
        """The newest entry of a kind."""
        found = self.entries(kind, run_id)
        return found[-1] if found else None

    def verify(self, receipts: Collection[str] = ()) -> int:
        """Follow the chain from the first entry; gives their number, or says where it breaks.

        A chain alone cannot tell that its end was cut off, or that all of it was written anew;
        `receipts` can, each the number and hash of an entry (`17:9f0c…`), kept elsewhere.
        """
        previous = GENESIS
        count = 0
        missing = set(receipts)
        with self._translated(), self._engine.connect() as connection:
            for row in connection.execute(sa.select(_ENTRY).order_by(_ENTRY.c.sequence)):
                count += 1
                whole = _chained(row.sequence, row.moment, row.run_id, row.kind, row.body, previous)
                if (row.sequence, row.previous_hash, row.hash) != (count, previous, whole):
                    raise LedgerError(
                        f"an unbroken chain in {self._place}",
                        found=f"a break at entry {count}: changed, removed or inserted afterwards",
                        do="Restore the ledger from its backup and find out who wrote to it.",
                    )
                previous = row.hash
                missing.discard(f"{count}:{row.hash}")
        if missing:
            raise LedgerError(
                f"an entry for each receipt in {self._place}",
                found=f"none for {len(missing)} of them: cut off, or written anew",
                do="Restore the ledger from its backup and find out who wrote to it.",
            )
        return count
