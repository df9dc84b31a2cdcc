"""SNOMED CT in RF2: the snapshot files of one or more modules in a folder."""

import re
from pathlib import Path

from minns.engine import Engine, quote
from minns.errors import ConfigError
from minns.terminology.concept import Reading
from minns.terminology.delimited import take

#: File names of a snapshot, as regular expressions, and whether a release can do without.
FILES: dict[str, tuple[str, bool]] = {
    "concept": (r"x?sct2_Concept_\w*Snapshot[\w-]*\.txt", True),
    "description": (r"x?sct2_Description_\w*Snapshot[\w-]*\.txt", True),
    "language": (r"x?der2_cRefset_Language\w*Snapshot[\w-]*\.txt", True),
    "association": (r"x?der2_cRefset_Association\w*Snapshot[\w-]*\.txt", False),
    "relationship": (r"x?sct2_Relationship_\w*Snapshot[\w-]*\.txt", False),
}
PREFERRED = "900000000000548007"
FULLY_SPECIFIED = "900000000000003001"
IS_A = "116680003"
#: SAME AS and REPLACED BY say what to use instead; the other associations only give hints.
REPLACEMENTS = "('900000000000527005', '900000000000526001')"

_ROWS = f"""
    with texts as (
        select conceptId as code, term, typeId = '{FULLY_SPECIFIED}' as full_name,
            case languageCode when 'sv' then 0 when 'en' then 1 else 2 end as language,
            id in (select referencedComponentId from rf2_language
                   where active = '1' and acceptabilityId = '{PREFERRED}') as preferred
        from rf2_description where active = '1' and in_bucket(conceptId)
    ),
    named as (
        select code, first(term order by full_name, preferred desc, language, term) as any_name,
            first(term order by language, term)
                filter (where preferred and not full_name) as display,
            list(term) as synonyms
        from texts group by code
    ),
    replaced as (
        select referencedComponentId as code, list(targetComponentId) as replaced_by
        from rf2_association
        where active = '1' and refsetId in {REPLACEMENTS} and in_bucket(referencedComponentId)
        group by all
    ),
    above as (
        select sourceId as code, list(destinationId) as parents
        from rf2_relationship
        where active = '1' and typeId = '{IS_A}' and in_bucket(sourceId) group by all
    )
    select c.id as code, coalesce(n.display, n.any_name) as display, n.synonyms,
        if(c.active = '1', try_strptime(c.effectiveTime, '%Y%m%d')::date, null) as valid_from,
        if(c.active = '1', null, try_strptime(c.effectiveTime, '%Y%m%d')::date) as valid_to,
        c.active = '1' as active, r.replaced_by, a.parents
    from rf2_concept as c
    left join named as n on n.code = c.id
    left join replaced as r on r.code = c.id
    left join above as a on a.code = c.id
    where in_bucket(c.id)"""  # noqa: S608
#: Columns that a file which is not there would have had.
_EMPTY = {
    "association": "active, refsetId, referencedComponentId, targetComponentId",
    "relationship": "active, sourceId, destinationId, typeId",
}


def files(folder: Path) -> dict[str, list[Path]]:
    """The snapshot's files by what they hold."""
    names = [path for path in sorted(folder.rglob("*.txt")) if path.is_file()]
    return {
        what: [path for path in names if re.fullmatch(pattern, path.name)]
        for what, (pattern, _) in FILES.items()
    }


def recognises(path: Path) -> bool:
    """Whether a folder holds a snapshot."""
    return path.is_dir() and bool(files(path)["concept"])


def version(path: Path) -> str | None:
    """The newest date in the names of the concept files."""
    dates = (re.search(r"_(\d{8})\.txt$", file.name) for file in files(path)["concept"])
    return max((found.group(1) for found in dates if found), default=None)


def read(engine: Engine, path: Path) -> Reading:
    """Read a snapshot: preferred terms in Swedish, else in English; retired codes with theirs."""
    found = files(path)
    missing = [what for what, (_, needed) in FILES.items() if needed and not found[what]]
    if missing:
        raise ConfigError(
            f"a whole RF2 snapshot in {path}",
            found=f"no file of {', '.join(missing)}",
            do="Unpack the release whole, with its Terminology and Refset folders.",
        )
    broken = 0
    for what, paths in found.items():
        if paths:
            broken += take(engine, f"rf2_{what}", paths)
        else:
            columns = ", ".join(f"{name} varchar" for name in _EMPTY[what].split(", "))
            engine.run(f"create or replace table {quote(f'rf2_{what}')} ({columns})")
    nameless = engine.value(
        "select count(*) from rf2_concept anti join rf2_description "
        "on rf2_description.conceptId = rf2_concept.id and rf2_description.active = '1'"
    )
    rows = f"select * from ({_ROWS}) where display is not null"  # noqa: S608
    size = int(engine.value("select count(*) from rf2_description"))
    return Reading(rows, {"broken line": broken, "code without text": int(nameless)}, size)
