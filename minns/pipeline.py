"""The stages in order: plan, run, resume. The only module that knows all stages.

    land (each source) -> shape (each source) -> link -> transform -> fates -> diff -> load
        -> deliver (where the target is a FHIR server or a folder) -> check

Everything up to the diff is a pure function of the landings, the mappings, the judgements and the
registry, and is found again when nothing changed. Only `run` touches the registry and the target.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import extract
import load
import transform
import validation
from minns.behind import Asked, behind, refuse_unknown
from minns.blast import Blast, blast_radius
from minns.config import LANGUAGES
from minns.course import Course, Recorder
from minns.delivery import deliver, planned, refuse_misnamed
from minns.errors import BalanceError
from minns.inquiry import (
    EVIDENCE,
    keep_catalogue,
    previous_evidence,
    report_path,
)
from minns.linking import commit_links, freeze_trained, link_model, link_steps
from minns.loading import load_difference, recalled
from minns.memory import peak_memory, reset_peak_memory
from minns.model import CANONICAL, TARGET
from minns.outcome import Outcome, Plan
from minns.registry import conflict_judgements
from minns.runner import Done, Nobody, Runner, Watch
from minns.samples.signing import proved
from minns.scope import resolve_scope, standing_landing
from minns.site import Mode, Site
from minns.step import Progress, silent
from minns.store import Dataset, write_json, write_text

#: What plan and run give back is spoken of as theirs.
__all__ = [
    "Outcome",
    "Plan",
    "check_source",
    "compute",
    "gather",
    "load_difference",
    "plan",
    "run",
    "shape_source",
    "train_link_model",
]


def plan(
    site: Site, wave: str, mode: Mode, watch: Watch | None = None, asked: Asked | None = None
) -> Plan:
    """Compute what a run of `wave` would do. Sources are read; nothing else is touched.

    `asked`: the table whose rows behind the counts are wanted too.
    """
    if asked is not None:
        refuse_unknown(asked.table)
    with site.locked():
        course = _course(site, wave, mode, watch, None)
        compute(course)
        place, blast, found = site.target(mode), Blast(), None
        foreign = load.Foreign(course.folder / "foreign")
        with course.runner.engine() as engine, ExitStack() as opened:
            target = None
            if load.exists(place.url, place.schema):
                target = load.open_target(place.url, place.schema, make=False)
                opened.enter_context(target)
                foreign = load.inspect(engine, target, foreign.folder)
            known = recalled(site, course.loads)
            difference = load.compare(engine, course.desired, target, course.folder, known)
            if target is not None:
                batches = course.scope.batches
                blast = blast_radius(engine, course.desired, difference, target, batches)
            if asked is not None:
                found = behind(engine, course.desired, difference, target, asked)
        evidence = gather(course, difference.tables)
        return Plan(course, difference, evidence, blast, foreign, found, planned(course))


def run(
    site: Site,
    wave: str,
    mode: Mode,
    watch: Watch | None = None,
    *,
    accept_foreign: bool = False,
) -> Outcome:
    """Run `wave`, or go on with a run of it that was killed.

    Raises, before anything is loaded, `BalanceError` when a row has no fate or two, and
    `TargetError` when others changed the record; unless `accept_foreign`.
    """
    with site.locked():
        # Nothing is built on a ledger that somebody altered.
        site.ledger.verify()
        unfinished = site.unfinished(wave, mode)
        run_id = unfinished.run_id if unfinished else site.next_run(wave, mode)
        course = _course(site, wave, mode, watch, run_id)
        course.accept_foreign = accept_foreign
        course.folder.mkdir(parents=True, exist_ok=True)
        if unfinished is None:
            course.note("run_started", {"wave": wave, "sources": list(course.scope.sources)})
        compute(course)
        if mode == "cutover":
            # The registry before the record: an id that the record holds is never unknown here.
            commit_links(course)
        loaded, remaining = load_difference(course, course.desired)
        delivered = deliver(course)
        evidence = _judge(course, loaded, remaining)
        _keep(course, evidence)
        course.note("run_finished", {"wave": wave, "verdict": "go" if evidence.go else "no-go"})
        seconds = time.monotonic() - course.begun
        return Outcome(course, loaded, evidence, unfinished is not None, seconds, delivered)


def _course(site: Site, wave: str, mode: Mode, watch: Watch | None, run_id: str | None) -> Course:
    chosen = site.wave(wave)
    refuse_misnamed(site)
    loads = known_loads(site, mode)
    scope = resolve_scope(site, chosen, mode, load.standing_waves(loads))
    recorder = Recorder(watch or Nobody())
    runner = Runner(site.project, site.store, recorder)
    return Course(site, chosen, mode, scope, runner, recorder, run_id, loads=loads)


def known_loads(site: Site, mode: Mode) -> tuple[load.LoadRow, ...]:
    """What the target's book of loads says, in order."""
    place = site.target(mode)
    if not load.exists(place.url, place.schema):
        return ()
    with load.open_target(place.url, place.schema, make=False) as target:
        return tuple(target.loads())


def _shape(course: Course) -> None:
    """From the sources to canonical rows."""
    site, runner = course.site, course.runner
    for name in course.scope.sources:
        landing = _landing(course, name)
        course.landings[name] = runner.tables[f"land-{name}"] = landing
        runner.run(extract.steps(site.source(name), site.mapping_folder(name), landing))


def compute(course: Course) -> None:
    """All that is pure: from the landings to the books of the desired record."""
    site, scope, runner = course.site, course.scope, course.runner
    _shape(course)
    runner.run(link_steps(course))
    maps = site.code_maps(scope.sources)
    runner.run(transform.steps(scope.sources, scope.care_units, maps, site.unit_tables))
    runner.tables["conflict_judgement"] = conflict_judgements(site)
    runner.run((transform.settle_step(("conflict_judgement.conflict_judgement",)),))
    runner.run(validation.steps(scope.sources))
    _refuse_unbalanced(runner.tables["fates"])


def _landing(course: Course, name: str) -> Dataset:
    """The landing of a source: made now for the wave's own, kept for those of earlier waves."""
    site = course.site
    if course.leaving is not None or name not in course.scope.own:
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
    landing = _land(site, name, progress)
    rows = sum(landing.rows(table) for table in landing.tables)
    seconds = time.monotonic() - started
    course.recorder.end(Done(f"land-{name}", landing.key, rows, seconds, peak_memory()))
    course.note(
        "landed",
        {"source": name, "snapshot": landing.folder.name, "key": landing.key, "rows": rows},
    )
    return landing


def _land(site: Site, name: str, progress: Progress = silent) -> Dataset:
    project = site.project
    return extract.land(
        site.source(name),
        site.store,
        root=project.root,
        progress=progress,
        memory_limit=project.memory_limit,
        threads=project.threads,
    )


def _refuse_unbalanced(fates: Dataset) -> None:
    unexplained, faults = fates.rows("unexplained"), fates.rows("fault")
    if unexplained or faults:
        raise BalanceError(
            "every row to have exactly one fate",
            found=f"{unexplained} rows without one and {faults} with two that exclude each other",
            do=f"Read {fates.folder}/unexplained and fault; nothing was loaded.",
        )


def train_link_model(site: Site, wave: str, watch: Watch | None = None) -> tuple[int, Dataset]:
    """Train the linkage model on what a wave has in scope, and freeze it as the one in force.

    Gives its version and the tables of the training.
    """
    with site.locked():
        course = _course(site, wave, "rehearsal", watch, None)
        _shape(course)
        return freeze_trained(course)


def _books(course: Course) -> validation.Books:
    tables = course.runner.tables
    return validation.Books(
        landings=course.landings,
        shapes={source: tables[f"shape-{source}"] for source in course.scope.sources},
        link=tables["link"],
        transform=tables["transform"],
        settled=tables["settle"],
        fates=tables["fates"],
    )


def gather(
    course: Course,
    changes: Sequence[load.TableDifference],
    findings: tuple[validation.Finding, ...] = (),
    remaining: int | None = None,
) -> validation.Evidence:
    """The evidence of a plan or run, from its books and what was found beside them."""
    site, wave, limits = course.site, course.wave, link_model(course.site)
    about = validation.About(
        wave=wave.name,
        mode=course.mode,
        run_id=course.run_id or "",
        moment=site.ledger.moment() if course.run_id else "",
        title=wave.title,
        target=site.target(course.mode).shown,
        source_titles={name: site.source(name).title for name in course.scope.sources},
        thresholds=(limits.lower, limits.upper),
        changes=tuple(validation.Change(c.table, c.added, c.changed, c.closed) for c in changes),
        rerun_changes=remaining,
        sample_error=_sample_error(course),
        timings=tuple(
            validation.Timing(t.name, t.seconds, t.rows) for t in course.recorder.timings
        ),
        previous=previous_evidence(site, wave.name) if course.run_id else None,
    )
    with course.runner.engine() as engine:
        return validation.gather(_books(course), about, findings, wave.gates, engine)


def _sample_error(course: Course) -> float | None:
    """What signed samples show of this run's record; asked only where a gate turns on it."""
    if course.wave.gates.sample_error_max is None:
        return None
    return proved(course.site, course.wave.name, course.runner.tables)


def _judge(course: Course, loaded: load.Loaded, remaining: int) -> validation.Evidence:
    """Check the books against the live sources and the target, then judge the gates."""
    site = course.site
    place = site.target(course.mode)
    live = validation.Live(
        sources=[site.source(name) for name in course.scope.own],
        root=site.project.root,
        target_url=place.url,
        schema=place.schema,
    )
    with course.measured("check") as work, course.runner.engine() as engine:
        findings = validation.check(_books(course), live, engine, course.folder / "offenders")
        work.rows = sum(course.runner.tables["transform"].rows(table) for table in TARGET)
    evidence = gather(course, loaded.tables, findings, remaining)
    course.note("balance", {"wave": course.wave.name, **evidence.totals})
    course.note(
        "gates",
        {
            "wave": course.wave.name,
            "gates": [[g.name, g.subject, g.verdict] for g in evidence.gates],
        },
    )
    return evidence


def _keep(course: Course, evidence: validation.Evidence) -> None:
    """Write the reports in every language, the evidence, and what the run was made of."""
    for language in LANGUAGES:
        page = validation.render(evidence, language)
        write_text(report_path(course.folder, language), page)
    write_json(course.folder / EVIDENCE, validation.as_json(evidence))
    keep_catalogue(course.folder, course.runner.tables, course.site.store.folder)


def shape_source(site: Site, runner: Runner, name: str) -> Dataset:
    """Land and shape one source; gives its canonical tables, and both join the runner's."""
    landing = runner.tables[f"land-{name}"] = _land(site, name)
    runner.run(extract.steps(site.source(name), site.mapping_folder(name), landing))
    return runner.tables[f"shape-{name}"]


def check_source(site: Site, name: str, watch: Watch | None = None) -> list[dict[str, Any]]:
    """Land and shape one source; a line for each table: rows, statements, quarantined, excluded.

    Raises `SourceError` or `MappingError` for what keeps it from being moved.
    """
    runner = Runner(site.project, site.store, watch or Nobody())
    with site.locked():
        shaped = shape_source(site, runner, name)
    landing = runner.tables[f"land-{name}"]
    with runner.engine() as engine:
        counts = {}
        for table in ("quarantine", "excluded", *CANONICAL):
            engine.view(table, shaped.parts(table))
            counts[table] = dict(
                engine.rows(f"select source_table, count(*) from {table} group by all")  # noqa: S608
            )
    return [
        {
            "table": table,
            "rows": landing.rows(table),
            "statements": sum(counts[kind].get(table, 0) for kind in CANONICAL),
            "quarantined": counts["quarantine"].get(table, 0),
            "excluded": counts["excluded"].get(table, 0),
        }
        for table in landing.tables
    ]
