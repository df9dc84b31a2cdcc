"""UCUM's essence: the units that its XML defines."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa

from minns.engine import Engine
from minns.errors import ConfigError
from minns.terminology.concept import Reading
from minns.terminology.delimited import start_of

_SPACE = "{http://unitsofmeasure.org/ucum-essence}"
_SCHEMA = pa.schema(
    [("code", pa.string()), ("display", pa.string()), ("synonyms", pa.list_(pa.string()))]
)


def recognises(path: Path) -> bool:
    """Whether a file is UCUM's essence."""
    return b"ucum-essence" in start_of(path)


def version(path: Path) -> str | None:
    """The version that the root tells."""
    found = re.search(rb"<root[^>]*\sversion=\"([^\"]+)\"", start_of(path))
    return found.group(1).decode() if found else None


def _units(path: Path) -> Iterator[dict[str, Any]]:
    for _, element in ElementTree.iterparse(path):
        if element.tag not in (f"{_SPACE}unit", f"{_SPACE}base-unit"):
            continue
        names = ["".join(name.itertext()).strip() for name in element.findall(f"{_SPACE}name")]
        symbol = element.find(f"{_SPACE}printSymbol")
        marks = [] if symbol is None else ["".join(symbol.itertext()).strip()]
        yield {
            "code": element.get("Code"),
            "display": next(iter(names), None),
            "synonyms": [*names, *marks],
        }
        element.clear()


def read(engine: Engine, path: Path) -> Reading:
    """Read the units; each with its names and printed symbol."""
    try:
        units = pa.Table.from_pylist(list(_units(path)), _SCHEMA)
    except ElementTree.ParseError:
        raise ConfigError(
            f"UCUM's essence as XML in {path.name}",
            found="XML that breaks off or does not parse",
            do="Download it again from its publisher.",
        ) from None
    with engine.arrow("ucum_read", units):
        engine.run("create or replace table ucum_unit as select * from ucum_read")
    bad = engine.value("select count(*) from ucum_unit where code is null or display is null")
    rows = """
        select code, display, synonyms, cast(null as date) as valid_from,
            cast(null as date) as valid_to, true as active,
            cast([] as varchar[]) as replaced_by, cast([] as varchar[]) as parents
        from ucum_unit where code is not null and display is not null"""
    return Reading(rows, {"code without text": int(bad)})
