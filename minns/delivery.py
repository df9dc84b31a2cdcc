"""What a run's record is delivered to beyond the record itself: a FHIR server, or NDJSON files.

The record stays the book: what goes out is a pure function of it, delivered by difference to what
went out before. A plan tells what would go; only a run or a withdrawal sends it.
"""

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from load import delivery, fhir
from minns.config import expand
from minns.course import Course
from minns.engine import Engine
from minns.errors import ConfigError, DeliveryError, TargetError
from minns.resources import resource_step
from minns.site import Site, TargetPlace
from minns.store import Dataset


@dataclass(frozen=True)
class Delivery:
    """What was delivered, or waits to be (`by_type`: new, changed, gone)."""

    place: str
    by_type: dict[str, dict[str, int]] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    done: delivery.Delivered | None = None
    refused: tuple[delivery.Refusal, ...] = ()
    found: delivery.Findings | None = None

    @property
    def whole(self) -> bool:
        """Whether the place holds all of the record, as it was left there."""
        whole = self.found is None or self.found.whole
        return whole and not self.refused and (self.done is None or not self.done.remaining)

    def as_json(self) -> dict[str, Any]:
        """The delivery as plain JSON values; of a plan, what waits."""
        said: dict[str, Any] = {"place": self.place, "waiting": self.by_type}
        if self.written:
            said["written"] = self.written
        if self.done is not None:
            said |= asdict(self.done) | {"refused": [asdict(row) for row in self.refused]}
        if self.found is not None:
            said["on_server"] = self.found.counts
            said["missing"] = list(self.found.missing)
            said["changed_by_others"] = list(self.found.foreign)
        return said


def refuse_misnamed(site: Site) -> None:
    """Raise `ConfigError` when the project's server is none that anything may be sent to: before a
    cutover meets it, for a rehearsal delivers elsewhere. What the environment fills in waits.
    """
    target = site.project.target or ""
    if target.startswith("fhir+") and "${" not in target:
        delivery.place_of(target)


def resources(course: Course) -> Dataset:
    """The record's resources: the step `fhir` on what was computed. Raises `BalanceError` when one
    is not fit to go.
    """
    tables = course.runner.tables
    course.runner.run((resource_step(course.site, tables),))
    fhir.refuse_unfit(tables["fhir"])
    return tables["fhir"]


def planned(course: Course, *, empty: bool = False) -> Delivery | None:
    """What a run would deliver; nothing is sent or written. `empty`: no wave remains."""
    place = course.site.target(course.mode)
    if not place.outward:
        return None
    parts = _parts(course, empty)
    with course.runner.engine() as engine:
        if place.outward.startswith("ndjson:"):
            return Delivery(_shown(place), _counted(engine, parts))
        base = _server(course.site, place).base
        if not delivery.Journal.exists(_journal(place)):
            return Delivery(base, delivery.waiting(engine, parts, None).by_type)
        with delivery.Journal(_journal(place), base) as journal:
            return Delivery(base, delivery.waiting(engine, parts, journal).by_type)


def deliver(course: Course, *, empty: bool = False) -> Delivery | None:
    """Deliver the record to its place, and read back what stands there; None when it has none.

    `empty`: no wave remains, and all that was delivered goes.
    """
    place = course.site.target(course.mode)
    if not place.outward:
        return None
    parts = _parts(course, empty)
    with course.measured("deliver") as work, course.runner.engine() as engine:
        if place.outward.startswith("ndjson:"):
            counts = _write_folder(course, parts, _folder(course.site, place))
            work.rows = sum(counts.values())
            return Delivery(_shown(place), written=counts)
        target = _server(course.site, place)
        own = course.site.project.delivery
        patience = delivery.Patience(attempts=own.attempts, timeout=own.timeout)
        run_id = str(course.run_id)
        with (
            delivery.Server(target, patience) as server,
            delivery.Journal(_journal(place), target.base, run_id) as journal,
        ):
            waits = delivery.waiting(engine, parts, journal).by_type
            if course.accept_foreign:
                delivery.restore(journal, delivery.read_back(server, journal))
            done = delivery.deliver(
                engine,
                parts,
                server,
                journal,
                accept_foreign=course.accept_foreign,
                progress=work.progress,
                entries=own.entries,
            )
            work.rows = done.put + done.deleted
            found = delivery.read_back(server, journal)
            made = Delivery(target.base, waits, {}, done, tuple(journal.refused()), found)
    course.note("delivered", {**asdict(done), "whole": made.whole})
    return made


def _write_folder(course: Course, parts: list[Path], folder: Path) -> dict[str, int]:
    """Write NDJSON; the moment is that of the run's beginning. Gives resources by type."""
    begun = course.site.ledger.entries("run_started", course.run_id)
    try:
        written = fhir.write_folder(parts, folder, moment=begun[-1].moment)
    except OSError as error:
        raise TargetError(
            f"room to write resources in {folder}",
            found=os.strerror(error.errno or 0),
            do="Name a folder that can be written in 'target' of minns.toml.",
        ) from None
    counts: dict[str, int] = {}
    for kind, rows in written.counts.values():
        counts[kind] = counts.get(kind, 0) + rows
    return counts


def refuse_incomplete(made: Delivery | None) -> None:
    """Raise `DeliveryError` when the server does not hold all of the record as we left it."""
    if made is None or made.whole:
        return
    missing = len(made.found.missing) if made.found else 0
    foreign = len(made.found.foreign) if made.found else 0
    raise DeliveryError(
        f"{made.place} to hold all of the record",
        found=f"{len(made.refused)} resources refused, {missing} missing, "
        f"{foreign} changed by others",
        do="All else is delivered. Read 'minns delivery', mend the cause, and run again.",
    )


def state(site: Site, mode: Any) -> dict[str, Any]:
    """What the journal says of the server of a mode: resources by type, and what was refused."""
    place = site.target(mode)
    if not place.outward.startswith("fhir+"):
        raise ConfigError(
            f"a FHIR server as the target of a {mode}",
            found=place.shown,
            do="Set it in minns.toml as fhir+https://host/base: 'target', or 'rehearsal_target'.",
        )
    base = _server(site, place).base
    if not delivery.Journal.exists(_journal(place)):
        return {"place": base, "delivered": {}, "refused": []}
    with delivery.Journal(_journal(place), base) as journal:
        refused = [asdict(row) for row in journal.refused()]
        return {"place": base, "delivered": journal.counts(), "refused": refused}


def _server(site: Site, place: TargetPlace) -> delivery.Place:
    token = site.project.delivery.token
    return delivery.place_of(place.outward, expand(token) if token else "")


def _journal(place: TargetPlace) -> Path:
    """The journal is in the record's own file."""
    return Path(place.url.removeprefix("sqlite:///"))


def _folder(site: Site, place: TargetPlace) -> Path:
    return site.project.root / place.outward.removeprefix("ndjson:")


def _shown(place: TargetPlace) -> str:
    return f"ndjson:{Path(place.outward.removeprefix('ndjson:')).name}"


def _counted(engine: Engine, parts: list[Path]) -> dict[str, dict[str, int]]:
    return delivery.waiting(engine, parts, None).by_type


def _parts(course: Course, empty: bool) -> list[Path]:
    """The table `resource`; an empty one when no wave remains in the record."""
    if not empty:
        return resources(course).parts("resource")
    path = course.folder / "no-resource.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = ", ".join(f"cast(null as varchar) as {name}" for name in fhir.COLUMNS)
    with course.runner.engine() as engine:
        engine.copy(f"select {columns} where false", path)
    return [path]
