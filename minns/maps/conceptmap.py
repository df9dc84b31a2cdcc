"""FHIR ConceptMap (R4)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from minns.codes import CodeSystem
from minns.errors import MappingError
from minns.maps.codemap import CodeMap
from minns.store import write_json

EQUIVALENCES = {
    "equal": "equivalent",
    "equivalent": "equivalent",
    "wider": "wider",
    "subsumes": "wider",
    "narrower": "narrower",
    "specializes": "narrower",
    "inexact": "inexact",
    "relatedto": "",
}


def read(path: Path, uris: Mapping[str, str]) -> tuple[tuple[CodeMap, ...], Mapping[str, int]]:
    """The maps of a ConceptMap; `uris`: our name of each system. And what gives no map."""
    try:
        resource = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        resource = None
    if not isinstance(resource, dict) or resource.get("resourceType") != "ConceptMap":
        raise MappingError(
            f"a FHIR ConceptMap as JSON in {path.name}",
            found="something else",
            do="Export it as JSON, or name another --format.",
        )
    skipped: Counter[str] = Counter()
    maps = []
    for codemap in _maps(resource, uris):
        if codemap is None:
            skipped["no target"] += 1
        else:
            maps.append(codemap)
    return tuple(maps), dict(skipped)


def _maps(resource: Mapping[str, Any], uris: Mapping[str, str]) -> Iterator[CodeMap | None]:
    for group in resource.get("group", []):
        source, target = str(group.get("source", "")), str(group.get("target", ""))
        systems = (_system(source, uris), uris.get(target, ""))
        for element in group.get("element", []):
            for found in element.get("target", [{}]):
                yield _map(systems, str(group.get("targetVersion", "")), element, found)


def _system(uri: str, uris: Mapping[str, str]) -> str:
    own = "urn:minns:codes:"
    return uri.removeprefix(own) if uri.startswith(own) else uris.get(uri, "")


def _map(
    systems: tuple[str, str],
    version: str,
    element: Mapping[str, Any],
    target: Mapping[str, Any],
) -> CodeMap | None:
    equivalence = str(target.get("equivalence", ""))
    if not (element.get("code") and target.get("code")) or equivalence not in EQUIVALENCES:
        return None
    return CodeMap(
        map_id="",
        local_system=systems[0],
        local_code=str(element["code"]),
        local_text=str(element.get("display", "")),
        system=systems[1],
        system_version=version,
        code=str(target["code"]),
        display=str(target.get("display", "")),
        equivalence=EQUIVALENCES[equivalence],
        comment=str(target.get("comment", "")),
    )


def write(path: Path, maps: Sequence[CodeMap], systems: Mapping[str, CodeSystem]) -> None:
    """Write maps as one ConceptMap, a group for each pair of systems and version."""

    def pair(codemap: CodeMap) -> tuple[str, str, str]:
        return codemap.local_system, codemap.system, codemap.system_version

    def uri(system: str) -> str:
        known = systems.get(system)
        return (known.uri if known else "") or f"urn:minns:codes:{system}"

    groups = []
    for (local, system, version), members in groupby(sorted(maps, key=pair), key=pair):
        group: dict[str, Any] = {"source": uri(local), "target": uri(system)}
        if version:
            group["targetVersion"] = version
        codes = groupby(sorted(members, key=lambda m: m.place), key=lambda m: m.local_code)
        group["element"] = [_element(list(same)) for _, same in codes]
        groups.append(group)
    head = {"resourceType": "ConceptMap", "status": "active", "name": path.stem}
    write_json(path, {**head, "group": groups})


def _element(maps: Sequence[CodeMap]) -> dict[str, Any]:
    element: dict[str, Any] = {"code": maps[0].local_code}
    if maps[0].local_text:
        element["display"] = maps[0].local_text
    element["target"] = [
        {
            "code": codemap.code,
            **({"display": codemap.display} if codemap.display else {}),
            "equivalence": codemap.equivalence or "relatedto",
            **({"comment": codemap.comment} if codemap.comment else {}),
        }
        for codemap in maps
    ]
    return element
