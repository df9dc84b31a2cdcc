"""Loaders that a process of its own runs, until it ends or is killed.

They are no part of the tests' own modules: a process that begins anew could not import those.
"""

import os
import resource
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from undisturbed import Prepared, Standing, apply_prepared

import load
from load.relational import Target
from minns.errors import TargetError
from minns.step import Progress, silent


def die_after(writes: int, place: Standing, prepared: Prepared) -> None:
    """Load, and be killed with the last of so many writes not yet committed."""
    ingest, left = Target.ingest, iter(range(writes - 1, -1, -1))

    def last(self: Target, table: str, rows: Any) -> None:
        ingest(self, table, rows)
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    Target.ingest = last  # type: ignore[method-assign]
    apply_prepared(place, prepared)


def broken(place: Standing, prepared: Prepared, told: str, progress: Progress = silent) -> None:
    """Load until it is hindered, in the middle: the operator is told by what."""
    with pytest.raises(TargetError, match=told) as caught:
        apply_prepared(place, prepared, progress=progress)
    assert caught.value.exit_code == 6


def limited(place: Standing, prepared: Prepared) -> None:
    """In a process of its own: no file may grow beyond what the record has now."""
    size = Path(str(sa.make_url(place.url).database)).stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    broken(place, prepared, "the disk refused it")


def hold(lock: Path, url: str, schema: str | None) -> None:
    """In a process of its own: open a record to load into, say so by a file, and never end."""
    with load.open_target(url, schema):
        lock.touch()
        time.sleep(600)
