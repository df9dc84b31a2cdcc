"""Identity numbers and code systems: what each is called, by which OID and URI, and how a number
is read.

The rules that look at values are SQL macros (`codes.sql`): they run over whole columns, wherever
the data is.
"""

from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class NumberKind:
    """A kind of identity number; `national` ones are given to one person in the whole country."""

    name: str
    title: str
    oid: str
    uri: str
    national: bool


@dataclass(frozen=True)
class CodeSystem:
    """A standard code system: our short name for it, its OID in Swedish exchange, its FHIR URI."""

    name: str
    title: str
    oid: str
    uri: str


_SE = "http://electronichealth.se/identifier/"

PERSONAL = NumberKind("personal", "personnummer", "1.2.752.129.2.1.3.1", f"{_SE}personnummer", True)
COORDINATION = NumberKind(
    "coordination", "samordningsnummer", "1.2.752.129.2.1.3.3", f"{_SE}samordningsnummer", True
)
NATIONAL_RESERVE = NumberKind(
    "national_reserve",
    "nationellt reservnummer",
    "1.2.752.74.9.1",
    f"{_SE}nationelltReservnummer",
    False,
)
VGR_RESERVE = NumberKind(
    "vgr_reserve",
    "reservnummer i VGR-format",
    "1.2.752.113.11.0.2.1.1.1",
    "urn:oid:1.2.752.113.11.0.2.1.1.1",
    False,
)
OTHER = NumberKind(
    "other", "lokalt id", "1.2.752.129.2.1.2.1", "urn:oid:1.2.752.129.2.1.2.1", False
)

#: Kinds of identity number by the name that `number_kind` gives.
NUMBER_KINDS: dict[str, NumberKind] = {
    kind.name: kind for kind in (PERSONAL, COORDINATION, NATIONAL_RESERVE, VGR_RESERVE, OTHER)
}

#: Code systems by the name that stands in `local_system` and `system`.
CODE_SYSTEMS: dict[str, CodeSystem] = {
    system.name: system
    for system in (
        CodeSystem(
            "icd-10-se",
            "ICD-10-SE",
            "1.2.752.116.1.1.1.1.3",
            "http://hl7.org/fhir/sid/icd-10-se",
        ),
        CodeSystem(
            "ksh97-p",
            "Klassifikation av sjukdomar, primärvård",
            "1.2.752.116.1.1.1.1.1",
            "urn:oid:1.2.752.116.1.1.1.1.1",
        ),
        CodeSystem("kva", "KVÅ", "1.2.752.116.1.3.2.1.4", "urn:oid:1.2.752.116.1.3.2.1.4"),
        CodeSystem("atc", "ATC", "1.2.752.129.2.2.3.1.1", "http://www.whocc.no/atc"),
        CodeSystem("npl", "NPL-id", "1.2.752.129.2.1.5.1", "urn:oid:1.2.752.129.2.1.5.1"),
        CodeSystem("npu", "NPU", "1.2.752.108.1", "http://npu-terminology.org"),
        CodeSystem("snomed-ct", "SNOMED CT SE", "1.2.752.116.2.1.1", "http://snomed.info/sct"),
        CodeSystem("loinc", "LOINC", "2.16.840.1.113883.6.1", "http://loinc.org"),
        CodeSystem("ucum", "UCUM", "2.16.840.1.113883.6.8", "http://unitsofmeasure.org"),
    )
}


def macros() -> str:
    """The SQL that defines the macros for identity numbers; run it once in a session."""
    return files("minns").joinpath("codes.sql").read_text(encoding="utf-8")
