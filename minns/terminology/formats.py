"""Which format a release is in: told, or seen from its content."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from minns.errors import ConfigError
from minns.terminology import athena, fhir, rf2, ucum
from minns.terminology.delimited import encoding_of, shape_of
from minns.terminology.tables import LAYOUTS, columns_of


@dataclass(frozen=True)
class Format:
    """A format that releases come in, and how one is recognised."""

    name: str
    title: str
    recognises: Callable[[Path], bool]
    system: str | None = None


#: Lines of a text release that are looked at, and the share of them that must have its codes.
_SAMPLE, _SHARE = 400, 0.4


def _codes(path: Path) -> list[str]:
    """The codes of the first lines, when the file has a column of codes."""
    if not path.is_file() or path.suffix.lower() not in (".txt", ".csv", ".tsv", ".tab", ""):
        return []
    shape = shape_of(path)
    named = columns_of(shape.header, {})
    if "code" not in named:
        return []
    place = shape.header.index(named["code"])
    with path.open(encoding=encoding_of(path), errors="replace") as lines:
        cells = [line.split(shape.delimiter) for line in islice(lines, 1, _SAMPLE)]
    return [row[place].strip('" \r\n') for row in cells if len(row) > place]


def _text(system: str) -> Callable[[Path], bool]:
    form, whole = (re.compile(p) for p in (LAYOUTS[system].form, LAYOUTS[system].whole))

    def recognises(path: Path) -> bool:
        codes = [code.upper() for code in _codes(path)]
        good = sum(bool(form.fullmatch(code)) for code in codes)
        return good >= _SHARE * len(codes) and any(map(whole.fullmatch, codes))

    return recognises


FORMATS: Mapping[str, Format] = {
    kind.name: kind
    for kind in (
        Format("rf2", "SNOMED CT RF2 snapshot (folder)", rf2.recognises, "snomed-ct"),
        Format("athena", "OHDSI Athena CSV (folder with CONCEPT.csv)", athena.recognises),
        Format("ucum", "UCUM essence (XML)", ucum.recognises, "ucum"),
        Format("codesystem", "FHIR CodeSystem (JSON)", lambda p: fhir.recognises(p, "CodeSystem")),
        Format("valueset", "FHIR ValueSet (JSON)", lambda p: fhir.recognises(p, "ValueSet")),
        Format("npu", "NPU release (CSV)", _text("npu"), "npu"),
        Format("atc", "ATC index (text or CSV)", _text("atc"), "atc"),
        Format("kva", "KVÅ release (text)", _text("kva"), "kva"),
        Format("icd-10-se", "ICD-10-SE release (text)", _text("icd-10-se"), "icd-10-se"),
        Format(
            "table",
            "any delimited text with code and display",
            lambda path: False,
        ),
    )
}


def format_of(path: Path, told: str | None, system: str | None) -> Format:
    """The format of a release; what cannot be told is a clear error."""
    if not path.exists():
        raise ConfigError(
            f"a release at {path}", found="nothing there", do="Check the path, and unpack archives."
        )
    if told is not None and told not in FORMATS:
        raise ConfigError(
            f"one of the formats {', '.join(FORMATS)}",
            found=f"'{told}'",
            do="Name one of them, or leave --format out.",
        )
    if told is not None:
        return FORMATS[told]
    own = FORMATS.get(system or "")
    if own is not None and own.name in LAYOUTS and own.recognises(path):
        return own
    found = next((kind for kind in FORMATS.values() if kind.recognises(path)), None)
    if found is None:
        raise ConfigError(
            f"a release in one of the formats {', '.join(FORMATS)}",
            found=f"{path.name}, which looks like none of them",
            do="Unpack it if it is an archive; name its format with --format, columns with "
            "--column.",
        )
    return found
