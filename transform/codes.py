"""Local codes become standard ones by approved maps; an unmapped code stays as it is, and counted.

A map counts only when two different people stand behind it (author and reviewer). A local code that
already is a standard one is accepted when an edition at hand knows it. No code is ever made up: a
map to what its edition does not have is refused.
"""

import csv
from pathlib import Path

import duckdb

from minns.engine import Engine, literal
from minns.errors import MappingError
from minns.maps import SUFFIX, load_maps
from minns.model import CODED
from minns.store import MANIFEST
from minns.terminology import concepts_sql, edition_at, known_codes_sql

_KNOWN_COLUMNS = ("system", "system_version", "code", "display")
#: The file of known standard codes, for systems without an edition in the terminology store.
KNOWN = "known.csv"

#: A local code as it is looked up. Legacy systems often store ICD-10 without its dot: it stands
#: after the third character (domain facts: "Legacy ICD values are often dotless").
_LOOKUP_CODE = r"""case
    when local_system = 'icd-10-se'
     and regexp_full_match(upper(trim(local_code)), '[A-Z]\d{2}[A-Z\d]{1,2}')
        then substr(upper(trim(local_code)), 1, 3) || '.' || substr(upper(trim(local_code)), 4)
    else upper(trim(local_code)) end"""

#: What must stand once, and the query for what stands twice. A map without a kind serves all kinds.
_DOUBLED = {
    "one approved map for each local code and kind": """
        select local_system, local_code from code_map group by all
        having count(*) > count(distinct kind) and count(*) > 1
        order by all limit 1""",
    "each known standard code once": """
        select system, upper(code) as code from listed_code group by all having count(*) > 1
        order by all limit 1""",
}


def _broken(paths: list[Path], columns: tuple[str, ...]) -> MappingError:
    files = ", ".join(sorted(str(path) for path in paths))
    return MappingError(
        f"CSV in UTF-8 with the columns {', '.join(columns)} in {files}",
        found="something else in at least one of them",
        do="Correct the header or the quoting of that file.",
    )


def _header(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return tuple(next(csv.reader(lines), ()))


def _read_csv(engine: Engine, name: str, columns: tuple[str, ...], paths: list[Path]) -> None:
    for path in paths:
        try:
            header = _header(path)
        except (UnicodeDecodeError, csv.Error):
            raise _broken([path], columns) from None
        # With named columns the reader skips the header unread.
        if header != columns:
            raise _broken([path], columns)
    listed = ", ".join(literal(str(path)) for path in paths)
    typed = ", ".join(f"'{column}': 'VARCHAR'" for column in columns)
    try:
        engine.run(
            f"create table {name} as select * from read_csv([{listed}], header = true, "  # noqa: S608
            f"delim = ',', quote = '\"', escape = '\"', nullstr = '', columns = {{{typed}}}, "
            "auto_detect = false, strict_mode = true)"
        )
    except duckdb.Error:
        raise _broken(paths, columns) from None


def load_code_maps(engine: Engine, paths: tuple[Path, ...]) -> None:
    """Make `known_code` and `code_map` (maps that a wave may use) in the session.

    `paths`: files of maps, `known.csv`, and manifests of editions. Raises `MappingError` when two
    maps give one local code different meanings, or when an edition does not have a map's target.
    """
    own = [p for p in paths if p.name not in (KNOWN, MANIFEST)]
    foreign = [path.name for path in own if not path.name.endswith(SUFFIX)]
    if foreign:
        raise MappingError(
            f"only {KNOWN} and files of code maps (*{SUFFIX}) in a folder 'codes'",
            found=", ".join(foreign),
            do="Make a code map of it with 'minns map import', and take it away.",
        )
    load_maps(engine, own)
    engine.run(
        f"create table code_map as select * replace ({_LOOKUP_CODE} as local_code) "  # noqa: S608
        "from every_map where usable"
    )
    _load_known(engine, [p for p in paths if p.name == KNOWN], paths)
    for what, query in _DOUBLED.items():
        doubled = engine.rows(query)
        if doubled:
            system, code = doubled[0]
            raise MappingError(
                what, found=f"two for '{code}' of {system}", do="Retire one of them in mappings/."
            )


def _load_known(engine: Engine, listed: list[Path], paths: tuple[Path, ...]) -> None:
    """Make `known_code`: what the editions have, and what is listed beside them."""
    columns = ", ".join(f"{column} varchar" for column in _KNOWN_COLUMNS)
    engine.run(f"create table listed_code ({columns})")
    if listed:
        engine.run("drop table listed_code")
        _read_csv(engine, "listed_code", _KNOWN_COLUMNS, listed)
    found = [edition_at(path.parent) for path in paths if path.name == MANIFEST]
    at_hand = [edition for edition in found if edition is not None]
    if not at_hand:
        engine.run("create view known_code as select * from listed_code")
        return
    engine.run(f"create view concept as {concepts_sql(at_hand)}")
    engine.run(
        f"create table known_code as with held as ({known_codes_sql('from concept')}) "  # noqa: S608
        "select * from held union all select l.* from listed_code as l "
        "where not exists (select 1 from held as h where h.system = l.system)"
    )
    _refuse_unknown_targets(engine)


def _refuse_unknown_targets(engine: Engine) -> None:
    strange = engine.rows(
        "select map_id, code, system, system_version from code_map as m "
        "where exists (select 1 from concept as c where c.system = m.system "
        "and c.version = m.system_version) and not exists (select 1 from concept as c "
        "where c.system = m.system and c.version = m.system_version and c.code = m.code) "
        "order by all limit 1"
    )
    if strange:
        map_id, code, system, version = strange[0]
        raise MappingError(
            f"a code of {system} {version} in the map {map_id}",
            found=f"'{code}', which that edition does not have",
            do="Mend the map, or its version; 'minns map check' lists all of them.",
        )


#: What a row is about, as `coded_sql` says.
_CODE_KEY = """case
    when equivalence in ('equal', 'equivalent')
        then 'standard ' || system || ' ' || code
    when tidy(lookup_code) is not null or tidy(local_text) is not null
        then case
            when code is not null then 'under ' || system || ' ' || code
            when coalesce(lookup_code, upper(trim(local_text)))
                = upper(trim(local_text)) then 'words'
            else 'local ' || rendered(coalesce(local_system, source)) end || '|' ||
        rendered(tidy(lookup_code)) || '|' || rendered(lower(trim(local_text)))
    else 'row ' || rendered(source) || '|' || rendered(source_table) || '|' ||
        rendered(row_key)
end"""


def coded_sql(kind: str, rows: str) -> str:
    """The rows of `rows` with their standard code and `code_key`, what they are about.

    A standard code that means the same is what a row is about. Else it is the local code together
    with its text: what an unmapped code, or one of several meanings, says stands in the text. Two
    systems that use the same code in the same words mean the same where maps lead both to one
    standard code, and where the words are all there is.
    """
    if kind not in CODED:
        return f"select *, cast(null as varchar) as code_key from {rows}"  # noqa: S608
    return f"""
        with looked_up as (select *, {_LOOKUP_CODE} as lookup_code from {rows}),
        standard as (
            select r.*,
                coalesce(k.system, m.system) as system,
                coalesce(k.system_version, m.system_version) as system_version,
                coalesce(k.code, m.code) as code,
                coalesce(k.display, m.display) as display,
                case when k.code is not null then 'same'
                     when m.code is not null then m.map_id end as map_id,
                case when k.code is not null then 'equal'
                     when m.code is not null then m.equivalence
                     else 'unmapped' end as equivalence
            from looked_up as r
            left join known_code as k
                on k.system = r.local_system and upper(k.code) = r.lookup_code
            left join code_map as m
                on m.local_system = r.local_system and m.local_code = r.lookup_code
               and coalesce(m.kind, '{kind}') = '{kind}'
        )
        select * exclude (lookup_code),
            {_CODE_KEY} as code_key
        from standard"""  # noqa: S608


def code_use_sql(kind: str, coded: str) -> str:
    """How often each local code occurs and what became of it (model.CODE_USE)."""
    return f"""
        select '{kind}' as kind, source, local_system, local_code,
            count(*) as occurrences, count(distinct local_patient_id) as patients,
            min(system) as system, min(code) as code
        from {coded}
        group by source, local_system, local_code"""  # noqa: S608


def code_patients_sql(kind: str, coded: str) -> str:
    """Identities with a coded statement, and those without an open code (model.CODE_PATIENTS)."""
    return f"""
        select '{kind}' as kind, source, count(*) as patients,
            count(*) filter (mapped) as patients_mapped
        from (
            select source, bool_and(code is not null) as mapped from {coded}
            where code is not null or nullif(local_code, '') is not null
            group by source, local_patient_id
        )
        group by source"""  # noqa: S608
