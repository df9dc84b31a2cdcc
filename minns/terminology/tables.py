"""Releases as one table of text: ICD-10-SE, KVÅ, ATC, NPU, and any other with named columns.

Issuers rename their columns from year to year, so a column is found by any of the names it has had;
`columns` of an import names those that are found by none.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from minns.engine import Engine, literal, quote
from minns.errors import ConfigError
from minns.terminology.concept import Reading
from minns.terminology.delimited import key_of, shape_of, take

#: Names that a column has in releases, as `key_of` gives them; the first that is there is taken.
NAMES: dict[str, tuple[str, ...]] = {
    "code": tuple(
        "kod code koder atckod atccode npukod npucode kvåkod klasskod åtgärdskod diagnoskod".split()
    ),
    "display": tuple(
        "titel kortdefinition shortdefinition title benämning klartext namn atcname atcnamn name "
        "text rubrik display fullname definition".split()
    ),
    "valid_from": tuple(
        "giltigfrån giltigfrom giltigfr validfrom effectivefrom from startdatum".split()
    ),
    "valid_to": tuple("giltigtill giltigtom validto effectiveto to tom slutdatum".split()),
    "active": ("status", "aktiv", "active", "currentstatus"),
    "replaced_by": ("ersattav", "ersättsav", "ersättningskod", "replacedby", "replacementcode"),
    "parents": ("överordnadkod", "parent", "parentcode", "överkod"),
}
#: Other texts: each of these that is there and is not the display is a synonym.
OTHER_TEXTS = frozenset(
    "latin synonymer synonym synonyms exempel innefattar fullname fullständignamn beskrivning "
    "kortnamn component komponent".split()
)
#: How a release says that a code is no longer used.
RETIRED = tuple(
    "0 false n nej no inaktiv inactive retired utgått utgången deprecated deleted avslutad "
    "withdrawn cancelled".split()
)


@dataclass(frozen=True)
class Layout:
    """A system's code form; `whole` is that of a code in use, `form` that of its headings too."""

    system: str
    form: str
    whole: str


LAYOUTS: dict[str, Layout] = {
    layout.system: layout
    for layout in (
        Layout(
            "icd-10-se",
            r"[A-Z]\d{2}([-–][A-Z]?\d{2}|\.?[A-Z\d]{1,3})?[-*+†]?",
            r"[A-Z]\d{2}(\.[A-Z\d]{1,3}|\d[A-Z\d]?)?",
        ),
        Layout("kva", r"[A-Z]{1,3}\d{0,3}", r"[A-Z]{2}[A-Z\d]\d{2}"),
        Layout("atc", r"[A-Z](\d{2}([A-Z]([A-Z](\d{2})?)?)?)?", r"[A-Z]\d{2}[A-Z]{2}\d{2}"),
        Layout("npu", r"[A-Z]{3}\d{5}", r"[A-Z]{3}\d{5}"),
    )
}
#: Any other system: what has a code and a text.
ANY = Layout("", r"\S.{0,63}", r"\S+")


def columns_of(header: tuple[str, ...], given: Mapping[str, str]) -> dict[str, str]:
    """The header's column for each field; `given` wins over the names that are known."""
    keys = {key_of(name): name for name in reversed(header)}
    found = {
        field: next((keys[name] for name in names if name in keys), "")
        for field, names in NAMES.items()
    }
    found.update({field: keys.get(key_of(name), "") for field, name in given.items()})
    return {field: name for field, name in found.items() if name}


def read(
    engine: Engine,
    path: Path,
    system: str,
    day: datetime.date | None,
    columns: Mapping[str, str],
) -> Reading:
    """Read a text release of `system`; `day`: from when its edition holds."""
    header = shape_of(path).header
    named = columns_of(header, columns)
    missing = [field for field in ("code", "display") if field not in named]
    if missing or set(columns) - set(NAMES):
        raise ConfigError(
            f"columns for code and display in {path.name}",
            found=f"these: {', '.join(header)[:300]}",
            do="Name them, for example --column code=Kod --column display=Titel.",
        )
    layout = LAYOUTS.get(system, ANY)
    refused = {"broken line": take(engine, "release", [path])}
    engine.run(f"create or replace view release_row as {_rows(header, named, layout, day)}")
    for reason, rule in _RULES.items():
        refused[reason] = int(engine.value(f"select count(*) from release_row where {rule}"))  # noqa: S608
    kept = f"select * exclude (well_formed) from release_row where not ({_NONE})"  # noqa: S608
    return Reading(kept, refused)


_RULES = {
    "not a code of the system": "well_formed is not true",
    "code without text": "well_formed and display is null",
}
_NONE = "well_formed is not true or display is null"


def _rows(
    header: tuple[str, ...], named: Mapping[str, str], layout: Layout, day: datetime.date | None
) -> str:
    """SQL for the release's lines in the columns of `STATED`, and whether the code has its form."""

    def column(field: str) -> str:
        return f"tidy({quote(named[field])})" if field in named else "null"

    def text(name: str) -> str:
        # Texts of ICD-10-SE hold HTML.
        return f"tidy(regexp_replace({quote(name)}, '<[^>]*>|\\s+', ' ', 'g'))"

    others = [
        text(name)
        for name in header
        if key_of(name) in OTHER_TEXTS and name not in set(named.values())
    ]
    codes = {f: _code(column(f), layout) for f in ("code", "replaced_by", "parents")}
    to = f"try_cast(iso_date({column('valid_to')}) as date)"
    ends = f"if({to} >= date '2099-01-01', null, {to})"
    retired = ", ".join(literal(word) for word in RETIRED)
    over = f"{ends} < date '{day}'" if day else "false"
    parents = f"[{codes['parents']}]" if "parents" in named else _parents(codes["code"], layout)
    return f"""
        select {codes["code"]} as code, {text(named["display"])} as display,
            cast([{", ".join(others)}] as varchar[]) as synonyms,
            try_cast(iso_date({column("valid_from")}) as date) as valid_from, {ends} as valid_to,
            coalesce(lower({column("active")}), '') not in ({retired}) and ({over}) is not true
                as active,
            list_filter([{codes["replaced_by"]}], lambda c: c is not null) as replaced_by,
            list_filter({parents}, lambda c: c is not null) as parents,
            regexp_full_match({codes["code"]}, {literal(layout.form)}) as well_formed
        from release"""  # noqa: S608


def _code(column: str, layout: Layout) -> str:
    """A code as we write it: ICD with its dot after the third character."""
    code = f"upper({column})" if layout is not ANY else column
    if layout.system != "icd-10-se" or column == "null":
        return f"cast({code} as varchar)"
    return rf"regexp_replace({code}, '^([A-Z]\d{{2}})([A-Z\d]{{1,3}})$', '\1.\2')"


def _parents(code: str, layout: Layout) -> str:
    """SQL for the parent that a code itself tells: ATC by its length, ICD by its category."""
    if layout.system == "atc":
        return (
            f"[case length({code}) when 7 then left({code}, 5) when 5 then left({code}, 4) "
            f"when 4 then left({code}, 3) when 3 then left({code}, 1) end]"
        )
    if layout.system == "icd-10-se":
        return f"[if({code} like '___.%', left({code}, 3), null)]"
    return "cast([] as varchar[])"
