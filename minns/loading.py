"""The difference to the desired record is loaded; never over what others changed there, unless that
is accepted.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import load
from minns.course import Course
from minns.engine import Engine
from minns.errors import TargetError


def load_difference(course: Course, desired: Mapping[str, list[Path]]) -> tuple[load.Loaded, int]:
    """Load the difference to the desired record; gives what was loaded and what a second
    comparison still finds (0).
    """
    place = course.site.target(course.mode)
    leaving = course.leaving
    with (
        course.measured("load") as work,
        course.runner.engine() as engine,
        load.open_target(place.url, place.schema) as target,
    ):
        _refuse_moved(course, target)
        _settle_foreign(course, engine, target)
        difference = load.compare(engine, desired, target, course.folder / "difference")
        loaded = load.apply(
            engine,
            desired,
            difference,
            target,
            run_id=str(course.run_id),
            wave=leaving or course.wave.name,
            action="withdraw" if leaving else "load",
            progress=work.progress,
        )
        remaining = difference
        if loaded.load_id is not None:
            remaining = load.compare(engine, desired, target, course.folder / "remaining")
        work.rows = loaded.total
    course.note("loaded", {"load_id": loaded.load_id, "changes": loaded.total})
    return loaded, remaining.total


def _refuse_moved(course: Course, target: load.Target) -> None:
    """What was computed while another run loaded would take that run's rows for gone."""
    if tuple(target.loads()) != course.loads:
        raise TargetError(
            f"{course.site.target(course.mode).shown} as it stood when this run began",
            found="what another run has loaded since",
            do="Run again: it goes on from what is there now.",
        )


def _settle_foreign(course: Course, engine: Engine, target: load.Target) -> None:
    """Nothing is loaded over what others changed, unless that is accepted; then it is told."""
    foreign = load.inspect(engine, target, course.folder / "foreign")
    if foreign.total and not course.accept_foreign:
        load.refuse(target, foreign)
    load.settle(engine, target, foreign)
    if foreign.total:
        course.note("foreign_accepted", {"tables": foreign_json(foreign)})


def foreign_json(foreign: load.Foreign) -> list[dict[str, Any]]:
    """What others changed in the target, as plain JSON values."""
    return [
        {"table": t.table, "edited": t.edited, "added": t.added}
        | {"removed": t.removed, "moved": t.moved}
        | {"rows": str(foreign.folder / f"{t.table}.parquet")}
        for t in foreign.tables
    ]
