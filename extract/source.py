"""What every kind of source gives: its tables, each as typed columns and a stream of batches."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from minns.config import Source, SourceTable
from minns.errors import SourceError
from minns.store import digest

#: Rows fetched at a time where a driver gives rows.
BATCH = 20_000
#: A column of rows that may be unreadable: the name of what is wrong with a row, else NULL.
FAULT = "_fault"


@dataclass(frozen=True)
class Field:
    """One column: its name, the type that the source declares, the type it is landed in."""

    name: str
    declared: str
    type: pa.DataType


@dataclass(frozen=True)
class Extract:
    """One table, ready to be read once: columns, rows when known beforehand, batches, and what
    the manifest tells of how it was read. `stamp`: changes when the table may have changed; None
    where the source cannot prove that it has not.
    """

    fields: tuple[Field, ...]
    batches: Iterator[pa.RecordBatch]
    rows: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    stamp: str | None = None

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([(f.name, f.type) for f in self.fields])


def stamp_of(paths: Sequence[Path], *more: Any) -> str:
    """What changes when files do: size, times and place of each that there is."""
    states = [(str(path), path.stat()) for path in paths if path.exists()]
    told = [[name, s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino] for name, s in states]
    return digest([told, *more])


class Reader(Protocol):
    """An opened source; all its tables are read in one transaction where it has them."""

    path: str

    def read(self, name: str, table: SourceTable) -> Extract: ...


class Opener(Protocol):
    """How a kind of source is opened; `root` is where relative paths start."""

    def __call__(self, source: Source, root: Path) -> AbstractContextManager[Reader]: ...


def chosen(source: str, name: str, table: SourceTable, there: Sequence[str]) -> tuple[str, ...]:
    """The columns to take: those listed, which must be there, or all; key columns must be there."""
    if not there:
        raise missing_table(source, name)
    columns = table.columns or tuple(there)
    for column in (*columns, *table.key):
        if column not in there or column not in columns:
            raise SourceError(
                f"the column '{column}' in table '{name}' of {source}",
                found="no such column",
                do="Check columns and key of the table in source.toml.",
            )
    return columns


def missing_table(source: str, name: str) -> SourceError:
    """The table is not there, or not for this user."""
    return SourceError(
        f"the table '{name}' in {source}",
        found="no such table",
        do="Check [tables] and schema in source.toml, and the user's rights.",
    )


def unreachable(source: str, place: str, found: str) -> SourceError:
    """The source does not answer at `place` (which holds no password)."""
    return SourceError(
        f"{source} at {place}",
        found=found,
        do="Check its address, user and password in minns.toml and the environment.",
    )


def unreadable(source: str, name: str, why: str) -> SourceError:
    """The source broke off while a table was read."""
    return SourceError(
        f"to read table '{name}' of {source} to its end",
        found=why,
        do="See that the source is well, and run again.",
    )
