"""FHIR CodeSystem and ValueSet as JSON (R4)."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from minns.engine import Engine
from minns.errors import ConfigError
from minns.terminology.concept import Reading
from minns.terminology.delimited import start_of

_LISTS = ("synonyms", "replaced_by", "parents")
_TEXTS = ("code", "display", "valid_from", "valid_to")
_SCHEMA = pa.schema(
    [(name, pa.string()) for name in _TEXTS]
    + [("active", pa.bool_())]
    + [(name, pa.list_(pa.string())) for name in _LISTS]
)
#: Property codes by what they tell.
_REPLACED = ("replacedBy", "replaced-by", "successor", "MAP_TO")
_STATES = ("retired", "deprecated", "withdrawn", "inactive")


def resource(path: Path) -> dict[str, Any]:
    """The resource in a file; empty when it is no JSON object."""
    try:
        read = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return {}
    return read if isinstance(read, dict) else {}


def recognises(path: Path, kind: str) -> bool:
    """Whether a file holds a CodeSystem or ValueSet."""
    if not start_of(path).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return False
    return resource(path).get("resourceType") == kind


def identity(path: Path) -> tuple[str | None, str | None]:
    """URI and version of the system that the resource is about, when it is about one."""
    read = resource(path)
    if read.get("resourceType") == "CodeSystem":
        return read.get("url"), read.get("version")
    systems = {part.get("system"): part.get("version") for part in _parts(read)}
    systems.pop(None, None)
    if len(systems) != 1:
        return None, read.get("version")
    ((uri, version),) = systems.items()
    return uri, version or read.get("version")


def _parts(value_set: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a value set lists: the parts of its composition, and its expansion's lines."""
    listed = list(value_set.get("compose", {}).get("include", []))
    open_lines = list(value_set.get("expansion", {}).get("contains", []))
    while open_lines:
        line = open_lines.pop()
        listed.append({**line, "concept": [line]})
        open_lines.extend(line.get("contains", []))
    return listed


def _properties(concept: Mapping[str, Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item in concept.get("property", []):
        values = [value for key, value in item.items() if key.startswith("value")]
        values = [value.get("code") if isinstance(value, dict) else value for value in values]
        found.setdefault(str(item.get("code")), []).extend(values)
    return found


def _statement(concept: Mapping[str, Any], parent: str | None) -> dict[str, Any]:
    properties = _properties(concept)
    gone = True in properties.get("inactive", []) or bool(concept.get("inactive"))
    gone = gone or bool({str(s).lower() for s in properties.get("status", [])} & set(_STATES))
    texts = [item.get("value") for item in concept.get("designation", [])]
    above = [parent, *properties.get("parent", [])]
    return {
        "code": concept.get("code"),
        "display": concept.get("display") or next(iter(texts), None) or concept.get("code"),
        "synonyms": [str(text) for text in texts if text],
        "valid_from": next(map(str, properties.get("effectiveDate", [])), None),
        "valid_to": next(map(str, properties.get("deprecationDate", [])), None),
        "active": not gone,
        "replaced_by": [str(c) for name in _REPLACED for c in properties.get(name, [])],
        "parents": [str(code) for code in above if code],
    }


def _statements(read: Mapping[str, Any], uri: str) -> Iterator[dict[str, Any]]:
    waiting: list[tuple[Mapping[str, Any], str | None]]
    if read.get("resourceType") == "CodeSystem":
        waiting = [(concept, None) for concept in read.get("concept", [])]
    else:
        own = [part for part in _parts(read) if not uri or part.get("system") in (uri, None)]
        waiting = [(concept, None) for part in own for concept in part.get("concept", [])]
        waiting = [({**concept, "concept": []}, None) for concept, _ in waiting]
    while waiting:
        concept, parent = waiting.pop()
        yield _statement(concept, parent)
        waiting.extend((child, concept.get("code")) for child in concept.get("concept", []))


def read(engine: Engine, path: Path, uri: str) -> Reading:
    """Read a resource's concepts; of a value set over several systems, those of `uri`."""
    stated = pa.Table.from_pylist(list(_statements(resource(path), uri)), _SCHEMA)
    if not stated.num_rows:
        raise ConfigError(
            f"concepts in {path.name}",
            found="none" + (f" of {uri}" if uri else ""),
            do="Export it with its content ('complete'), or a value set that is expanded.",
        )
    with engine.arrow("fhir_read", stated):
        engine.run("create or replace table fhir_concept as select * from fhir_read")
    bad = engine.value("select count(*) from fhir_concept where tidy(code) is null")
    rows = """
        select code, display, synonyms, try_cast(left(valid_from, 10) as date) as valid_from,
            try_cast(left(valid_to, 10) as date) as valid_to, active, replaced_by, parents
        from fhir_concept where tidy(code) is not null"""
    return Reading(rows, {"line without code": int(bad)})
