"""An open project: its work folder, its ledger, and where its sources, maps and waves are found."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from sqlalchemy.engine import URL, make_url

import mappings
import runbooks
from load.waves import Action
from minns.codes import CODE_SYSTEMS, CodeSystem
from minns.config import (
    Project,
    Source,
    Wave,
    expand,
    is_outward,
    load_project,
    load_source,
    load_wave,
    refuse_no_url,
)
from minns.errors import ConfigError, StoreError
from minns.ledger import Entry, Ledger
from minns.store import Store
from minns.terminology import manifests

#: The mappings that come with minns; a project writes none of them.
PACKAGED = mappings.FOLDER.resolve()
Mode = Literal["rehearsal", "cutover"]
#: Schemas of the two records when one PostgreSQL database holds both.
SCHEMAS: dict[Mode, str] = {"cutover": "record", "rehearsal": "rehearsal"}


def action_of(started: Entry) -> Action:
    """Whether a run brought its wave in or took it out."""
    return "withdraw" if started.body.get("action") == "withdraw" else "load"


@dataclass(frozen=True)
class TargetPlace:
    """Where a run loads: SQLAlchemy URL with its secrets filled in, and schema if there are any.

    `outward`: where the record is delivered to from there (`fhir+…` or `ndjson:…`), if anywhere.
    """

    url: str
    schema: str | None
    outward: str = ""

    @property
    def shown(self) -> str:
        """The place as people may see it: no password, and of a file its name."""
        onward = f" → {self.outward}" if self.outward else ""
        url = make_url(self.url)
        if url.get_backend_name() == "sqlite":
            return Path(str(url.database)).name + onward
        schema = f" ({self.schema})" if self.schema else ""
        return url.render_as_string(hide_password=True) + schema


def _apart(url: URL, mode: Mode) -> str:
    """MariaDB has no schemas: what is rehearsed has a database of its own, named after the real."""
    named = url.set(database=f"{url.database}_rehearsal") if mode == "rehearsal" else url
    return named.render_as_string(hide_password=False)


@dataclass(frozen=True)
class Site:
    """One project at work."""

    project: Project

    @cached_property
    def store(self) -> Store:
        return Store(self.project.work_folder)

    @cached_property
    def ledger(self) -> Ledger:
        url = expand(self.project.ledger_url)
        refuse_no_url(url, "'ledger' of minns.toml")
        return Ledger(url)

    @cached_property
    def code_systems(self) -> Mapping[str, CodeSystem]:
        """Code systems by name, with this project's OIDs and URIs (they are contested)."""
        known = dict(CODE_SYSTEMS)
        for name, own in self.project.code_systems.items():
            base = known.get(name, CodeSystem(name, name, "", ""))
            given = own.model_dump(exclude_none=True)
            uri = given.get("uri") or base.uri or f"urn:oid:{given.get('oid', base.oid)}"
            known[name] = replace(base, **{**given, "uri": uri})
        return known

    @property
    def own_mappings(self) -> Path | None:
        return self.project.root / self.project.mappings if self.project.mappings else None

    def mapping_folder(self, source: str) -> Path:
        """`mappings/<source>/`: the project's own, else the packaged one."""
        for base in (self.own_mappings, mappings.FOLDER):
            if base is not None and (base / source / "source.toml").is_file():
                return base / source
        known = self.source_names()
        raise ConfigError(
            f"a source named '{source}' (mappings/{source}/source.toml)",
            found=f"these: {', '.join(known)}",
            do="Name one of them, or set 'mappings' in minns.toml to the folder that has it.",
        )

    def source_names(self) -> list[str]:
        """The sources that have a mapping, the project's own or a packaged one."""
        bases = [base for base in (self.own_mappings, mappings.FOLDER) if base is not None]
        return sorted({path.parent.name for base in bases for path in base.glob("*/source.toml")})

    def source(self, name: str) -> Source:
        """A source with this project's connection."""
        source = load_source(self.mapping_folder(name) / "source.toml")
        own = self.project.sources.get(name)
        if own is None:
            return source
        said = {"url": own.url, "folder": own.folder, "gently": own.gently}
        given = {k: v for k, v in said.items() if v is not None}
        return source.model_copy(update=given)

    def wave(self, name: str) -> Wave:
        """A wave: the project's own, else the packaged one."""
        own = self.project.root / self.project.runbooks / f"{name}.toml"
        packaged = runbooks.FOLDER / f"{name}.toml"
        if not own.is_file() and not packaged.is_file():
            known = sorted(
                {p.stem for p in [*own.parent.glob("*.toml"), *packaged.parent.glob("*.toml")]}
            )
            raise ConfigError(
                f"a wave named '{name}'",
                found=f"these: {', '.join(known) or 'none'}",
                do=f"Write {self.project.runbooks}/{name}.toml, or name one of them.",
            )
        return load_wave(own if own.is_file() else packaged)

    def code_maps(self, sources: tuple[str, ...]) -> tuple[Path, ...]:
        """The files of the code maps (shared by all, then each source's own), the list of known
        codes, and the marks of the editions in the terminology store.
        """
        folders = [self.shared_codes, *(self.mapping_folder(s) / "codes" for s in sources)]
        files = [path for folder in folders for path in sorted(folder.glob("*.[ct]sv"))]
        return (*files, *manifests(self.store))

    @property
    def unit_tables(self) -> tuple[Path, ...]:
        """The folders of the tables of units: the packaged one, then the project's own, whose rows
        stand instead of those of the same name, and beside the others.
        """
        own = self.own_mappings / "units" if self.own_mappings else None
        return (mappings.FOLDER / "units", *([own] if own and own.is_dir() else []))

    @property
    def shared_codes(self) -> Path:
        """The folder of the code maps that all sources share."""
        own = self.own_mappings
        shared = own is not None and (own / "codes").is_dir()
        return (own if own is not None and shared else mappings.FOLDER) / "codes"

    def target(self, mode: Mode) -> TargetPlace:
        """The record that a run of this mode loads; a rehearsal never meets the real one."""
        project = self.project
        outward = self._outward(mode)
        if mode == "rehearsal" and project.rehearsal_target and not outward:
            own = expand(project.rehearsal_target)
            refuse_no_url(own, "'rehearsal_target' of minns.toml")
            return TargetPlace(own, None)
        url = expand(project.record_url)
        refuse_no_url(url, "'target' of minns.toml")
        if outward:
            url = f"sqlite:///{project.work_folder / 'record.db'}"
        parsed = make_url(url)
        if parsed.get_backend_name() in ("mysql", "mariadb"):
            return TargetPlace(_apart(parsed, mode), None)
        if not url.startswith("sqlite"):
            return TargetPlace(url, SCHEMAS[mode])
        path = Path(url.removeprefix("sqlite:///"))
        path = path if path.is_absolute() else project.root / path
        if mode == "rehearsal":
            path = path.with_name(f"{path.stem}-rehearsal{path.suffix}")
        return TargetPlace(f"sqlite:///{path}", None, outward)

    def _outward(self, mode: Mode) -> str:
        """Where the record is delivered to, if anywhere; a rehearsal never to the real place."""
        project = self.project
        target = project.target or ""
        if mode == "rehearsal":
            own = project.rehearsal_target
            kept = f"ndjson:{project.work_folder / 'rehearsal-ndjson'}"
            target = own if own else kept if is_outward(target) else ""
        return expand(target) if is_outward(target) else ""

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One run at a time in one work folder; the lock goes with the process, however it ends."""
        self.store.folder.mkdir(parents=True, exist_ok=True)
        with (self.store.folder / "run.lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreError(
                    f"the work folder {self.store.folder} to be free",
                    found="another run is using it",
                    do="Wait until it has ended, then run again.",
                ) from None
            yield

    def _started(self, wave: str, mode: Mode) -> list[Entry]:
        """The starts of a wave's runs and withdrawals in this mode, in order."""
        return [
            entry
            for entry in self.ledger.entries("run_started")
            if (entry.body["wave"], entry.body["mode"]) == (wave, mode)
        ]

    def unfinished(self, wave: str, mode: Mode, action: Action = "load") -> Entry | None:
        """The newest run (or withdrawal) of a wave in this mode, when it was begun and never ended.

        A run that a withdrawal came after is not gone on with, nor the other way round.
        """
        started = self._started(wave, mode)
        if not started or action_of(started[-1]) != action:
            return None
        ended = self.ledger.entries("run_finished", started[-1].run_id)
        return None if ended else started[-1]

    def next_run(self, wave: str, mode: Mode, action: Action = "load") -> str:
        """The name of the next run: wave, mode and a number; of a withdrawal, with that word."""
        count = sum(action_of(entry) == action for entry in self._started(wave, mode))
        word = "-withdrawal" if action == "withdraw" else ""
        return f"{wave}-{mode}{word}-{count + 1}"


def open_site(folder: Path) -> Site:
    """The project in `folder` (with minns.toml), or the one in a folder above it."""
    start = folder.resolve()
    for place in (start, *start.parents):
        if (place / "minns.toml").is_file():
            return Site(load_project(place / "minns.toml"))
    raise ConfigError(
        f"minns.toml in {start} or above",
        found="none",
        do="Run 'minns init' here, or name the project with --project.",
    )
