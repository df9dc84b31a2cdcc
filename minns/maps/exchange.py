"""Maps of others, and ours for others: SSSOM, Usagi's export, FHIR ConceptMap."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from minns.codes import CODE_SYSTEMS, CodeSystem
from minns.errors import ConfigError
from minns.maps import conceptmap, usagi
from minns.maps.codemap import STATES, CodeMap
from minns.maps.sssom import read_maps, write_maps
from minns.store import digest

FORMATS = ("sssom", "usagi", "conceptmap")


@dataclass(frozen=True)
class Told:
    """What whoever imports says of a file that it does not say itself."""

    format: str | None = None
    system: str = ""
    target: str = ""
    target_version: str = ""
    kind: str = ""
    author: str = ""
    source: str = ""


@dataclass(frozen=True)
class Taken:
    """The maps of a file, and how many of its rows gave none, by reason."""

    maps: tuple[CodeMap, ...]
    skipped: Mapping[str, int] = field(default_factory=dict)


def format_of(path: Path, told: str | None) -> str:
    """The format of a file: told, or by its name."""
    names = {".json": "conceptmap", ".csv": "usagi", ".tsv": "sssom"}
    found = told or names.get(path.suffix.lower(), "")
    if found not in FORMATS:
        raise ConfigError(
            f"one of the formats {', '.join(FORMATS)}",
            found=f"'{told or path.name}'",
            do="Name it with --format.",
        )
    return found


def take(path: Path, told: Told, systems: Mapping[str, CodeSystem] = CODE_SYSTEMS) -> Taken:
    """Read a file of maps. None comes in as approved: that is decided here, by people."""
    if not path.is_file():
        raise ConfigError(f"a file of maps at {path}", found="none", do="Check the path.")
    kind = format_of(path, told.format)
    uris = {system.uri: system.name for system in systems.values() if system.uri}
    readers: dict[str, Callable[[], Taken]] = {
        "sssom": lambda: _sssom(path, uris),
        "usagi": lambda: Taken(*usagi.read(path)),
        "conceptmap": lambda: Taken(*conceptmap.read(path, uris)),
    }
    taken = readers[kind]()
    maps = tuple(_settled(codemap, told) for codemap in taken.maps)
    unknown = [c for c in maps if not (c.local_system and c.system)]
    if unknown:
        what = "the local codes' system" if not unknown[0].local_system else "the target's system"
        raise ConfigError(
            f"to know {what} in {path.name}",
            found="none that is known here",
            do="Name it with --system (local) or --target (standard).",
        )
    return Taken(maps, taken.skipped)


def _sssom(path: Path, uris: Mapping[str, str]) -> Taken:
    read = read_maps(path)
    prefixes = read.meta.get("curie_map", {})
    prefixes = prefixes if isinstance(prefixes, dict) else {}

    def ours(prefix: str) -> str:
        uri = str(prefixes.get(prefix, "")).rstrip("/#:")
        return prefix if prefix in uris.values() else uris.get(uri, prefix)

    maps = [replace(codemap, system=ours(codemap.system)) for codemap in read.maps]
    # Another's file has no state: who is named as author has made the map.
    maps = [replace(c, state="mapped") if c.authors and not c.map_id else c for c in maps]
    return Taken(tuple(maps), {"no target": read.unusable} if read.unusable else {})


def _settled(codemap: CodeMap, told: Told) -> CodeMap:
    given = {
        "local_system": told.system,
        "system": told.target,
        "system_version": told.target_version,
        "kind": told.kind,
        "source": told.source,
    }
    made = replace(codemap, **{name: value for name, value in given.items() if value})  # type: ignore[arg-type]
    if made.state == "approved":
        made = replace(made, state="reviewed")
    if told.author and made.state == "suggested":
        made = replace(made, state="mapped", authors=(told.author,))
    return replace(made, map_id=made.map_id or f"{made.local_system}-{digest(made.place)[:8]}")


def merged(old: Iterable[CodeMap], new: Iterable[CodeMap]) -> tuple[list[CodeMap], int]:
    """Old maps and those of the new that say something else; and how many these are.

    What people decided here stands: a new map of the same pair does not change it.
    """
    kept = {codemap.place[:-1]: codemap for codemap in old}
    added = 0
    for codemap in new:
        before = kept.get(codemap.place[:-1])
        ahead = before is None or (before.state == "suggested" and _rank(codemap) > _rank(before))
        if ahead:
            kept[codemap.place[:-1]] = codemap
            added += 1
    return list(kept.values()), added


def _rank(codemap: CodeMap) -> int:
    return STATES.index(codemap.state)


def give(
    path: Path,
    maps: Iterable[CodeMap],
    told: str | None = None,
    systems: Mapping[str, CodeSystem] = CODE_SYSTEMS,
) -> None:
    """Write maps to a file in a format."""
    writers: dict[str, Callable[[Path, list[CodeMap]], None]] = {
        "sssom": lambda p, m: write_maps(p, m, None, systems),
        "usagi": usagi.write,
        "conceptmap": lambda p, m: conceptmap.write(p, m, systems),
    }
    ordered = sorted(maps, key=lambda codemap: codemap.place)
    writers[format_of(path, told)](path, ordered)
