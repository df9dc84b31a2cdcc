"""Files of maps as a table in a session: what a wave reads, set-based and strict."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from minns.engine import Engine, literal
from minns.errors import MappingError
from minns.maps.codemap import EQUIVALENCES
from minns.maps.sssom import COLUMNS, broken

#: The table that `load_maps` makes.
MAP_COLUMNS = (
    "map_id local_system local_code local_text kind system system_version code display "
    "equivalence state usable"
).split()


def load_maps(engine: Engine, paths: Sequence[Path], name: str = "every_map") -> None:
    """Make a table of all maps in our files; `usable` when a wave may use it.

    Raises `MappingError` for a file that is not written as ours are.
    """
    engine.run(f"create or replace table map_row ({', '.join(f'{c} varchar' for c in COLUMNS)})")
    for path in paths:
        _append(engine, path)
    engine.run(f"create or replace table {name} as {_MAPS}")
    engine.run("drop table map_row")
    nameless = engine.rows(
        f"select local_system, local_code from {name} where map_id is null or state is null "  # noqa: S608
        "order by all limit 1"
    )
    if nameless:
        raise MappingError(
            "each code map with its id and state in the column 'other'",
            found=f"none for '{nameless[0][1]}' of {nameless[0][0]}",
            do="Write for example 'kind=observation; map=lab-1; state=mapped'.",
        )


def _append(engine: Engine, path: Path) -> None:
    try:
        with path.open(encoding="utf-8") as lines:
            skip, header = 0, ""
            for line in lines:
                if not line.startswith("#"):
                    header = line.rstrip("\r\n")
                    break
                skip += 1
    except UnicodeDecodeError:
        raise broken(path, "another code page") from None
    if tuple(header.split("\t")) != COLUMNS:
        raise broken(path, "other columns, or in another order")
    typed = ", ".join(f"'{column}': 'VARCHAR'" for column in COLUMNS)
    try:
        engine.run(
            f"insert into map_row select * from read_csv({literal(str(path))}, skip = {skip}, "  # noqa: S608
            "header = true, delim = '\t', quote = '\"', escape = '\"', nullstr = '', "
            f"columns = {{{typed}}}, auto_detect = false, strict_mode = true)"
        )
    except duckdb.Error:
        raise broken(path, "a row with other cells than the header, or an open quote") from None


def _own(name: str) -> str:
    return f"nullif(regexp_extract(other, '(?:^|; ){name}=([^;]*)', 1), '')"


def _people(column: str) -> str:
    """The names in a cell, as they are compared."""
    return (
        f"list_filter(list_transform(string_split(coalesce({column}, ''), '|'), "
        "lambda p: lower(trim(url_decode(regexp_replace(p, '^person:', ''))))), "
        "lambda p: p <> '')"
    )


_EQUIVALENCE = " ".join(
    f"when {literal(predicate)} then {literal(means)}" for predicate, means in EQUIVALENCES.items()
)
_MAPS = f"""
    with read as (
        select *, {_people("author_id")} as authors, {_people("reviewer_id")} as reviewers,
            {_own("state")} as state, split_part(object_id, ':', 1) as system,
            nullif(case predicate_id {_EQUIVALENCE} end, '') as equivalence
        from map_row
    )
    select {_own("map")} as map_id, split_part(subject_id, ':', 1) as local_system,
        url_decode(substr(subject_id, position(':' in subject_id) + 1)) as local_code,
        subject_label as local_text, {_own("kind")} as kind, system,
        object_source_version as system_version,
        url_decode(substr(object_id, position(':' in object_id) + 1)) as code,
        object_label as display, equivalence, state,
        coalesce(state = 'approved' and len(authors) > 0 and equivalence is not null
            and system <> 'sssom'
            and len(list_filter(reviewers, lambda r: not list_contains(authors, r))) > 0, false)
            as usable
    from read"""  # noqa: S608
