"""A wave is taken out of the record again: the record without it is computed, and the difference
applied.

Nothing is deleted: what leaves is closed at a load of its own, so that the record as it stood
before can still be read. The landings, the judgements and the ledger stay. What the wave brought
into the registry counts no more, so that persons are again who they were without it; who comes back
with the wave gets the same id again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import load
from minns.course import Course, Recorder
from minns.delivery import Delivery, deliver, planned
from minns.errors import ConfigError
from minns.inquiry import keep_catalogue
from minns.linking import commit_links
from minns.loading import load_difference, recalled
from minns.model import TARGET
from minns.pipeline import compute, known_loads
from minns.registry import withdraw_registry
from minns.runner import Nobody, Runner, Watch
from minns.scope import Scope, remaining_scope
from minns.site import Mode, Site


@dataclass(frozen=True)
class Withdrawal:
    """What a withdrawal changes, table by table; `load_id` is None as long as it is only planned.

    `remaining`: the waves that stay in the record.
    """

    wave: str
    mode: Mode
    target: str
    remaining: tuple[str, ...]
    changes: tuple[load.TableDifference, ...]
    run_id: str | None = None
    load_id: int | None = None
    resumed: bool = False
    delivery: Delivery | None = None

    def as_json(self) -> dict[str, Any]:
        """The withdrawal as plain JSON values."""
        return {
            "wave": self.wave,
            "mode": self.mode,
            "target": self.target,
            "remaining": list(self.remaining),
            "changes": [
                {"table": c.table, "added": c.added, "changed": c.changed, "closed": c.closed}
                for c in self.changes
            ],
            "run": self.run_id,
            "load": self.load_id,
            "resumed": self.resumed,
            **({"delivery": self.delivery.as_json()} if self.delivery else {}),
        }


def plan(site: Site, wave: str, mode: Mode, watch: Watch | None = None) -> Withdrawal:
    """What withdrawing `wave` would change; nothing is touched."""
    with site.locked():
        course, scope = _course(site, wave, mode, watch, None)
        desired = _without(course, scope)
        place = site.target(mode)
        with (
            course.runner.engine() as engine,
            load.open_target(place.url, place.schema, make=False) as target,
        ):
            known = recalled(site, course.loads)
            difference = load.compare(engine, desired, target, course.folder, known)
        waits = planned(course, empty=scope is None)
        return Withdrawal(wave, mode, place.shown, _names(scope), difference.tables, delivery=waits)


def withdraw(
    site: Site,
    wave: str,
    mode: Mode,
    watch: Watch | None = None,
    *,
    accept_foreign: bool = False,
) -> Withdrawal:
    """Take `wave` out of the record, or go on with a withdrawal that was killed.

    Raises `ConfigError` when it is not in the record, or another wave there builds on it.
    """
    with site.locked():
        site.ledger.verify()
        unfinished = site.unfinished(wave, mode, "withdraw")
        run_id = unfinished.run_id if unfinished else site.next_run(wave, mode, "withdraw")
        course, scope = _course(site, wave, mode, watch, run_id)
        course.accept_foreign = accept_foreign
        course.folder.mkdir(parents=True, exist_ok=True)
        if unfinished is None:
            about = {"wave": wave, "action": "withdraw", "sources": list(course.wave.sources)}
            course.note("run_started", about)
        desired = _without(course, scope)
        if mode == "cutover":
            withdraw_registry(site, run_id, wave, course.runner)
            if scope is not None:
                commit_links(course)
        loaded, left = load_difference(course, desired)
        delivered = deliver(course, empty=scope is None)
        keep_catalogue(course.folder, course.runner.tables, site.store.folder)
        _finish(course, wave, left)
        shown, resumed = site.target(mode).shown, unfinished is not None
        remaining = _names(scope)
        return Withdrawal(
            wave, mode, shown, remaining, loaded.tables, run_id, loaded.load_id, resumed, delivered
        )


def _names(scope: Scope | None) -> tuple[str, ...]:
    return tuple(wave.name for wave in scope.waves) if scope else ()


def _course(
    site: Site, wave: str, mode: Mode, watch: Watch | None, run_id: str | None
) -> tuple[Course, Scope | None]:
    chosen = site.wave(wave)
    loads = known_loads(site, mode)
    loaded, touched = load.standing_waves(loads), load.touched_waves(loads)
    if wave not in touched:
        raise ConfigError(
            f"{wave} in the record {site.target(mode).shown}",
            found=f"these waves: {', '.join(loaded) or 'none'}",
            do="'minns status' tells what was loaded, and whether it was a cutover.",
        )
    scope = remaining_scope(site, chosen, loaded)
    recorder = Recorder(watch or Nobody())
    runner = Runner(site.project, site.store, recorder)
    computed = scope or Scope(chosen, ())
    course = Course(site, computed.wave, mode, computed, runner, recorder, run_id, leaving=wave)
    course.loads = loads
    return course, scope


def _without(course: Course, scope: Scope | None) -> Mapping[str, list[Path]]:
    """The desired record of the waves that remain; without any, one that holds nothing."""
    if scope is not None:
        compute(course)
        return course.desired
    folder = course.folder / "nothing"
    folder.mkdir(parents=True, exist_ok=True)
    with course.runner.engine() as engine:
        for name, table in TARGET.items():
            engine.empty(table)
            hashes = "cast(null as varchar) as row_id, cast(null as varchar) as content_hash"
            engine.copy(f"select {hashes}, * from {name}", folder / f"{name}.parquet")  # noqa: S608
    return {name: [folder / f"{name}.parquet"] for name in TARGET}


def _finish(course: Course, wave: str, left: int) -> None:
    """Write the end of a withdrawal to the ledger; a record that still differs is our fault."""
    if left:
        raise RuntimeError(f"{left} rows of the record differ after the withdrawal")
    course.note("run_finished", {"wave": wave, "action": "withdraw", "verdict": "withdrawn"})
