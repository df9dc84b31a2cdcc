"""Import: a release of a code system becomes an edition in the store."""

import datetime
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from minns.codes import CODE_SYSTEMS, CodeSystem
from minns.engine import Engine
from minns.errors import ConfigError
from minns.store import Store, digest
from minns.terminology import athena, fhir, omop, rf2, tables, ucum
from minns.terminology.concept import Edition, Reading, date_of, folded_sql, gather
from minns.terminology.formats import Format, format_of
from minns.terminology.shelf import TABLE, edition_of, folder

#: Raise it when what an import makes of the same release changes.
_SHAPE = 1


@dataclass(frozen=True)
class Release:
    """What is imported: a file or folder, and what its operator says of it."""

    path: Path
    system: str | None = None
    version: str | None = None
    format: str | None = None
    valid_from: datetime.date | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


def import_release(
    store: Store,
    release: Release,
    systems: Mapping[str, CodeSystem] = CODE_SYSTEMS,
    memory_limit: str = "2GB",
) -> Edition:
    """Read a release into `work/terminology/<system>/<version>/`; imported before, it is found.

    Lines that are no concept are counted by reason in the edition, and never stop an import.
    """
    kind = format_of(release.path, release.format, release.system)
    with Engine(store.scratch, memory_limit=memory_limit) as engine:
        system, version = _named(engine, release, kind, systems)
        day = release.valid_from or date_of(version)
        shape = [_SHAPE, omop.CONCEPTS, omop.MAPS] if system == athena.OMOP else _SHAPE
        key = digest([shape, _content(release.path), kind.name, str(day), dict(release.columns)])
        place = folder(store) / system / version
        found = store.find(place)
        if found is not None and found.key == key:
            return edition_of(found)
        uri = systems[system].uri if system in systems else ""
        reading = _read(engine, release, kind, system, day, uri)
        _write(engine, store, place, key, reading, (kind.name, system, version, day))
    written = store.find(place)
    assert written is not None
    return edition_of(written)


def _named(
    engine: Engine, release: Release, kind: Format, systems: Mapping[str, CodeSystem]
) -> tuple[str, str]:
    """System and version: what the operator says, else what the release says."""
    system, version = release.system or kind.system, release.version
    if kind.name == "rf2":
        version = version or rf2.version(release.path)
    elif kind.name == "ucum":
        version = version or ucum.version(release.path)
    elif kind.name in ("codesystem", "valueset"):
        uri, own = fhir.identity(release.path)
        system = system or next((s.name for s in systems.values() if s.uri == uri), None)
        version = version or own
    elif kind.name == "athena" and system and not version:
        athena.take_all(engine, release.path)
        version = _safe(athena.version(engine, system))
    return _told(release.path, "system", system), _told(release.path, "version", version)


def _safe(version: str | None) -> str | None:
    """A version that is free text, as a name."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", version).strip("-") if version else None


def _told(path: Path, what: str, value: str | None) -> str:
    """A name that can be a folder's, or an error that asks for it."""
    if not value:
        raise ConfigError(
            f"to know the {what} of {path.name}",
            found="nothing in it that says so",
            do=f"Name it with --{what}.",
        )
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", value) or value.endswith(".partial"):
        raise ConfigError(
            f"a {what} of letters, digits, dots, hyphens",
            found=f"'{value}'",
            do=f"Name it with --{what}.",
        )
    return value


def _content(path: Path) -> list[str]:
    """Hashes of the release's files."""
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    hashes = []
    for file in files:
        with file.open("rb") as handle:
            hashes.append(hashlib.file_digest(handle, "sha256").hexdigest())
    return hashes


def _read(
    engine: Engine,
    release: Release,
    kind: Format,
    system: str,
    day: datetime.date | None,
    uri: str,
) -> Reading:
    path = release.path
    if kind.name == "rf2":
        return rf2.read(engine, path)
    if kind.name == "athena":
        return athena.read(engine, path, system)
    if kind.name == "ucum":
        return ucum.read(engine, path)
    if kind.name in ("codesystem", "valueset"):
        return fhir.read(engine, path, uri)
    return tables.read(engine, path, system, day, release.columns)


def _write(
    engine: Engine,
    store: Store,
    place: Path,
    key: str,
    reading: Reading,
    named: tuple[str, str, str, datetime.date | None],
) -> None:
    kind, system, version, day = named
    with store.publish(place, key) as draft:
        part = draft.part(TABLE)
        gather(engine, reading)
        rows = engine.copy(folded_sql(system, version), part)
        if not rows:
            raise ConfigError(
                f"concepts of {system} in the release",
                found=f"none ({', '.join(f'{n} x {why}' for why, n in reading.refused.items())})",
                do="Check its format and columns, and name them with --format and --column.",
            )
        engine.view("imported", part)
        retired = engine.value("select count(*) from imported where not active")
        draft.describe(TABLE, rows=rows)
        if (kind, system) == ("athena", athena.OMOP):
            omop.write_tables(engine, draft)
        draft.note(
            system=system,
            version=version,
            format=kind,
            valid_from=str(day) if day else None,
            retired=int(retired),
            refused={why: count for why, count in reading.refused.items() if count},
        )
