"""The live source against its landing: checksums of segments first, rows only where they differ.

A segment is a table's rows whose keys fall together; only the segments whose number of rows or
checksum differ are looked at row by row.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from minns.config import Source
from minns.engine import Engine, literal, quote
from minns.store import Dataset
from validation.reconcile.live import Broken, readable, stream

#: Segments of a table.
_SEGMENTS = 64
#: What a pointer says of a row: it stands in the source alone, in the landing alone, in both but
#: with other content, or more often in one of them.
_WHY = """
    case when landed_rows = 0 then 'not_landed' when live_rows = 0 then 'gone_from_source'
    when live_rows = landed_rows then 'changed'
    when live_rows < landed_rows then 'fewer_in_source' else 'more_in_source' end
"""


@dataclass(frozen=True)
class Difference:
    """How a table of a source stands against its landing: rows of both, the segments whose
    checksums differ, and how many rows do. Without live rows it could not be read.
    """

    source: str
    table: str
    live: int | None
    landed: int
    segments: int
    rows: int


def compare(
    source: Source, landing: Dataset, root: Path, engine: Engine
) -> Iterator[tuple[Difference, str]]:
    """Each table of a live source with its difference, and SQL for the pointers of the rows that
    differ (source, source_table, row_key, why).
    """
    if not readable(source):
        return
    for name in source.tables:
        types = _types(landing, name, engine)
        _take_landed(landing, name, source.tables[name].key, types, engine)
        try:
            _take_live(source, name, types, root, engine)
        except (duckdb.Error, Broken):
            yield _unread(source.name, name, engine), ""
        else:
            yield _judged(source.name, name, engine), _pointers(source.name, name)


def _types(landing: Dataset, name: str, engine: Engine) -> Mapping[str, str]:
    """The source's own columns as they were landed, with their types."""
    described = engine.rows(f"describe select * from {_files(landing, name)}")  # noqa: S608
    return {row[0]: row[1] for row in described if row[0] not in ("_row_key", "_row_hash")}


def _files(landing: Dataset, name: str) -> str:
    return f"read_parquet([{', '.join(literal(str(path)) for path in landing.parts(name))}])"


def _take_live(
    source: Source, name: str, types: Mapping[str, str], root: Path, engine: Engine
) -> None:
    values = {column: _brought(column, kind) for column, kind in types.items()}
    with (
        closing(stream(source, name, tuple(types), root)) as rows,
        engine.arrow("incoming", rows),
    ):
        _keep("live_row", values, source.tables[name].key, "incoming", engine)


def _take_landed(
    landing: Dataset, name: str, key: Sequence[str], types: Mapping[str, str], engine: Engine
) -> None:
    values = {
        column: f"hex({quote(column)})" if kind == "BLOB" else f"cast({quote(column)} as varchar)"
        for column, kind in types.items()
    }
    _keep("landed_row", values, key, _files(landing, name), engine, "_row_key")


def _keep(
    table: str,
    values: Mapping[str, str],
    key: Sequence[str],
    origin: str,
    engine: Engine,
    pointer: str = "cast(null as varchar)",
) -> None:
    """Put a row's key, content hash and segment into a table of the session."""
    content = f"md5({' || chr(31) || '.join(map(_escaped, values.values()))})"
    parts = [_key_part(values[column]) for column in key]
    named = " || '|' || ".join(parts) if parts else content
    engine.run(
        f"create or replace temp table {table} as select key, content, pointer, "  # noqa: S608
        f"cast('0x' || left(md5(key), 8) as bigint) % {_SEGMENTS} as segment from "
        f"(select {named} as key, {content} as content, {pointer} as pointer from {origin})"
    )


def _escaped(value: str) -> str:
    r"""A value so that no two rows read alike: '-' for NULL, else '=' and the value, escaped."""
    return rf"coalesce('=' || replace(replace({value}, '\', '\\'), chr(31), '\u'), '-')"


def _key_part(value: str) -> str:
    r"""A key's value as pointers have it: bars, marks and backslashes escaped, NULL as '\-'."""
    escaped = rf"replace(replace(replace({value}, '\', '\\'), '|', '\p'), '#', '\h')"
    return rf"coalesce({escaped}, '\-')"


def _brought(column: str, kind: str) -> str:
    """A marked live value as its landed type prints it; what is not of that type stays, marked."""
    value = f"case when starts_with({quote(column)}, '=') then substr({quote(column)}, 2) end"
    if kind == "VARCHAR":
        return value
    if kind == "BLOB":
        return rf"upper(regexp_replace(regexp_replace({value}, '^(\\x|X'')', ''), '''$', ''))"
    return f"coalesce(cast(try_cast({value} as {kind}) as varchar), '?' || {value})"


def _judged(source: str, name: str, engine: Engine) -> Difference:
    """Compare the segments, and set the rows of those that differ against each other."""
    checksum = "sum(cast('0x' || left(content, 12) as bigint))"
    engine.run(
        "create or replace temp table differing_segment as "  # noqa: S608
        f"select segment from (select segment, count(*) as n, {checksum} as checksum "
        "from live_row group by segment) a "
        f"full join (select segment, count(*) as n, {checksum} as checksum "
        "from landed_row group by segment) b using (segment) "
        "where a.n is distinct from b.n or a.checksum is distinct from b.checksum"
    )
    engine.run(
        "create or replace temp table differing_row as "
        "with differing as (select key, content, "
        "sum(side) as more, any_value(pointer) as pointer from ("
        "select key, content, pointer, 1 as side from live_row "
        "semi join differing_segment using (segment) union all "
        "select key, content, pointer, -1 from landed_row "
        "semi join differing_segment using (segment)) "
        "group by key, content having sum(side) <> 0) "
        "select key, coalesce(min(pointer), key) as row_key, "
        "(select count(*) from live_row l where l.key = d.key) as live_rows, "
        "(select count(*) from landed_row l where l.key = d.key) as landed_rows "
        "from differing d group by key"
    )
    live, landed, segments, rows = (
        int(engine.value(f"select count(*) from {table}"))  # noqa: S608
        for table in ("live_row", "landed_row", "differing_segment", "differing_row")
    )
    return Difference(source, name, live, landed, segments, rows)


def _unread(source: str, name: str, engine: Engine) -> Difference:
    landed = int(engine.value("select count(*) from landed_row"))
    return Difference(source, name, None, landed, 0, 0)


def _pointers(source: str, name: str) -> str:
    return (
        f"select {literal(source)} as source, {literal(name)} as source_table, "  # noqa: S608
        f"row_key, {_WHY.strip()} as why from differing_row"
    )
