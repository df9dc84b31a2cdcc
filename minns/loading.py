"""The difference to the desired record is loaded; never over what others changed there, unless that
is accepted.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import load
from minns.course import Course
from minns.engine import Engine
from minns.errors import TargetError
from minns.site import Site
from minns.store import write_json

#: In a run's folder: which files the target held when the run had loaded.
KNOWN = "loaded.json"


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
        known = recalled(course.site, course.loads)
        difference = load.compare(engine, desired, target, course.folder / "difference", known)
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
        left = load.missed(engine, desired, difference, loaded, target, course.folder / "remaining")
        if loaded.load_id is not None and not left:
            _remember(course, desired, load.state(target))
        work.rows = loaded.total
    course.note("loaded", {"load_id": loaded.load_id, "changes": loaded.total})
    return loaded, left


def _remember(course: Course, desired: Mapping[str, list[Path]], state: list[list[str]]) -> None:
    """Note which files the target now holds, so that the next run need not read them there."""
    root = course.site.store.folder
    parts = {name: [str(p.relative_to(root)) for p in paths] for name, paths in desired.items()}
    write_json(course.folder / KNOWN, {"state": state, "parts": parts})


def recalled(site: Site, loads: Sequence[load.LoadRow]) -> load.Known | None:
    """What this work folder knows of the record's last load; `loads`: the target's book of them."""
    note = site.store.folder / "runs" / loads[-1].run_id / KNOWN if loads else None
    if note is None or not note.is_file():
        return None
    told = json.loads(note.read_text(encoding="utf-8"))
    root = site.store.folder
    parts = {name: [root / path for path in paths] for name, paths in told["parts"].items()}
    return load.Known(parts, told["state"])


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
