"""The record written to files for research and follow-up, as it stood after its last whole load.

Who exported what is written to the ledger first.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import minns
from load.research import About, Choice, Count, Parcel, pseudonyms, published, stage_kept, take
from load.research import columnar as _columnar
from load.research import omop as _omop
from load.research.concepts import stage_vocabulary
from load.research.dictionary import as_markdown, dictionary
from load.research.telling import readme
from minns.engine import Engine
from minns.errors import ConfigError
from minns.model import FACTS
from minns.recorded import Record, reader, recorded
from minns.runner import Runner
from minns.site import Site
from minns.step import Progress, silent
from minns.store import write_json, write_text
from minns.terminology import omop as terms


@dataclass(frozen=True)
class Asked:
    """What is to be exported: of which record and load, with what, and who asks.

    `holder`: who answers for the data, as the OMOP model's cdm_source tells it. `key`: the file
    with the key of the ids that leave; default one in the work folder.
    """

    choice: Choice = field(default_factory=Choice)
    rehearsal: bool = False
    as_of: int | None = None
    by: str | None = None
    vocabulary: str | None = None
    csv: bool = False
    holder: str = "not stated"
    key: Path | None = None


def parquet(
    site: Site, folder: Path, asked: Asked, progress: Progress = silent
) -> Mapping[str, Any]:
    """Write the consolidated record as one Parquet file a table, with its data dictionary; gives
    the manifest.
    """
    with _begun(site, folder, asked, "parquet", progress) as export:
        choice, parcel = asked.choice, export.parcel
        rows = _columnar.write_tables(export.engine, parcel.folder, choice, progress)
        parcel.manifest["tables"] = rows
        besides = {name: count for name, count in export.counts.items() if name not in FACTS}
        parcel.manifest["persons"] = _told(besides.pop("person"))
        parcel.manifest["facts"] = {kind: _told(export.counts[kind]) for kind in FACTS}
        parcel.manifest["besides"] = {name: _told(count) for name, count in besides.items()}
        described = dictionary(rows, choice)
        write_json(parcel.folder / "dictionary.json", described)
        write_text(parcel.folder / "dictionary.md", as_markdown(described))
        write_text(parcel.folder / "README.md", readme("The consolidated record", parcel.manifest))
    return parcel.manifest


def omop(site: Site, folder: Path, asked: Asked, progress: Progress = silent) -> Mapping[str, Any]:
    """Write the record as tables of the OMOP Common Data Model 5.4; gives the manifest."""
    edition = terms.vocabulary(site.store, asked.vocabulary)
    with _begun(site, folder, asked, "omop", progress) as export:
        engine, parcel = export.engine, export.parcel
        found = [terms.parts(edition, t) if edition else None for t in (terms.CONCEPTS, terms.MAPS)]
        stage_vocabulary(engine, *found)
        version = edition.version if edition else None
        about = About(export.day, version, asked.holder, f"minns {minns.__version__}")
        told = _omop.write_tables(
            engine, parcel.folder, export.scratch, asked.choice, about, progress
        )
        engine.copy(_omop.unmapped_sql(), parcel.folder / "unmapped.parquet")
        parcel.manifest |= {"cdm_version": "5.4", "vocabulary": version, **told}
        parcel.manifest["persons"] = _omop.persons(engine, export.counts["person"])
        parcel.manifest["facts"] = _omop.balance(engine, export.counts)
        if asked.csv:
            for path in sorted(parcel.folder.glob("*.parquet")):
                engine.csv(path, path.with_suffix(".csv"))
        write_text(parcel.folder / "README.md", readme("OMOP CDM 5.4", parcel.manifest))
    return parcel.manifest


@dataclass(frozen=True)
class _Export:
    """An export under way."""

    engine: Engine
    parcel: Parcel
    scratch: Path
    counts: Mapping[str, Count]
    day: str


@contextmanager
def _begun(
    site: Site, folder: Path, asked: Asked, what: str, progress: Progress
) -> Iterator[_Export]:
    """The record is read, what is kept of it is staged, and the folder is open to be written to."""
    with (
        recorded(site, rehearsal=asked.rehearsal, as_of=asked.as_of) as record,
        published(folder, f"minns export {what}") as parcel,
        tempfile.TemporaryDirectory(prefix="export-", dir=_scratch(site)) as scratch,
        Runner(site.project, site.store).engine() as engine,
    ):
        load_id, run_id = _last(record)
        parcel.manifest |= {
            "record": f"{record.shown} ({record.mode})",
            "load": load_id,
            "with_identifiers": asked.choice.with_identifiers,
            "with_texts": asked.choice.with_texts,
        }
        _note(site, record, asked, what, load_id)
        take(engine, record.target, load_id, Path(scratch) / "record", progress)
        counts = stage_kept(engine)
        pseudonyms.make_macro(engine, _key(site, asked))
        yield _Export(engine, parcel, Path(scratch), counts, _day(site, run_id))


def _key(site: Site, asked: Asked) -> str | None:
    """The key of the ids; with identifiers, ids are the record's own."""
    if asked.choice.with_identifiers:
        return None
    return pseudonyms.key_of(asked.key or site.store.folder / "research.key")


def _scratch(site: Site) -> Path:
    site.store.scratch.mkdir(parents=True, exist_ok=True)
    return site.store.scratch


def _note(site: Site, record: Record, asked: Asked, what: str, load_id: int) -> None:
    """Write to the ledger who took a copy of what."""
    choice = asked.choice
    body = {
        "what": what,
        "by": reader(asked.by),
        "record": record.mode,
        "load": load_id,
        "with_identifiers": choice.with_identifiers,
        "with_texts": choice.with_texts,
    }
    site.ledger.append("", "export", body)


def _last(record: Record) -> tuple[int, str]:
    """The load that is asked for, else the last that ended, and its run."""
    ended = [row for row in record.target.loads() if row.state == "done"]
    chosen = [row for row in ended if record.as_of in (None, row.load_id)]
    if not chosen:
        raise ConfigError(
            "a record with a load that ended", found="none", do="Run 'minns run WAVE' first."
        )
    return chosen[-1].load_id, chosen[-1].run_id


def _day(site: Site, run_id: str) -> str:
    """The day on which a run ended, else began, as the ledger tells."""
    for kind in ("run_finished", "run_started"):
        if entries := site.ledger.entries(kind, run_id):
            return str(entries[-1].moment)[:10]
    return "1970-01-01"


def _told(count: Count) -> dict[str, Any]:
    return {"record": count.record, "exported": count.kept, "left_out": dict(count.left_out)}
