"""Questions to what was run: where a project stands, what became of a row, who is who.

Everything is answered from finished runs; nothing is computed anew and nothing is changed.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minns.engine import Engine, literal
from minns.errors import ConfigError
from minns.ledger import Entry
from minns.model import IDENTITY
from minns.pairs import identity, judge, pair_of
from minns.runner import Runner
from minns.site import Mode, Site, action_of
from minns.store import Dataset, write_json, write_text

CATALOGUE = "catalogue.json"
EVIDENCE = "evidence.json"


def report_path(folder: Path, language: str) -> Path:
    """The report in a run's folder."""
    return folder / f"report.{language}.html"


def previous_evidence(site: Site, wave: str) -> dict[str, Any] | None:
    """The evidence of the wave's last finished run, for what changed since."""
    ended = [
        e
        for e in site.ledger.entries("run_finished")
        if e.body["wave"] == wave and action_of(e) == "load"
    ]
    if not ended:
        return None
    path = site.store.folder / "runs" / ended[-1].run_id / EVIDENCE
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def keep_catalogue(folder: Path, tables: Mapping[str, Dataset], root: Path) -> None:
    """Write down which datasets a run was made of, with paths below the work folder."""
    write_json(
        folder / CATALOGUE,
        {name: str(dataset.folder.relative_to(root)) for name, dataset in tables.items()},
    )


@dataclass(frozen=True)
class PastRun:
    """A finished run: its start and end in the ledger, and its datasets."""

    started: Entry
    finished: Entry
    tables: Mapping[str, Dataset]

    @property
    def run_id(self) -> str:
        return self.started.run_id


def past_run(site: Site, wave: str | None = None, mode: Mode | None = None) -> PastRun:
    """The newest finished run, of one wave or mode if asked; a cutover before a rehearsal."""
    found = _finished(site, wave, mode)
    cut_over = [entry for entry in found if entry.body["mode"] == "cutover"]
    return _past(site, (cut_over or found)[-1])


def newest_run(site: Site, wave: str | None = None) -> PastRun:
    """The finished run that came last, of one wave if asked: rehearsal or cutover."""
    return _past(site, _finished(site, wave, None)[-1])


def all_runs(site: Site) -> list[PastRun]:
    """Every finished run of which is kept what it was made of, oldest first."""
    found = _finished(site, None, None)
    kept = [e for e in found if (_folder(site, e.run_id) / CATALOGUE).is_file()]
    ended = {e.run_id: e for e in site.ledger.entries("run_finished")}
    return [PastRun(e, ended[e.run_id], _tables(site, e.run_id)) for e in kept]


def run_named(site: Site, run_id: str) -> PastRun:
    """The finished run of that name."""
    return _past(site, next(e for e in _finished(site, None, None) if e.run_id == run_id))


def _past(site: Site, started: Entry) -> PastRun:
    finished = site.ledger.entries("run_finished", started.run_id)[-1]
    tables = _tables(site, started.run_id)
    if "link" not in tables:
        raise ConfigError(
            "a wave in the record",
            found=f"none since {started.body['wave']} was withdrawn",
            do="Run 'minns run WAVE' first.",
        )
    return PastRun(started, finished, tables)


def _finished(site: Site, wave: str | None, mode: Mode | None) -> list[Entry]:
    """The starts of finished runs, in order; at least one. Withdrawals are among them unless a
    wave's own runs are asked for: they too tell what is in the record.
    """
    ended = {entry.run_id for entry in site.ledger.entries("run_finished")}
    found = [
        entry
        for entry in site.ledger.entries("run_started")
        if entry.run_id in ended
        and (wave is None or (wave == entry.body["wave"] and action_of(entry) == "load"))
        and mode in (None, entry.body["mode"])
    ]
    if not found:
        raise ConfigError(
            f"a finished run{f' of {wave}' if wave else ''}{f' ({mode})' if mode else ''}",
            found="none in the ledger",
            do=f"Run 'minns run {wave or 'WAVE'}' first.",
        )
    return found


def _tables(site: Site, run_id: str) -> dict[str, Dataset]:
    path = site.store.folder / "runs" / run_id / CATALOGUE
    folders = json.loads(path.read_text(encoding="utf-8"))
    found = {name: site.store.find(site.store.folder / folder) for name, folder in folders.items()}
    return {name: dataset for name, dataset in found.items() if dataset is not None}


def evidence(site: Site, wave: str, mode: Mode) -> dict[str, Any]:
    """The evidence of a wave's last finished run in this mode."""
    path = _folder(site, past_run(site, wave, mode).run_id) / EVIDENCE
    return dict(json.loads(path.read_text(encoding="utf-8")))


def report(site: Site, wave: str, mode: Mode, language: str | None, copy_to: Path | None) -> Path:
    """Where the report of a wave's last finished run is; a copy of it, if asked."""
    folder = _folder(site, past_run(site, wave, mode).run_id)
    path = report_path(folder, language or site.project.language)
    if not path.is_file():
        raise ConfigError(
            f"a report in the language '{language}'",
            found="none",
            do="Choose sv or en with --language.",
        )
    if copy_to is None:
        return path
    write_text(copy_to, path.read_text(encoding="utf-8"))
    return copy_to


def _folder(site: Site, run_id: str) -> Path:
    return site.store.folder / "runs" / run_id


def decide(
    site: Site, left: str, right: str, verdict: str, reason: str, reviewer: str = ""
) -> None:
    """Record a judgement about a pair of identities, each written SOURCE:LOCAL_ID."""
    judge(site, pair_of(identity(left), identity(right)), verdict, reason, reviewer)


def status(site: Site) -> list[dict[str, Any]]:
    """One line for each run or withdrawal, the newest last: run, wave, mode, action, state,
    verdict, moments, changes.
    """
    ended = {entry.run_id: entry for entry in site.ledger.entries("run_finished")}
    loaded = {entry.run_id: entry.body for entry in site.ledger.entries("loaded")}
    lines = []
    for entry in site.ledger.entries("run_started"):
        end = ended.get(entry.run_id)
        lines.append(
            {
                "run": entry.run_id,
                "wave": entry.body["wave"],
                "mode": entry.body["mode"],
                "action": action_of(entry),
                "state": "finished" if end else "unfinished",
                "verdict": end.body["verdict"] if end else None,
                "started": entry.moment,
                "finished": end.moment if end else None,
                "changes": loaded.get(entry.run_id, {}).get("changes"),
                "load": loaded.get(entry.run_id, {}).get("load_id"),
            }
        )
    return lines


def records(
    engine: Engine, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()
) -> list[dict[str, Any]]:
    """A small result as dicts, by the names of its columns."""
    relation = engine.connection.execute(sql, parameters)
    names = [column[0] for column in relation.description]
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def _trace_row(
    site: Site, engine: Engine, source: str, table: str, key_or_mark: str
) -> list[dict[str, Any]]:
    """What became of one row: a line for each statement it made, and the facts it is behind.

    The row is named by its key, or by its mark in a report: the first digits of its content's hash.
    """
    run = past_run(site)
    for name in ("fate", "row_fate"):
        engine.view(name, run.tables["fates"].parts(name))
    found = records(
        engine,
        "select source, source_table, row_key, kind, fate, rule, fact_id from fate "
        "where source = $source and source_table = $table and (row_key = $row or row_key in ("
        "  select row_key from row_fate where source = $source and source_table = $table"
        "  and length($row) >= 12 and starts_with(row_hash, $row))) order by all",
        {"source": source, "table": table, "row": key_or_mark},
    )
    if not found:
        raise ConfigError(
            f"a row with that key or mark in {source}.{table}",
            found=f"none in the run {run.run_id}",
            do="Check the key: its columns' values joined by '|', as the table declares them.",
        )
    return found


def _trace_fact(site: Site, engine: Engine, fact_id: str) -> list[dict[str, Any]]:
    """The rows behind one fact or person: a line each, the founding row first."""
    run = past_run(site)
    engine.view("lineage", run.tables["transform"].parts("lineage"))
    found = records(
        engine,
        "select fact_id, kind, role, source, source_table, row_key from lineage "
        "where fact_id = $fact order by role desc, source, source_table, row_key",
        {"fact": fact_id},
    )
    if not found:
        raise ConfigError(
            f"a fact or person with the id {fact_id}",
            found=f"none in the run {run.run_id}",
            do="Give an id of the record, or SOURCE TABLE ROW_KEY.",
        )
    return found


def _write_identities(site: Site, engine: Engine, path: Path) -> int:
    """Write source, local_id, person_id, probability, method of every identity once; gives rows."""
    run = past_run(site)
    engine.view("identity", run.tables["link"].parts("identity"))
    columns = [c for c in IDENTITY.names if c != "since"]
    renamed = ", ".join(f"{c} as local_id" if c == "local_patient_id" else c for c in columns)
    with exported(path) as aside:
        rows = engine.value(
            f"copy (select {renamed} from identity order by source, local_patient_id) "  # noqa: S608
            f"to {literal(str(aside))} (format csv, header, quote '\"')"
        )
    return int(rows)


@contextmanager
def exported(path: Path) -> Iterator[Path]:
    """Where to write a file that stands at `path` when the block has ended well."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(path.name + ".tmp")
        aside.touch()
        yield aside
        aside.replace(path)
    except OSError:
        raise ConfigError(
            f"to write {path}", found="the folder cannot be written", do="Choose another file."
        ) from None


def trace(site: Site, what: Sequence[str]) -> list[dict[str, Any]]:
    """What became of a row (source, table, key), or the rows behind a fact or person (its id)."""
    with Runner(site.project, site.store).engine() as engine:
        if len(what) == 1:
            return _trace_fact(site, engine, what[0])
        if len(what) == 3:
            return _trace_row(site, engine, what[0], what[1], what[2])
    raise ConfigError(
        "SOURCE TABLE ROW_KEY, or one fact or person id",
        found=f"{len(what)} arguments",
        do="For example: minns trace melior diagnos 4711",
    )


def export_identities(site: Site, path: Path) -> int:
    """Write every identity of the last run to a CSV file; gives how many."""
    with Runner(site.project, site.store).engine() as engine:
        return _write_identities(site, engine, path)


def lineage_pattern(site: Site) -> Path:
    """The lineage of the last run: a pattern that names its Parquet files."""
    return past_run(site).tables["transform"].folder / "lineage" / "*.parquet"
