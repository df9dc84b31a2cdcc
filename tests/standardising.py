"""Standardises hand-made patients, as the first step of the link stage does."""

import datetime
import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa

from link import load_model
from link.standardise import standardise
from minns.engine import Engine
from minns.model import CANONICAL, DUCKDB
from minns.model.linkage import STANDARD
from minns.step import Room
from minns.store import Store

Row = dict[str, Any]
_ARROW = {
    "text": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "integer": pa.int64(),
}


def told(local_id: str = "1", **more: Any) -> Row:
    """A patient as a source tells it; nothing is known but what is given."""
    assert set(more) <= set(CANONICAL["patient"].names), more
    return {
        "source": "a",
        "source_table": "patient",
        "row_key": local_id,
        "local_patient_id": local_id,
        "protection": "none",
        "recorded_at": datetime.datetime(2020, 1, 1),
        **more,
    }


def run(
    folder: Path, rows: list[Row], *, threads: int = 2, sources: tuple[str, ...] = ("a", "b")
) -> tuple[list[Row], str]:
    """The rows of `standard` in the order of the file, and a hash of its bytes."""
    columns = CANONICAL["patient"].columns
    table = pa.table(
        {c.name: pa.array([row.get(c.name) for row in rows], _ARROW[c.type]) for c in columns}
    )
    store = Store(folder)
    with Engine(store.scratch, threads=threads) as engine:
        with engine.arrow("told", table):
            engine.run("create table patient as from told")
        with store.publish(store.step_folder("s", "k"), "k") as draft:
            standardise(Room(engine, draft), sources, 3, load_model())
        done = store.find(store.step_folder("s", "k"))
        assert done is not None
        (path,) = done.parts("standard")
        engine.view("standard", path)
        found = engine.connection.sql("from standard")
        assert tuple(found.columns) == STANDARD.names
        assert [str(t) for t in found.types] == [DUCKDB[c.type] for c in STANDARD.columns]
        made = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    for row in made:
        assert not [c.name for c in STANDARD.columns if c.required and row[c.name] is None]
    return made, hashlib.sha256(path.read_bytes()).hexdigest()


def standard(folder: Path, **more: Any) -> Row:
    """What one patient is made to."""
    made, _ = run(folder, [told(**more)])
    return made[0]


def number(born: str, serial: int) -> str:
    """A made-up number with its check digit."""
    nine = f"{born[2:]}{serial:03d}"
    doubled = (int(c) * (2 - i % 2) for i, c in enumerate(nine))
    return f"{born}{serial:03d}{-sum(d // 10 + d % 10 for d in doubled) % 10}"
