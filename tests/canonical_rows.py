"""Hand-made canonical rows, written as Parquet, and the transform step run on them."""

import datetime
import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import transform
from minns.engine import Engine
from minns.maps import CodeMap, read_maps, write_maps
from minns.model import BY_NAME, CANONICAL, KINDS, Column, Table
from minns.step import Room
from minns.store import Dataset, Store

Row = dict[str, Any]
ARROW = {
    "text": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "decimal": pa.decimal128(18, 6),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
}
DAY = datetime.date(2020, 3, 1)
FILLED = {
    "text": "x",
    "date": DAY,
    "timestamp": datetime.datetime(2020, 3, 1, 8, 30),
}
#: What a row says when a test does not care.
USUAL: Row = {"status": "active", "category": "hypersensitivity", "protection": "none"}
USUAL_CATEGORY = {"condition": "main", "care_contact": "visit", "alert": "hypersensitivity"}
KNOWN = "system,system_version,code,display"


def arrow_table(table: Table, rows: list[Row]) -> pa.Table:
    """Rows as Arrow in the model's types; what a row leaves out is empty."""
    schema = pa.schema([(c.name, ARROW[c.type]) for c in table.columns])
    return pa.Table.from_pylist([{n: row.get(n) for n in table.names} for row in rows], schema)


def _usual(column: Column, kind: str) -> Any:
    if column.name == "category":
        return USUAL_CATEGORY.get(kind)
    return USUAL.get(column.name, FILLED[column.type]) if column.required else None


class Record:
    """What the step wrote, each table as rows without their hashes."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def __getitem__(self, name: str) -> list[Row]:
        rows: list[Row] = []
        for part in self.dataset.parts(name):
            rows += pq.ParquetFile(part).read().to_pylist()
        return rows

    def one(self, name: str) -> Row:
        (row,) = self[name]
        return row

    def roles(self, kind: str) -> Counter[str]:
        return Counter(row["role"] for row in self["lineage"] if row["kind"] == kind)

    def bytes(self) -> dict[str, bytes]:
        files = self.dataset.folder.rglob("*.parquet")
        return {str(f.relative_to(self.dataset.folder)): f.read_bytes() for f in files}


class Case:
    """Canonical rows of a few sources, and who is who."""

    def __init__(self, folder: Path, sources: tuple[str, ...] = ("melior", "asynja")) -> None:
        self.folder, self.sources = folder, sources
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.maps: list[Path] = []
        self.scope: dict[str, tuple[str, ...]] = {}
        self._numbers = itertools.count(1)
        self._runs = itertools.count(1)

    def add(self, kind: str, source: str = "melior", patient: str = "p", **said: Any) -> Row:
        """One canonical row; patients of one id are one person in every source."""
        self._identify(source, patient)
        row = {
            **{c.name: _usual(c, kind) for c in CANONICAL[kind].columns},
            "source": source,
            "source_table": kind.upper(),
            "row_key": f"{next(self._numbers):04d}",
            "local_patient_id": patient,
            **said,
        }
        self.rows[kind].append(row)
        return row

    def _identify(self, source: str, patient: str) -> None:
        known = {(r["source"], r["local_patient_id"]) for r in self.rows["identity"]}
        if (source, patient) not in known:
            identity = {
                "source": source,
                "local_patient_id": patient,
                "person_id": f"person-{patient}",
                "probability": 1,
                "method": "number" if known else "founder",
                "since": "wave-1",
            }
            self.rows["identity"].append(identity)

    def hold(self, source: str, patient: str) -> None:
        self.rows["held"].append(
            {"source": source, "local_patient_id": patient, "rule": "pair_to_review"}
        )

    def known(self, *lines: str) -> None:
        """The list of known codes."""
        self.file("known.csv", "\n".join([KNOWN, *lines]) + "\n")

    def file(self, name: str, text: str) -> Path:
        """A file beside the code maps."""
        path = self.folder / "codes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.maps = [*(p for p in self.maps if p != path), path]
        return path

    def map(self, map_id: str, said: str, target: str, **more: Any) -> None:
        """An approved code map: `system:code` to `system:code`, by ann, reviewed by bo."""
        (local_system, local_code), (system, code) = said.split(":"), target.split(":")
        path = self.folder / "codes" / f"{local_system}.sssom.tsv"
        own = CodeMap(map_id, local_system, local_code, system, code, "approved")
        made = replace(own, authors=("ann",), reviewers=("bo",))
        before = read_maps(path).maps if path.exists() else ()
        write_maps(path, [*before, replace(made, **more)])
        self.maps = [*(p for p in self.maps if p != path), path]

    def run(self, *, threads: int = 1, seed: int | None = None) -> Record:
        """Run the step; `seed` shuffles the rows first."""
        run = self.folder / f"run-{next(self._runs)}"
        step = transform.steps(self.sources, self.scope, tuple(self.maps))[0]
        store = Store(run)
        with (
            store.publish(run / "out", "key") as draft,
            Engine(run / "scratch", memory_limit="500MB", threads=threads) as engine,
        ):
            for name in step.reads:
                rows = list(self.rows[name])
                if seed is not None:
                    random.Random(seed).shuffle(rows)
                if rows:
                    path = run / f"{name}.parquet"
                    pq.write_table(arrow_table(BY_NAME[name], rows), path)
                    engine.view(name, path)
                else:
                    engine.empty(BY_NAME[name], name)
            step.do(Room(engine, draft))
        dataset = store.find(run / "out")
        assert dataset is not None
        assert set(dataset.tables) == set(step.writes)
        return Record(dataset)


def clinical(rows: Mapping[str, list[Row]]) -> int:
    """How many clinical rows a case has."""
    return sum(len(rows[kind]) for kind in KINDS)
