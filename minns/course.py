"""One plan or run on its way: what it works with, and what it has found so far."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from load import LoadRow
from minns.config import Wave
from minns.memory import peak_memory, reset_peak_memory
from minns.model import TARGET
from minns.runner import Done, Runner, Watch
from minns.scope import Scope
from minns.site import Mode, Site
from minns.step import Progress
from minns.store import Dataset


class Recorder:
    """Passes steps on to who looks on, and keeps their figures."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.timings: list[Done] = []

    def begin(self, name: str) -> Progress:
        return self.watch.begin(name)

    def end(self, done: Done) -> None:
        self.timings.append(done)
        self.watch.end(done)


@dataclass
class Measured:
    """A piece of work that is no pure step: its progress, and how many rows came of it."""

    progress: Progress
    rows: int = 0
    key: str = ""


@dataclass
class Course:
    """One plan or run on its way; a plan has no `run_id` and leaves no trace.

    `leaving`: the wave that is withdrawn; the scope is what remains without it. `accept_foreign`:
    what others changed in the target since is overwritten. `loads`: what the target's book of loads
    said when this began.
    """

    site: Site
    wave: Wave
    mode: Mode
    scope: Scope
    runner: Runner
    recorder: Recorder
    run_id: str | None = None
    leaving: str | None = None
    accept_foreign: bool = False
    loads: tuple[LoadRow, ...] = ()
    landings: dict[str, Dataset] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)

    @property
    def folder(self) -> Path:
        return self.site.store.folder / "runs" / (self.run_id or f"{self.wave.name}-plan")

    @property
    def desired(self) -> dict[str, list[Path]]:
        """The Parquet files of the desired record, by the target's tables."""
        tables = self.runner.tables
        made = {name: tables["transform"].parts(name) for name in TARGET}
        return made | {"conflict": tables["settle"].parts("conflict")}

    @property
    def head(self) -> dict[str, Any]:
        """What this is about, as plain JSON values."""
        return {
            "wave": self.wave.name,
            "mode": self.mode,
            "sources": list(self.scope.own),
            "target": self.site.target(self.mode).shown,
        }

    def note(self, kind: str, body: dict[str, Any]) -> None:
        """Write to the ledger; a plan leaves no trace there."""
        if self.run_id is not None:
            self.site.ledger.append(self.run_id, kind, {**body, "mode": self.mode})

    @contextmanager
    def measured(self, name: str) -> Iterator[Measured]:
        """Time a piece of work and its memory, as the runner does for steps."""
        started = time.monotonic()
        reset_peak_memory()
        work = Measured(self.recorder.begin(name))
        yield work
        seconds = time.monotonic() - started
        self.recorder.end(Done(name, work.key, work.rows, seconds, peak_memory()))
