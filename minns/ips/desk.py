"""`minns export ips`: whose summary is asked for, who asks, and the file it goes to."""

import tempfile
from pathlib import Path
from typing import Any

import orjson

import load
from minns.inquiry import exported, past_run
from minns.ips.document import Told, document
from minns.recorded import note_reading, person_of, recorded
from minns.resources import resource_step
from minns.runner import Nobody, Runner, Watch
from minns.site import Site


def summary(
    site: Site, who: str, language: str, *, by: str | None = None, watch: Watch | None = None
) -> dict[str, Any]:
    """The patient summary of a person (an id, or SOURCE:ID), as the last run left the record.

    The ledger is told first who looks at whom.
    """
    run = past_run(site)
    with recorded(site, rehearsal=run.finished.body["mode"] == "rehearsal") as record:
        person_id = person_of(record, who)
        note_reading(site, record, person_id, "ips", by)
    runner = Runner(site.project, site.store, watch or Nobody(), dict(run.tables))
    with site.locked():
        runner.run((resource_step(site, runner.tables),))
    made = runner.tables["fhir"]
    load.refuse_unfit(made)
    with (
        tempfile.TemporaryDirectory(dir=site.store.scratch) as scratch,
        runner.engine() as engine,
    ):
        engine.view("resource", made.parts("resource"))
        part = Path(scratch) / "person.parquet"
        load.person_part(engine, person_id, part)
        engine.view("part", part)
        bodies = engine.rows("select body from part order by resource_type, resource_id")
        moved = engine.rows("select distinct resource_type from resource")
    told = Told(
        person_id,
        run.finished.moment,
        frozenset(kind for (kind,) in moved),
        site.project.fhir.base,
        language,
    )
    own = [orjson.loads(body) for (body,) in bodies]
    return document([resource for resource in own if _of(resource, person_id)], told)


def _of(resource: dict[str, Any], person_id: str) -> bool:
    """Not the facts of others, to whom a fact of this person may refer."""
    subject = resource.get("subject") or resource.get("patient")
    return subject is None or subject.get("reference") == f"Patient/{person_id}"


def counted(bundle: dict[str, Any]) -> dict[str, Any]:
    """What a document holds: entries by section, as plain JSON values."""
    composition = bundle["entry"][0]["resource"]
    found = {part["title"]: len(part.get("entry", [])) for part in composition["section"]}
    return {"entries": len(bundle["entry"]), "sections": found}


def write(bundle: dict[str, Any], path: Path) -> None:
    """Write the document to the file that was asked for, for its owner's eyes only."""
    with exported(path) as aside:
        aside.chmod(0o600)
        aside.write_bytes(orjson.dumps(bundle, option=orjson.OPT_INDENT_2) + b"\n")
