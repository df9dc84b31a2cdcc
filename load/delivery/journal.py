"""What was delivered to a FHIR server, and what it answered; kept beside the record, in its file.

What is about to be sent is written down first, what came of it after: each one transaction. So a
run that was killed in between knows which resources it must ask the server about.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from load.delivery.items import Item, digest
from load.faults import told

_TABLES = (
    "create table if not exists delivery (place text, resource_type text, resource_id text, "
    "person_id text not null, content_hash text not null, refs text not null, "
    "digest text not null, state text not null, status integer not null, version text not null, "
    "last_modified text not null, run_id text not null, "
    "primary key (place, resource_type, resource_id)) without rowid",
    "create table if not exists delivery_sent (place text, resource_type text, resource_id text, "
    "primary key (place, resource_type, resource_id)) without rowid",
    "create table if not exists delivery_refused (place text, resource_type text, "
    "resource_id text, action text not null, status integer not null, code text not null, "
    "path text not null, run_id text not null, "
    "primary key (place, resource_type, resource_id)) without rowid",
)
#: What the difference needs to know of what stands on the server.
_COLUMNS = "resource_type resource_id person_id content_hash refs digest version".split()


@dataclass(frozen=True)
class Refusal:
    """Why the server did not take one resource: its status, code and path; never a value."""

    resource_type: str
    resource_id: str
    action: str
    status: int
    code: str
    path: str


@dataclass(frozen=True)
class Settled:
    """The server's word on one resource."""

    item: Item
    status: int
    version: str = ""
    last_modified: str = ""


class Journal:
    """The journal of one server, in the SQLite file of the record. `with Journal(...) as j:`"""

    def __init__(self, path: Path, place: str, run_id: str = "") -> None:
        self.path, self.place, self.run_id = path, place, run_id

    @staticmethod
    def exists(path: Path) -> bool:
        """Whether the file of a record has a journal; one that has none is left as it is."""
        if not path.is_file():
            return False
        sql = (
            "select count(*) from sqlite_master where type = 'table' and name = 'delivery_refused'"
        )
        try:
            with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as found:
                return bool(found.execute(sql).fetchone()[0])
        except sqlite3.Error as error:
            raise told(path.name, str(error)) from None

    def __enter__(self) -> "Journal":
        with self._told():
            # DuckDB reads from a thread of its own, while we wait for it.
            self._connection = sqlite3.connect(
                self.path, isolation_level=None, timeout=10, check_same_thread=False
            )
            self._connection.execute("pragma synchronous = normal")
            for statement in _TABLES:
                self._connection.execute(statement)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise told(self.path.name, str(error)) from None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._told():
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """A small result."""
        with self._told(), closing(self._connection.execute(sql, values)) as cursor:
            return cursor.fetchall()

    def standing(self) -> pa.RecordBatchReader:
        """What stands on the server as far as we know, streamed."""
        schema = pa.schema([(name, pa.string()) for name in _COLUMNS])
        sql = f"select {', '.join(_COLUMNS)} from delivery where place = ? and state = 'there'"  # noqa: S608
        cursor = self._connection.execute(sql, (self.place,))

        def batches() -> Iterator[pa.RecordBatch]:
            while rows := cursor.fetchmany(50_000):
                columns = [pa.array(list(c), pa.string()) for c in zip(*rows, strict=True)]
                yield pa.record_batch(columns, schema=schema)

        return pa.RecordBatchReader.from_batches(schema, batches())

    def sent(self) -> set[str]:
        """Resources that were sent, and of which no answer was ever written down."""
        sql = "select resource_type || '/' || resource_id from delivery_sent where place = ?"
        return {str(row[0]) for row in self.rows(sql, (self.place,))}

    def mark_sent(self, items: Iterable[Item]) -> None:
        """Write down what is about to be sent."""
        with self._transaction() as connection:
            connection.executemany(
                "insert or ignore into delivery_sent values (?, ?, ?)",
                [(self.place, item.kind, item.id) for item in items],
            )

    def _forget(self, connection: sqlite3.Connection, table: str, items: Iterable[Item]) -> None:
        connection.executemany(
            f"delete from {table} "  # noqa: S608
            "where place = ? and resource_type = ? and resource_id = ?",
            [(self.place, item.kind, item.id) for item in items],
        )

    def settle(self, answers: Sequence[Settled]) -> None:
        """What the server did, in one transaction."""
        items = [answer.item for answer in answers]
        with self._transaction() as connection:
            self._forget(connection, "delivery_sent", items)
            self._forget(connection, "delivery_refused", items)
            connection.executemany(
                "insert or replace into delivery values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [self._row(answer) for answer in answers],
            )

    def _row(self, answer: Settled) -> tuple[Any, ...]:
        item = answer.item
        content = digest(item.resource) if item.body else ""
        state = "there" if item.body else "gone"
        about = (item.person_id, item.content_hash, " ".join(item.refs), content, state)
        said = (answer.status, answer.version, answer.last_modified)
        return (self.place, item.kind, item.id, *about, *said, self.run_id)

    def refuse(self, item: Item, status: int, code: str, path: str) -> None:
        """The server does not take this one; it is tried again by the next run."""
        action = "put" if item.body else "delete"
        about = (item.kind, item.id, action, status, code, path, self.run_id)
        with self._transaction() as connection:
            self._forget(connection, "delivery_sent", [item])
            connection.execute(
                "insert or replace into delivery_refused values (?, ?, ?, ?, ?, ?, ?, ?)",
                (self.place, *about),
            )

    def forget(self, keys: Iterable[str]) -> None:
        """Take `Type/id`s for never delivered, so that they are put again."""
        named = [(self.place, *key.split("/")) for key in keys]
        with self._transaction() as connection:
            connection.executemany(
                "delete from delivery where place = ? and resource_type = ? and resource_id = ?",
                named,
            )

    def forget_refusals(self) -> None:
        """A new attempt: what is refused now is told anew."""
        with self._transaction() as connection:
            connection.execute("delete from delivery_refused where place = ?", (self.place,))

    def refused(self) -> list[Refusal]:
        """What the server did not take, in order."""
        sql = (
            "select resource_type, resource_id, action, status, code, path from delivery_refused "
            "where place = ? order by resource_type, resource_id"
        )
        return [Refusal(*row) for row in self.rows(sql, (self.place,))]

    def counts(self) -> dict[str, int]:
        """How many resources of each type stand on the server, as far as we know."""
        sql = (
            "select resource_type, count(*) from delivery where place = ? and state = 'there' "
            "group by resource_type order by resource_type"
        )
        return dict(self.rows(sql, (self.place,)))

    def known(self, kind: str) -> dict[str, tuple[str, str]]:
        """Version and digest of each resource of a type that we left on the server, by id."""
        sql = (
            "select resource_id, version, digest from delivery "
            "where place = ? and state = 'there' and resource_type = ? order by resource_id"
        )
        return {row[0]: (row[1], row[2]) for row in self.rows(sql, (self.place, kind))}
