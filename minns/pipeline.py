"""The stages in order: plan, run, resume. The only module that knows all stages.

    land (each source) -> shape (each source) -> link -> transform -> fates -> diff -> load -> check

Everything up to the diff is a pure function of the landings, the mappings, the judgements and the
registry, and is found again when nothing changed. Only `run` touches the registry and the target.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import extract
import link
import load
import transform
import validation
from minns.config import Wave, expand
from minns.errors import BalanceError
from minns.memory import peak_memory, reset_peak_memory
from minns.model import TARGET
from minns.registry import commit_registry, judgements, registry_references
from minns.runner import Done, Nobody, Runner, Watch
from minns.scope import Scope, resolve_scope, standing_landing
from minns.site import Mode, Site
from minns.step import Progress
from minns.store import Dataset


class _Recorder:
    """Passes steps on to the console and keeps their figures."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.timings: list[Done] = []

    def begin(self, name: str) -> Progress:
        return self.watch.begin(name)

    def end(self, done: Done) -> None:
        self.timings.append(done)
        self.watch.end(done)


@dataclass
class Course:
    """One plan or run on its way: what it works with, and what it has found so far."""

    site: Site
    wave: Wave
    mode: Mode
    scope: Scope
    runner: Runner
    recorder: _Recorder
    run_id: str | None = None
    landings: dict[str, Dataset] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.site.store.folder / "runs" / (self.run_id or f"{self.wave.name}-plan")

    @property
    def desired(self) -> dict[str, list[Path]]:
        return {name: self.runner.tables["transform"].parts(name) for name in TARGET}

    def note(self, kind: str, body: dict[str, Any]) -> None:
        """Write to the ledger; a plan leaves no trace there."""
        if self.run_id is not None:
            self.site.ledger.append(self.run_id, kind, {**body, "mode": self.mode})

    def books(self) -> validation.Books:
        tables = self.runner.tables
        return validation.Books(
            landings=self.landings,
            shapes={source: tables[f"shape-{source}"] for source in self.scope.sources},
            link=tables["link"],
            transform=tables["transform"],
            fates=tables["fates"],
        )


@dataclass(frozen=True)
class Plan:
    """What a run would do: the difference to its target, and the books behind it."""

    course: Course
    difference: load.Difference
    evidence: validation.Evidence


@dataclass(frozen=True)
class Outcome:
    """What a run did; `resumed` when it went on with one that was killed."""

    course: Course
    loaded: load.Loaded
    evidence: validation.Evidence
    report: Path
    resumed: bool


def plan(site: Site, wave: str, mode: Mode, watch: Watch | None = None) -> Plan:
    """Compute what a run of `wave` would do. Sources are read; nothing else is touched."""
    with site.locked():
        course = _course(site, wave, mode, watch, None)
        _compute(course)
        place = site.target(mode)
        with course.runner.engine() as engine:
            if load.exists(place.url, place.schema):
                with load.open_target(place.url, place.schema, make=False) as target:
                    difference = load.compare(engine, course.desired, target, course.folder)
            else:
                difference = load.compare(engine, course.desired, None, course.folder)
        return Plan(course, difference, _gather(course, (), None, None))


def run(site: Site, wave: str, mode: Mode, watch: Watch | None = None) -> Outcome:
    """Run `wave`, or go on with a run of it that was killed.

    Raises `BalanceError`, before anything is loaded, when a row has no fate or two.
    """
    with site.locked():
        unfinished = site.unfinished(wave, mode)
        run_id = unfinished.run_id if unfinished else site.next_run(wave, mode)
        course = _course(site, wave, mode, watch, run_id)
        course.folder.mkdir(parents=True, exist_ok=True)
        if unfinished is None:
            course.note("run_started", {"wave": wave, "sources": list(course.scope.sources)})
        _compute(course)
        if mode == "cutover":
            # The registry before the record: an id that the record holds is never unknown here.
            commit_registry(site, run_id, course.runner.tables["link"])
        loaded, remaining = _load(course)
        evidence = _judge(course, loaded, remaining)
        report = _write_report(course, evidence)
        course.note(
            "run_finished",
            {"wave": wave, "verdict": evidence.verdict, "report": str(report.name)},
        )
        return Outcome(course, loaded, evidence, report, unfinished is not None)


def _course(site: Site, wave: str, mode: Mode, watch: Watch | None, run_id: str | None) -> Course:
    chosen = site.wave(wave)
    scope = resolve_scope(site, chosen, mode, _loaded_waves(site, mode))
    recorder = _Recorder(watch or Nobody())
    runner = Runner(site.project, site.store, recorder)
    return Course(site, chosen, mode, scope, runner, recorder, run_id)


def _loaded_waves(site: Site, mode: Mode) -> list[str]:
    """The waves in the target, in the order in which they came."""
    place = site.target(mode)
    if not load.exists(place.url, place.schema):
        return []
    with load.open_target(place.url, place.schema, make=False) as target:
        done = [row.wave for row in target.loads() if row.state == "done"]
    return list(dict.fromkeys(done))


def _compute(course: Course) -> None:
    """All that is pure: from the landings to the books of the desired record."""
    site, scope, runner = course.site, course.scope, course.runner
    for name in scope.sources:
        landing = _landing(course, name)
        course.landings[name] = runner.tables[f"land-{name}"] = landing
        runner.run(extract.steps(site.source(name), site.mapping_folder(name), landing))
    runner.tables["judgement"] = judgements(site)
    registry = registry_references(site, course.run_id, runner.tables)
    runner.run(
        link.steps(
            scope.sources,
            known=scope.earlier,
            wave=course.wave.name,
            registry=registry,
            judgements=("judgement.judgement",),
        )
    )
    maps = site.code_maps(scope.sources)
    runner.run(transform.steps(scope.sources, scope.care_units, maps))
    runner.run(validation.steps(scope.sources))
    _refuse_unbalanced(runner.tables["fates"])


def _landing(course: Course, name: str) -> Dataset:
    """The landing of a source: made now for the wave's own, kept for those of earlier waves."""
    site = course.site
    if name not in course.scope.own:
        return standing_landing(site, name, course.mode)
    if course.run_id is not None:
        for entry in site.ledger.entries("landed", course.run_id):
            if entry.body["source"] == name:
                folder = site.store.folder / "landing" / name / entry.body["snapshot"]
                kept = site.store.find(folder)
                if kept is not None:
                    return kept
    started = time.monotonic()
    reset_peak_memory()
    progress = course.recorder.begin(f"land-{name}")
    landing = extract.land(site.source(name), site.store, root=site.project.root, progress=progress)
    rows = sum(landing.rows(table) for table in landing.tables)
    seconds = time.monotonic() - started
    course.recorder.end(Done(f"land-{name}", landing.key, rows, seconds, peak_memory()))
    course.note(
        "landed",
        {"source": name, "snapshot": landing.folder.name, "key": landing.key, "rows": rows},
    )
    return landing


def _refuse_unbalanced(fates: Dataset) -> None:
    unexplained, faults = fates.rows("unexplained"), fates.rows("fault")
    if unexplained or faults:
        raise BalanceError(
            "every row to have exactly one fate",
            found=f"{unexplained} rows without one and {faults} with two that exclude each other",
            do=f"Read {fates.folder}/unexplained and fault; nothing was loaded.",
        )


def _load(course: Course) -> tuple[load.Loaded, int]:
    """Load the difference; gives what was loaded and what a second comparison still finds (0)."""
    place = course.site.target(course.mode)
    started = time.monotonic()
    reset_peak_memory()
    progress = course.recorder.begin("load")
    with course.runner.engine() as engine, load.open_target(place.url, place.schema) as target:
        difference = load.compare(engine, course.desired, target, course.folder / "difference")
        loaded = load.apply(
            engine,
            course.desired,
            difference,
            target,
            run_id=str(course.run_id),
            wave=course.wave.name,
            progress=progress,
        )
        again = load.compare(engine, course.desired, target, course.folder / "remaining")
    seconds = time.monotonic() - started
    course.recorder.end(Done("load", "", loaded.total, seconds, peak_memory()))
    course.note("loaded", {"load_id": loaded.load_id, "changes": loaded.total})
    return loaded, again.total
