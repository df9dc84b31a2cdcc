"""A load prepared once, begun in a process that can be killed, gone on with, and compared.

The difference between two made-up records is computed once. A process of its own does nothing but
open a target and apply it in small batches; its interpreter has the imports already (a fork
server), so that fifty of them cost seconds.
"""

import multiprocessing
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from canonical_rows import DAY, FILLED, Row
from conftest import Server
from desired_rows import Desired, document, person, write_desired

import load
from minns.engine import Engine
from minns.model import TARGET
from minns.step import Progress, silent

#: Rows of one transaction: small, so that a load has many.
BATCH = 40
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["loaders", "adbc_driver_postgresql.dbapi"])


def observation(fact_id: str, person_id: str, text: str) -> Row:
    return {
        "fact_id": fact_id,
        "person_id": person_id,
        "source": "melior",
        "status": "active",
        "observed_at": FILLED["timestamp"],
        "value_text": text,
    }


def block(fact_id: str, person_id: str, ended: bool) -> Row:
    return {
        "fact_id": fact_id,
        "person_id": person_id,
        "source": "melior",
        "status": "active",
        "block_id": fact_id,
        "block_type": "inner",
        "valid_from": FILLED["timestamp"],
        "valid_to": FILLED["timestamp"] if ended else None,
    }


def lineage(fact_id: str, kind: str) -> Row:
    pointer = {"source": "melior", "source_table": kind, "row_key": fact_id}
    return {"fact_id": fact_id, "kind": kind, "role": "loaded", **pointer}


def _known(person_id: str) -> Row:
    return {
        "source": "melior",
        "local_patient_id": person_id,
        "person_id": person_id,
        "probability": 1,
        "method": "founder",
        "since": "wave-1",
    }


def _record(persons: range, said: str) -> Desired:
    """A record in which each person has the same few facts."""
    names = [f"p{n}" for n in persons]
    documents = [document(f"{p}d{k}", said * 20, person_id=p) for p in names for k in range(4)]
    observations = [observation(f"{p}o{k}", p, said) for p in names for k in range(3)]
    return {
        "person": [person(p, surname=said, birth_date=DAY) for p in names],
        "identity": [_known(p) for p in names],
        "access_block": [block(f"{p}b", p, said == "new") for p in names[::3]],
        "observation": observations,
        "document": documents,
        "lineage": [
            *(lineage(row["fact_id"], "document") for row in documents),
            *(lineage(row["fact_id"], "observation") for row in observations),
        ],
    }


#: What the target holds before, and what it is to hold: persons come, change and leave.
BEFORE = _record(range(60), "old")
AFTER = _record(range(20, 80), "new")


@dataclass(frozen=True)
class Prepared:
    """A desired record on disk, and what of it a target does not hold."""

    parts: dict[str, list[Path]]
    difference: load.Difference


def prepare(desired: Desired, place: "Standing", folder: Path) -> Prepared:
    """Compute once what a load has to do."""
    with Engine(folder / "engine", memory_limit="500MB", threads=1) as engine:
        parts = write_desired(engine, desired, folder / "desired")
        with load.open_target(place.url, place.schema) as target:
            return Prepared(parts, load.compare(engine, parts, target, folder / "difference"))


@dataclass(frozen=True)
class Standing:
    """A target and what is read of it, byte for byte."""

    url: str
    schema: str | None

    def everything(self) -> dict[str, Any]:
        """All versions of all tables as the database stores them, and its indexes."""
        return self._postgres() if self.schema else self._sqlite()

    def _sqlite(self) -> dict[str, Any]:
        connection = sqlite3.connect(sa.make_url(self.url).database or "")
        connection.text_factory = bytes
        indexes = "select name from sqlite_master where type = 'index' order by name"
        try:
            found: dict[str, Any] = {"indexes": connection.execute(indexes).fetchall()}
            for name in ("load", *TARGET):
                rows = connection.execute(f"select * from {name}").fetchall()
                found[name] = sorted(rows, key=repr)
            return found
        finally:
            connection.close()

    def _postgres(self) -> dict[str, Any]:
        indexes = "select indexname from pg_indexes where schemaname = 'record' order by 1"
        with psycopg.connect(self.url.replace("+psycopg", "")) as connection:
            found: dict[str, Any] = {"indexes": connection.execute(indexes).fetchall()}
            for name in ("load", *TARGET):
                statement = f"copy record.{name} to stdout".encode()
                with connection.cursor().copy(statement) as out:
                    found[name] = sorted(b"".join(map(bytes, out)).splitlines())
            return found


@dataclass(frozen=True)
class Begun:
    """A record as it stood before the load, from which copies are made."""

    standing: Standing
    copies: Callable[[], Standing]
    change: Prepared


def apply_prepared(
    place: Standing,
    prepared: Prepared,
    opened: Callable[[], None] = lambda: None,
    progress: Progress = silent,
) -> load.Loaded:
    """A load's own part: the target is `opened`, the difference applied."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        Engine(Path(scratch), memory_limit="500MB", threads=1) as engine,
        load.open_target(place.url, place.schema) as target,
    ):
        opened()
        return load.apply(
            engine,
            prepared.parts,
            prepared.difference,
            target,
            run_id="run-2",
            wave="wave-1",
            batch=BATCH,
            progress=progress,
        )


def go_on(place: Standing, prepared: Prepared, run_id: str = "run-2") -> load.Loaded:
    """Run again: what is still missing is compared anew, and loaded."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        Engine(Path(scratch) / "engine", memory_limit="500MB", threads=1) as engine,
        load.open_target(place.url, place.schema) as target,
    ):
        left = load.compare(engine, prepared.parts, target, Path(scratch) / "left")
        return load.apply(
            engine, prepared.parts, left, target, run_id=run_id, wave="wave-1", batch=BATCH
        )


def _in_child(told: Connection, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    told.send("begun")
    work(*arguments)
    told.send("done")


def begin(work: Callable[..., Any], *arguments: Any) -> tuple[Any, Connection]:
    """Start `work` in a process of its own; comes back when it has begun."""
    ours, theirs = _PROCESSES.Pipe(duplex=False)
    process = _PROCESSES.Process(target=_in_child, args=(theirs, work, arguments))
    process.start()
    theirs.close()
    assert ours.recv() == "begun"
    return process, ours


def begun_in(
    request: pytest.FixtureRequest, folder: Path, before: Desired, after: Desired
) -> Begun:
    """A record in the database that the fixture's parameter names, and a load into it."""
    if request.param == "sqlite":
        return _in_sqlite(folder, before, after)
    return in_postgres(request.getfixturevalue("postgres_server"), folder, before, after)


def _in_sqlite(folder: Path, before: Desired, after: Desired) -> Begun:
    """A file that holds `before`, and what is missing of `after`."""
    base = Standing(f"sqlite:///{folder / 'base.db'}", None)
    go_on(base, prepare(before, base, folder / "before"), "run-1")
    change = prepare(after, base, folder / "after")
    made = iter(range(1000))

    def copied() -> Standing:
        path = folder / f"copy-{next(made)}.db"
        shutil.copy(folder / "base.db", path)
        return Standing(f"sqlite:///{path}", None)

    return Begun(base, copied, change)


def in_postgres(server: Server, folder: Path, before: Desired, after: Desired) -> Begun:
    """A database that holds `before`, and what is missing of `after`."""
    name = server.database()
    base = Standing(server.url(name), "record")
    go_on(base, prepare(before, base, folder / "before"), "run-1")
    change = prepare(after, base, folder / "after")
    return Begun(base, lambda: Standing(server.url(server.database(name)), "record"), change)
