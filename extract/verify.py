"""Is a landing what its manifest says, and what the source holds? Every difference is named."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from extract.delta import pointer
from extract.manifest import file_hash
from minns.engine import Engine, literal, row_hash_sql
from minns.errors import StoreError
from minns.store import Dataset

#: Rows named of a part, at most.
_NAMED = 100


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was landed: table, part, row (a pointer), and what it is."""

    table: str
    part: str
    row: str
    what: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def faults(engine: Engine, landing: Dataset) -> list[Fault]:
    """Re-read every file of a landing against its manifest; none means that it is whole."""
    return [f for table in landing.tables for f in _table(engine, landing, table)]


def _table(engine: Engine, landing: Dataset, table: str) -> Iterator[Fault]:
    told = landing.manifest["tables"][table]
    there = {path.name: path for path in landing.parts(table)}
    parts = {part["file"]: part for part in told.get("parts", ())}
    for name in sorted({*there, *parts} if parts else there):
        if name not in there:
            yield Fault(table, name, "", f"the file is gone, with {parts[name]['rows']} rows")
        elif parts and name not in parts:
            yield Fault(table, name, "", "a file that was not landed")
        elif not parts or file_hash(there[name]) != parts[name]["sha256"]:
            yield from _part(engine, landing, table, there[name], parts.get(name))
    yield from _sums(engine, table, told, list(there.values()))


def _part(
    engine: Engine, landing: Dataset, table: str, path: Path, part: dict[str, Any] | None
) -> Iterator[Fault]:
    """A file whose bytes are others (or that an older manifest does not tell of): which rows?"""
    if part is not None:
        yield Fault(table, path.name, "", "its bytes are not those that were landed")
    told = landing.manifest["tables"][table]
    hashed = row_hash_sql([c["name"] for c in told["columns"]])
    try:
        rows = engine.rows(
            f"select _row_key from read_parquet({literal(str(path))})"  # noqa: S608
            f" where {hashed} is distinct from _row_hash order by 1 limit {_NAMED}"
        )
        count, least, most = engine.rows(
            "select count(*), md5(min(_row_key)), md5(max(_row_key))"  # noqa: S608
            f" from read_parquet({literal(str(path))})"
        )[0]
    except (duckdb.Error, StoreError):
        yield Fault(table, path.name, "", "it cannot be read as it was written")
        return
    for (row,) in rows:
        named = pointer(engine, str(row), told["key"])
        yield Fault(table, path.name, named, "its content is not what its hash says")
    if part is not None and count != part["rows"]:
        yield Fault(table, path.name, "", f"{count} rows where {part['rows']} were landed")
    if part is not None and [least, most] != part["keys"]:
        yield Fault(table, path.name, "", "another range of keys than was landed")


def _sums(engine: Engine, table: str, told: dict[str, Any], paths: list[Path]) -> Iterator[Fault]:
    """The table as a whole: rows and checksum."""
    listed = ", ".join(literal(str(path)) for path in paths)
    try:
        rows, checksum = (
            engine.rows(
                "select count(*), coalesce(sum(checksum_of(_row_hash)), 0)"  # noqa: S608
                f" from read_parquet([{listed}])"
            )[0]
            if paths
            else (0, 0)
        )
    except (duckdb.Error, StoreError):
        return
    if rows != told["rows"]:
        yield Fault(table, "", "", f"{rows} rows in all where {told['rows']} were landed")
    if int(checksum) != int(told["checksum"]):
        yield Fault(table, "", "", "the checksum is not the landed one")
