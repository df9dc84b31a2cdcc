"""Runs pure steps: finds a finished result again by its key, or makes it in a session of its own.

A step's key is a hash of its name, its parameters, its code, the code that all steps share and the
content of the tables it reads. So a killed run goes on after its last whole step, a cutover uses
what its rehearsal computed from the same landing, and a changed mapping recomputes what depends on
it.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from minns import __version__
from minns.config import Project
from minns.engine import Engine
from minns.memory import peak_memory, reset_peak_memory
from minns.model import BY_NAME
from minns.step import Progress, Room, Step, silent
from minns.store import Dataset, Store, digest

_SHARED = tuple(
    Path(__file__).parent / name
    for name in ("model", "engine.py", "macros.sql", "store.py", "codes.py", "codes.sql")
)
_CODE = {".py", ".sql", ".csv", ".toml", ".json"}


class Watch(Protocol):
    """Who looks on: the console, or nobody."""

    def begin(self, name: str) -> Progress: ...

    def end(self, done: "Done") -> None: ...


@dataclass(frozen=True)
class Done:
    """One step that is finished: rows written, seconds, peak memory (MiB), or found again."""

    name: str
    key: str
    rows: int
    seconds: float
    peak_mib: int
    found: bool = False


class Nobody:
    """Nobody looks on."""

    def begin(self, name: str) -> Progress:
        return silent

    def end(self, done: Done) -> None:
        return None


def fingerprint(path: Path) -> str:
    """A hash of the code and data files at or below a path."""
    files = sorted(p for p in path.rglob("*") if p.suffix in _CODE) if path.is_dir() else [path]
    parts = sha256()
    for file in files:
        name = file.relative_to(path) if file != path else file.name
        parts.update(str(name).encode() + b"\0" + sha256(file.read_bytes()).digest())
    return parts.hexdigest()[:20]


@dataclass
class Runner:
    """The tables at hand by step's name, and the way to make more of them."""

    project: Project
    store: Store
    watch: Watch = field(default_factory=Nobody)
    tables: dict[str, Dataset] = field(default_factory=dict)

    def engine(self) -> Engine:
        """A new session with the project's limits."""
        return Engine(
            self.store.scratch,
            memory_limit=self.project.memory_limit,
            threads=self.project.threads,
        )

    def parts(self, reference: str) -> list[Path]:
        """The Parquet files behind `<step>.<table>`."""
        step, table = reference.split(".", 1)
        return self.tables[step].parts(table)

    def _digest(self, reference: str) -> str:
        step, table = reference.split(".", 1)
        return self.tables[step].digest(table)

    def key(self, step: Step) -> str:
        """What the step's result depends on, as a hash."""
        read = {
            name: [(reference, self._digest(reference)) for reference in references]
            for name, references in step.reads.items()
        }
        return digest(
            {
                "step": step.name,
                "version": __version__,
                "reads": read,
                "parameters": dict(step.parameters),
                "code": [fingerprint(path) for path in (*_SHARED, *step.code)],
            }
        )

    def run(self, steps: Iterable[Step]) -> None:
        """Run steps in order; their results join `tables`."""
        for step in steps:
            self.tables[step.name] = self._one(step)

    def _one(self, step: Step) -> Dataset:
        key = self.key(step)
        folder = self.store.step_folder(step.name, key)
        dataset = self.store.find(folder)
        if dataset is not None:
            self.watch.end(Done(step.name, key, _rows(dataset), 0.0, 0, found=True))
            return dataset
        progress = self.watch.begin(step.name)
        started = time.monotonic()
        reset_peak_memory()
        with self.store.publish(folder, key) as draft, self.engine() as engine:
            self._open(engine, step)
            step.do(Room(engine, draft, progress))
        made = self.store.find(folder)
        if made is None:
            raise RuntimeError(f"the step {step.name} committed nothing")
        seconds = time.monotonic() - started
        self.watch.end(Done(step.name, key, _rows(made), seconds, peak_memory()))
        return made

    def _open(self, engine: Engine, step: Step) -> None:
        for name, references in step.reads.items():
            parts = [part for reference in references for part in self.parts(reference)]
            if parts:
                engine.view(name, parts)
            else:
                engine.empty(BY_NAME[name], name)


def _rows(dataset: Dataset) -> int:
    return sum(dataset.rows(table) for table in dataset.tables)
