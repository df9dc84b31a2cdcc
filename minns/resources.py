"""The record of the last run as FHIR resources, and the folders they are exported to."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import load
from minns.errors import ConfigError
from minns.inquiry import past_run
from minns.runner import Nobody, Runner, Watch
from minns.site import Site
from minns.step import Step
from minns.store import Dataset

#: Steps of the link stage whose tables tell which numbers an identity has had.
_STANDARDISED = "link-standardise-"


@dataclass(frozen=True)
class Export:
    """A folder of NDJSON: whose record it is, and what lies in it."""

    folder: Path
    run_id: str
    written: load.Written

    def as_json(self) -> dict[str, Any]:
        """What was exported, as plain JSON values."""
        counts: dict[str, int] = {}
        for kind, rows in self.written.counts.values():
            counts[kind] = counts.get(kind, 0) + rows
        return {
            "folder": str(self.folder),
            "run": self.run_id,
            "resources": self.written.total,
            "types": counts,
            "files": list(self.written.counts),
            "written": self.written.changed,
        }


def resource_step(site: Site, tables: dict[str, Dataset]) -> Step:
    """The step that makes resources of a run's record, with this project's names for things."""
    standards = [f"{name}.standard" for name in sorted(tables) if name.startswith(_STANDARDISED)]
    return load.fhir_step(standards, site.code_systems, site.project.fhir.base)


def export_fhir(
    site: Site, folder: Path, person_id: str | None = None, watch: Watch | None = None
) -> Export:
    """Write the record of the last run, or one person's part of it, to a folder of NDJSON.

    Raises `BalanceError`, before anything is written, when a resource breaks its schema.
    """
    run = past_run(site)
    runner = Runner(site.project, site.store, watch or Nobody(), dict(run.tables))
    with site.locked():
        runner.run((resource_step(site, runner.tables),))
    made = runner.tables["fhir"]
    load.refuse_unfit(made)
    parts = made.parts("resource")
    with tempfile.TemporaryDirectory(dir=site.store.scratch) as scratch:
        if person_id is not None:
            parts = [_of_person(runner, parts, person_id, Path(scratch) / "person.parquet")]
        try:
            written = load.write_folder(parts, folder, moment=run.finished.moment)
        except OSError:
            raise ConfigError(
                f"to write {folder}",
                found="a folder that cannot be written",
                do="Choose another folder.",
            ) from None
    return Export(folder, run.run_id, written)


def _of_person(runner: Runner, parts: list[Path], person_id: str, path: Path) -> Path:
    with runner.engine() as engine:
        engine.view("resource", parts)
        if not load.person_part(engine, person_id, path):
            raise ConfigError(
                f"a person with the id {person_id}",
                found="none in the last run",
                do="Give an id as 'minns export identities' tells it.",
            )
    return path
