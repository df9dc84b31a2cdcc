"""Landings that a process of its own makes, until it ends or is killed."""

import os
import signal
from pathlib import Path

import extract
from minns.config import load_source
from minns.store import Dataset, Store


def land_small(project: Path, work: str = "work") -> Dataset:
    """Land the source `small` of a project."""
    source = load_source(project / "m" / "small" / "source.toml")
    return extract.land(source, Store(project / work), root=project, threads=1)


def die_landing(project: Path, batches: int) -> None:
    """Land it, and be killed when so many batches have come."""
    source = load_source(project / "m" / "small" / "source.toml")
    left = iter(range(batches - 1, -1, -1))

    def count(done: int, total: int | None = None) -> None:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    extract.land(source, Store(project / "work"), root=project, progress=count, threads=1)
