"""The one shape of a concept, whatever its release looked like, and the edition it belongs to."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from minns.engine import Engine, literal

#: What a reader says of a code, once or several times: column and DuckDB type.
STATED: dict[str, str] = {
    "code": "varchar",
    "display": "varchar",
    "synonyms": "varchar[]",
    "valid_from": "date",
    "valid_to": "date",
    "active": "boolean",
    "replaced_by": "varchar[]",
    "parents": "varchar[]",
}
#: The table of an edition.
CONCEPT: dict[str, str] = {"system": "varchar", "version": "varchar", **STATED}


@dataclass(frozen=True)
class Edition:
    """One version of one code system in the store; `refused`: lines not taken, by reason."""

    system: str
    version: str
    valid_from: datetime.date | None
    format: str
    concepts: int
    retired: int
    refused: Mapping[str, int]
    folder: Path


@dataclass(frozen=True)
class Reading:
    """What a reader found: SQL that gives rows of `STATED`, and how many lines it refused.

    `rows`: how many lines are behind it. SQL that gathers lists asks `in_bucket` (a macro) of the
    code, so that as much as fits in memory is gathered at a time.
    """

    sql: str
    refused: Mapping[str, int]
    rows: int = 0


def date_of(version: str) -> datetime.date | None:
    """The day from which an edition holds, when its version says one (2024, 2024-06, 20240531)."""
    match = re.search(r"(?:^|\D)((?:19|20)\d{2})(?:-?(\d{2})(?:-?(\d{2}))?)?(?:\D|$)", version)
    if match is None:
        return None
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


#: Lines whose texts are gathered at a time.
_BUCKET = 250_000


def gather(engine: Engine, reading: Reading) -> None:
    """Make the table `stated` of what was read, a bucket of codes at a time."""
    columns = ", ".join(f"{name} {kind}" for name, kind in STATED.items())
    engine.run(f"create or replace table stated ({columns})")
    buckets = reading.rows // _BUCKET + 1
    for bucket in range(buckets):
        engine.run(f"create or replace macro in_bucket(x) as hash(x) % {buckets} = {bucket}")
        engine.run(
            f"insert into stated by name select {', '.join(STATED)} from ({reading.sql}) "  # noqa: S608
            "where in_bucket(code)"
        )
    engine.run(
        "create or replace table doubled as select code from stated group by code "
        "having count(*) > 1"
    )


def folded_sql(system: str, version: str) -> str:
    """One row for each code of `stated`, in the columns of `CONCEPT` and the order of code.

    A code that stands more than once keeps the text of its active, latest line; the others' texts
    are synonyms. Nothing depends on the order of the lines.
    """
    latest = "order by active desc, valid_from desc nulls last, display"
    return f"""
        with folded as (
            select code, first(display {latest}) as display,
                flatten(list(list_append(coalesce(synonyms, []), display))) as texts,
                min(valid_from) as valid_from,
                if(bool_or(valid_to is null), null, max(valid_to)) as valid_to,
                bool_or(active) as active,
                flatten(list(coalesce(replaced_by, []))) as replaced_by,
                flatten(list(coalesce(parents, []))) as parents
            from stated semi join doubled using (code) group by code
        ),
        once as (
            select code, display, list_append(coalesce(synonyms, []), display) as texts, valid_from,
                valid_to, active, coalesce(replaced_by, []) as replaced_by,
                coalesce(parents, []) as parents
            from stated anti join doubled using (code)
        )
        select {literal(system)} as system, {literal(version)} as version, code, display,
            list_sort(list_distinct(list_filter(texts, lambda t: t is distinct from display
                and tidy(t) is not null))) as synonyms,
            valid_from, valid_to, active,
            list_sort(list_distinct(list_filter(replaced_by, lambda c: c <> code))) as replaced_by,
            list_sort(list_distinct(list_filter(parents, lambda c: c <> code))) as parents
        from (select * from once union all by name select * from folded) order by code"""  # noqa: S608
