"""SSSOM as TSV: our own files, read strictly and written so that they merge; others' files too.

Ours have the columns of `COLUMNS` in that order and rows sorted by what they map, so that the same
maps are the same bytes. What SSSOM has no column for stands in `other`: kind, map id and state.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from minns.codes import CODE_SYSTEMS, CodeSystem
from minns.errors import MappingError
from minns.maps.codemap import EQUIVALENCES, PREDICATES, STATES, CodeMap, State, curie, parts
from minns.store import write_text

SUFFIX = ".sssom.tsv"
COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "author_id",
    "reviewer_id",
    "confidence",
    "mapping_date",
    "review_date",
    "subject_source",
    "object_source_version",
    "comment",
    "other",
)
_REQUIRED = ("subject_id", "predicate_id", "object_id", "mapping_justification")
#: Slots of the whole set that a row without its own takes over.
_PROPAGATED = ("mapping_date", "subject_source", "object_source_version")
_VOCABULARIES = {
    "person": "urn:minns:person:",
    "semapv": "https://w3id.org/semapv/vocab/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "source": "urn:minns:source:",
}
#: Where a system's concepts have another URI than the system itself.
_CONCEPTS = {"http://snomed.info/sct": "http://snomed.info/id/"}
UNSPECIFIED = "https://w3id.org/sssom/license/unspecified"


@dataclass(frozen=True)
class MapFile:
    """A file of maps: its metadata, its maps, and how many rows say nothing that we can use."""

    meta: Mapping[str, Any]
    maps: tuple[CodeMap, ...]
    unusable: int = 0
    path: Path = field(default=Path())


def split(text: str) -> tuple[str, str]:
    """The metadata block of a file, without its marks, and the table."""
    lines = text.removeprefix("\ufeff").splitlines(keepends=True)
    count = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "".join(line[1:] for line in lines[:count]), "".join(lines[count:])


def _metadata(block: str, path: Path) -> dict[str, Any]:
    beside = path.with_name(path.name.removesuffix(".tsv") + ".yml")
    if not block.strip() and beside.is_file():
        block = beside.read_text(encoding="utf-8")
    read = yaml.load(block, yaml.BaseLoader)  # text only
    return read if isinstance(read, dict) else {}


def broken(path: Path, found: str) -> MappingError:
    """The error of a file that is no SSSOM."""
    return MappingError(
        f"SSSOM as TSV in UTF-8 in {path} (columns {', '.join(COLUMNS)})",
        found=found,
        do="Correct that file; 'minns map import' makes one from another format.",
    )


def read_maps(path: Path) -> MapFile:
    """Read a file, ours or another's. Raises `MappingError` when it is no SSSOM."""
    try:
        block, table = split(path.read_text(encoding="utf-8"))
        meta = _metadata(block, path)
        rows = list(csv.DictReader(io.StringIO(table), delimiter="\t", strict=True))
    except (UnicodeDecodeError, yaml.YAMLError, csv.Error):
        raise broken(path, "something else") from None
    missing = [name for name in _REQUIRED if rows and name not in rows[0]]
    if missing or (not rows and not table.strip()):
        raise broken(path, f"no column {', '.join(missing)}" if missing else "no table")
    if any(None in row or None in row.values() for row in rows):
        raise broken(path, "a row with more or fewer cells than the header")
    given = {name: str(meta[name]) for name in _PROPAGATED if name in meta}
    read = [_codemap({**given, **{k: v for k, v in row.items() if v}}) for row in rows]
    maps = [codemap for codemap in read if codemap is not None]
    return MapFile(meta, tuple(maps), len(read) - len(maps), path)


def _codemap(row: Mapping[str, str]) -> CodeMap | None:
    """A row as a map; none when it maps to nothing."""
    (local_system, local_code), (system, code) = (
        parts(row.get(name, "")) for name in ("subject_id", "object_id")
    )
    if not (local_code and code) or system == "sssom":
        return None
    own = dict(part.partition("=")[::2] for part in row.get("other", "").split("; ") if "=" in part)
    state = own.get("state", "suggested")
    return CodeMap(
        map_id=own.get("map", ""),
        local_system=local_system,
        local_code=local_code,
        system=system,
        code=code,
        state=_state(state),
        equivalence=EQUIVALENCES.get(row.get("predicate_id", ""), ""),
        local_text=row.get("subject_label", ""),
        kind=own.get("kind", ""),
        system_version=row.get("object_source_version", ""),
        display=row.get("object_label", ""),
        authors=_people(row.get("author_id", "")),
        reviewers=_people(row.get("reviewer_id", "")),
        justification=row["mapping_justification"],
        confidence=_number(row.get("confidence", "")),
        mapped_on=row.get("mapping_date", ""),
        reviewed_on=row.get("review_date", ""),
        source=parts(row.get("subject_source", ""))[1],
        comment=row.get("comment", ""),
    )


def _state(text: str) -> State:
    return next((state for state in STATES if state == text), "suggested")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _people(text: str) -> tuple[str, ...]:
    """Names in a cell; `person:` is ours, any other prefix stays with its name."""
    found = (
        parts(person) if person.startswith("person:") else ("", person)
        for person in text.split("|")
    )
    return tuple(name for _, name in found if name)


def row_of(codemap: CodeMap) -> dict[str, str]:
    """A map as a row of `COLUMNS`."""
    own = {"kind": codemap.kind, "map": codemap.map_id, "state": codemap.state}
    confidence = codemap.confidence
    return {
        "subject_id": curie(codemap.local_system, codemap.local_code),
        "subject_label": codemap.local_text,
        "predicate_id": PREDICATES[codemap.equivalence],
        "object_id": curie(codemap.system, codemap.code),
        "object_label": codemap.display,
        "mapping_justification": codemap.justification,
        "author_id": "|".join(curie("person", name) for name in codemap.authors),
        "reviewer_id": "|".join(curie("person", name) for name in codemap.reviewers),
        "confidence": "" if confidence is None else f"{confidence:.3g}",
        "mapping_date": codemap.mapped_on,
        "review_date": codemap.reviewed_on,
        "subject_source": curie("source", codemap.source) if codemap.source else "",
        "object_source_version": codemap.system_version,
        "comment": " ".join(codemap.comment.split()),
        "other": "; ".join(f"{key}={value}" for key, value in own.items() if value),
    }


def _curie_map(maps: Iterable[CodeMap], systems: Mapping[str, CodeSystem]) -> dict[str, str]:
    prefixes = dict(_VOCABULARIES)
    for codemap in maps:
        prefixes.setdefault(codemap.local_system, f"urn:minns:codes:{codemap.local_system}:")
        uri = systems[codemap.system].uri if codemap.system in systems else ""
        uri = uri or f"urn:minns:codes:{codemap.system}"
        ending = ":" if uri.startswith("urn:") else "/"
        prefixes[codemap.system] = _CONCEPTS.get(uri, uri + ending)
    return dict(sorted(prefixes.items()))


def write_maps(
    path: Path,
    maps: Iterable[CodeMap],
    meta: Mapping[str, Any] | None = None,
    systems: Mapping[str, CodeSystem] = CODE_SYSTEMS,
) -> None:
    """Write a file of ours; what `meta` says of the set stays, its CURIE map is made anew."""
    ordered = sorted(maps, key=lambda codemap: codemap.place)
    name = path.name.removesuffix(SUFFIX)
    said = {"license": UNSPECIFIED, "mapping_set_id": f"urn:minns:maps:{name}", **(meta or {})}
    said["curie_map"] = _curie_map(ordered, systems)
    block = yaml.safe_dump(said, allow_unicode=True, sort_keys=True, width=100)
    out = io.StringIO()
    out.write("".join(f"# {line}\n" for line in block.splitlines()))
    table = csv.DictWriter(out, COLUMNS, delimiter="\t", lineterminator="\n")
    table.writeheader()
    table.writerows(row_of(codemap) for codemap in ordered)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, out.getvalue())
