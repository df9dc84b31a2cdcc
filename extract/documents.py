"""Documents (messages, responses, bundles) as tables: each document is read once, and the rows it
yields are kept aside by table until they are landed.

What cannot be read is no error but a row: the document's own row, in the table `document`, says
which fault it has, and keeps its bytes. So a damaged message among thousands is quarantined by the
name of its fault, and the others land.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from extract.files import facts_of, files_of, folder_of
from extract.source import FAULT, Extract, Field, chosen, stamp_of
from minns.config import Source, SourceTable
from minns.errors import ConfigError

#: The table that every kind of documents has, with a row for each document.
DOCUMENT = "document"
#: Its columns: the file's name, which of the file's documents it is (from 1), where it starts in
#: the file, its bytes as they stand there, what was repaired to read it, and why it could not be.
DOCUMENT_FIELDS = (
    Field("file", "text", pa.string()),
    Field("number", "integer", pa.int64()),
    Field("start", "integer", pa.int64()),
    Field("content", "bytes", pa.binary()),
    Field("repaired", "text", pa.string()),
    Field(FAULT, "text", pa.string()),
)
#: Rows of a table that are kept in memory before they are written aside, and bytes of documents.
_ROWS = 5_000
_HELD = 16 << 20

Row = Mapping[str, Any]


class Faulty(Exception):
    """A document that cannot be read; `fault` names why and never quotes it."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True)
class Document:
    """One document as it stands in its file: the file's name, its number there (from 1), its first
    byte's place and its bytes; and what is wrong with it where it stands, if anything is.
    """

    file: str
    number: int
    start: int
    content: bytes = field(repr=False)
    fault: str | None = None


@dataclass(frozen=True)
class Taken:
    """What a document yields: rows by table (column to value; what is left out is NULL), and in
    words without its content what was repaired to read it.
    """

    rows: Iterable[tuple[str, Row]]
    repaired: str | None = None


class Kind(Protocol):
    """How documents of one kind are found in files and taken apart."""

    #: What the manifest calls the way of reading.
    path: str

    def fields(self, name: str, table: SourceTable) -> tuple[Field, ...]:
        """All columns that a table of this kind has, whatever the documents hold; none: there is
        no such table. `file` and `number` name the document, as in the table `document`.
        """
        ...

    def split(self, path: Path, table: SourceTable) -> Iterator[Document]:
        """The documents of a file, in order; together they are all of its bytes that say anything.
        `table` is the table `document`, which tells of files and code page.
        """
        ...

    def take(self, document: Document, table: SourceTable) -> Taken:
        """The rows of a document; all of them, or `Faulty`. `table` as above."""
        ...


class Documents:
    """The documents of one source, its files as the table `document` names them."""

    def __init__(self, source: Source, kind: Kind, folder: Path, aside: Path) -> None:
        self.path = kind.path
        self._source, self._kind, self._folder, self._aside = source, kind, folder, aside
        self._whole = _checked(source)
        self._read = False

    def read(self, name: str, table: SourceTable) -> Extract:
        """A table's rows, in the order of the documents; the first call reads all documents."""
        kept = self._kept(name, table)
        paths = files_of(self._source.name, self._folder, DOCUMENT, self._whole)
        rest = {n: t.model_dump(mode="json") for n, t in self._source.tables.items()}
        stamp = stamp_of(paths, self.path, rest)
        return Extract(kept, self._batches(name, paths), None, facts_of(paths), stamp)

    def _kept(self, name: str, table: SourceTable) -> tuple[Field, ...]:
        """The columns that are wanted; what was wrong with a document is always."""
        known = DOCUMENT_FIELDS if name == DOCUMENT else self._kind.fields(name, table)
        names = chosen(self._source.name, name, table, [f.name for f in known])
        return tuple(f for f in known if f.name in names or f.name == FAULT)

    def _batches(self, name: str, paths: list[Path]) -> Iterator[pa.RecordBatch]:
        if not self._read:
            self._take_all(paths)
            self._read = True
        with pa.OSFile(str(self._aside / f"{name}.arrow")) as file:
            yield from pa.ipc.open_stream(file)

    def _take_all(self, paths: list[Path]) -> None:
        with ExitStack() as open_tables:
            tables = {
                name: open_tables.enter_context(_Aside(self._aside, name, self._kept(name, table)))
                for name, table in self._source.tables.items()
            }
            for path in paths:
                for document in self._kind.split(path, self._whole):
                    self._take(document, tables)

    def _take(self, document: Document, tables: Mapping[str, "_Aside"]) -> None:
        fault, repaired, rows = document.fault, None, []
        try:
            if fault is None:
                taken = self._kind.take(document, self._whole)
                repaired, rows = taken.repaired, list(taken.rows)
        except Faulty as error:
            fault = error.fault
        own = {"repaired": repaired, FAULT: fault, "content": document.content}
        place = {"file": document.file, "number": document.number}
        tables[DOCUMENT].add({**place, "start": document.start, **own}, len(document.content))
        for name, row in rows:
            if name in tables:
                tables[name].add({**row, **place})


def _checked(source: Source) -> SourceTable:
    """The section of the table `document`: without it a damaged document would leave no trace."""
    if DOCUMENT not in source.tables:
        raise ConfigError(
            f"a table '{DOCUMENT}' in source.toml of {source.name}",
            found=f"only {', '.join(source.tables)}",
            do=f'Write [tables.{DOCUMENT}] with file, key = ["file", "number"]'
            ' and role = "reference".',
        )
    return source.tables[DOCUMENT]


class _Aside:
    """Rows of one table on their way to a file, in batches."""

    def __init__(self, folder: Path, name: str, fields: tuple[Field, ...]) -> None:
        self._schema = pa.schema([(f.name, f.type) for f in fields])
        self._path = folder / f"{name}.arrow"
        self._rows: list[Row] = []
        self._bytes = 0

    def __enter__(self) -> "_Aside":
        self._writer = pa.ipc.new_stream(str(self._path), self._schema)
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def add(self, row: Row, size: int = 0) -> None:
        """One row; `size` is what it weighs beyond the usual, in bytes."""
        self._rows.append(row)
        self._bytes += size
        if len(self._rows) >= _ROWS or self._bytes > _HELD:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            columns = [
                pa.array([row.get(f.name) for row in self._rows], f.type) for f in self._schema
            ]
            self._writer.write_batch(pa.record_batch(columns, schema=self._schema))
            self._rows, self._bytes = [], 0


@contextmanager
def open_documents(
    source: Source, root: Path, kind: Kind, scratch: Path | None = None
) -> Iterator[Documents]:
    """Open a folder of documents; `scratch` is where their rows lie until they are landed."""
    folder = folder_of(source, root)
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as aside:
        yield Documents(source, kind, folder, Path(aside))
