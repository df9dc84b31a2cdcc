"""Identity numbers and code systems: what each is called, by which OID and URI, and how a number
is read.

The rules that look at values are SQL macros (`codes.sql`): they run over whole columns, wherever
the data is.
"""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path


@dataclass(frozen=True)
class NumberKind:
    """A kind of identity number, and who issues it (OID, or the URI where it has no OID).

    `national`: given to one person in the whole country, so that the number counts alone; all
    others count together with their issuer. `formed`: its form tells it; otherwise its issuer
    does. `current`: may be given and written still.
    """

    name: str
    title: str
    oid: str
    uri: str
    national: bool
    formed: bool = True
    current: bool = True

    @property
    def issuer(self) -> str:
        """What stands in `number_issuer`."""
        return self.oid or self.uri


@dataclass(frozen=True)
class CodeSystem:
    """A standard code system: our short name for it, its OID in Swedish exchange, its FHIR URI."""

    name: str
    title: str
    oid: str
    uri: str


_SE = "http://electronichealth.se/identifier/"


def _reserve(
    name: str, region: str, oid: str, *, formed: bool = False, current: bool = True
) -> NumberKind:
    return NumberKind(
        f"{name}_reserve", f"reservnummer, {region}", oid, f"urn:oid:{oid}", False, formed, current
    )


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
VGR_RESERVE = _reserve("vgr", "VGR-format", "1.2.752.113.11.0.2.1.1.1", formed=True)
#: Of VGR's population register before its format: must not be used any more.
VGR_OLD_RESERVE = _reserve(
    "vgr_old", "VGR:s äldre", "1.2.752.113.11.0.2.1.1.4", formed=True, current=False
)
INTERIM = NumberKind("interim", "interimspersonnummer", "", "", False)
LMA = NumberKind("lma", "LMA-nummer", "", f"{_SE}LMA-nummer", False, formed=False)
OTHER = NumberKind(
    "other", "lokalt id", "1.2.752.129.2.1.2.1", "urn:oid:1.2.752.129.2.1.2.1", False
)

#: Other regions' reserve numbers. Skåne and Sörmland have two OIDs each, and nothing says that two
#: of them name one series: a number counts under the one it came with.
REGIONAL = (
    _reserve("stockholm", "Stockholm", "1.2.752.97.3.1.3", formed=True),
    _reserve("carelink", "Inera Carelink", "1.2.752.129.2.1.3.2", formed=True),
    _reserve("varmland", "Värmland", "1.2.752.74.9.2"),
    _reserve("orebro", "Örebro", "1.2.752.74.9.3"),
    _reserve("skane", "Skåne", "1.2.752.74.9.4"),
    _reserve("skane_second", "Skåne", "1.2.752.219.1.10.10.1"),
    _reserve("blekinge", "Blekinge", "1.2.752.74.9.5"),
    _reserve("halland", "Halland", "1.2.752.74.9.6"),
    _reserve("vasterbotten", "Västerbotten", "1.2.752.74.9.7"),
    _reserve("dalarna", "Dalarna", "1.2.752.74.9.8"),
    _reserve("gavleborg", "Gävleborg", "1.2.752.74.9.9"),
    _reserve("vasternorrland", "Västernorrland", "1.2.752.269.1.1"),
    _reserve("sormland", "Sörmland", "1.2.752.266.1.1.1"),
    _reserve("sormland_second", "Sörmland", "1.2.752.266.1.1.2"),
)

#: Kinds of identity number by the name that `number_kind` and `issued_kind` give.
NUMBER_KINDS: dict[str, NumberKind] = {
    kind.name: kind
    for kind in (
        PERSONAL,
        COORDINATION,
        NATIONAL_RESERVE,
        VGR_RESERVE,
        VGR_OLD_RESERVE,
        *REGIONAL,
        INTERIM,
        LMA,
        OTHER,
    )
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
    issued = [k for k in NUMBER_KINDS.values() if k.issuer and k is not OTHER]
    text = files("minns").joinpath("codes.sql").read_text(encoding="utf-8")
    return (
        text.replace("$national_reserve", NATIONAL_RESERVE.oid)
        .replace("$issuer_kinds", " ".join(f"when '{k.issuer}' then '{k.name}'" for k in issued))
        .replace("$formless_kinds", ", ".join(f"'{k.name}'" for k in issued if not k.formed))
    )


def fill_test_numbers_sql(listed: Path) -> str:
    """SQL that fills `test_number` from a text file with one official test number a line, as
    Skatteverket publishes them; from then on `is_test_number` knows them.
    """
    path = str(listed).replace("'", "''")
    return (
        "delete from test_number; insert into test_number select distinct"  # noqa: S608
        " bare_number(column0) from read_csv("
        f"'{path}', header = false, columns = {{'column0': 'varchar'}})"
    )
