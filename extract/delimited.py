"""Delimited text (kind csv): every column as text, exactly as it stands between its delimiters."""

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from extract.files import encoding_of, facts_of, files_of, folder_of, ragged, utf8
from extract.source import Extract, Field, chosen, stamp_of
from minns.config import Source, SourceTable
from minns.errors import ConfigError, SourceError

#: Bytes parsed at a time; also the longest row.
BLOCK = 8 << 20


class Delimited:
    """The files of one source."""

    path = "pyarrow.csv"

    def __init__(self, source: str, folder: Path) -> None:
        self._source, self._folder = source, folder

    def read(self, name: str, table: SourceTable) -> Extract:
        """A table from one file or several with the same header."""
        _check_marks(name, table)
        paths = files_of(self._source, self._folder, name, table)
        header = _header(paths[0], name, table)
        names = chosen(self._source, name, table, header)
        for path in paths[1:]:
            if _header(path, name, table) != header:
                raise SourceError(
                    f"the header of {paths[0].name} in {path.name}",
                    found="another",
                    do="Files of one table must have the same columns: mend or move that file.",
                )
        fields = tuple(Field(column, "text", pa.string()) for column in names)
        return Extract(
            fields,
            _batches(paths, name, table, header, names),
            None,
            facts_of(paths),
            stamp_of(paths),
        )


def _check_marks(name: str, table: SourceTable) -> None:
    for mark, value in (("delimiter", table.delimiter), ("quote", table.quote)):
        if (len(value) != 1 and not (mark == "quote" and not value)) or not value.isascii():
            raise ConfigError(
                f"one ASCII character as {mark} of table '{name}'",
                found=f"'{value}'",
                do="Correct it in source.toml.",
            )


def _reader(lines: Iterable[str], table: SourceTable, *, strict: bool) -> Any:
    """The standard library's parser: slow, and used only for headers and diagnoses."""
    form: dict[str, Any] = {"quoting": csv.QUOTE_NONE}
    if table.quote:
        form = {"quotechar": table.quote, "strict": strict}
    return csv.reader(lines, delimiter=table.delimiter, **form)


@contextmanager
def _rows(path: Path, name: str, table: SourceTable) -> Iterator[Any]:
    with path.open("r", encoding=encoding_of(name, table), newline="") as lines:
        csv.field_size_limit(BLOCK)
        yield _reader(lines, table, strict=True)


def _header(path: Path, name: str, table: SourceTable) -> tuple[str, ...]:
    if not table.header:
        return table.columns
    with utf8(path, name, table) as stream:
        text = stream.read().decode()
    lines = io.StringIO(text, newline="")
    header = tuple(next(_reader(lines, table, strict=False), ()))
    if not header or len(set(header)) != len(header):
        raise SourceError(
            f"a header with a name for each column in {path.name}",
            found="none" if not header else "a name that stands twice",
            do="Fetch the file again, or set header = false and columns in source.toml.",
        )
    return header


def _batches(
    paths: list[Path],
    name: str,
    table: SourceTable,
    header: tuple[str, ...],
    names: tuple[str, ...],
) -> Iterator[pa.RecordBatch]:
    for path in paths:
        if path.stat().st_size:
            yield from _parsed(path, name, table, header, names)


def _parsed(
    path: Path, name: str, table: SourceTable, header: tuple[str, ...], names: tuple[str, ...]
) -> Iterator[pa.RecordBatch]:
    read = pa.csv.ReadOptions(
        use_threads=False,
        block_size=BLOCK,
        column_names=list(header),
        skip_rows_after_names=1 if table.header else 0,
    )
    parse = pa.csv.ParseOptions(
        delimiter=table.delimiter,
        quote_char=table.quote or False,
        newlines_in_values=True,
        ignore_empty_lines=len(header) > 1,
    )
    convert = pa.csv.ConvertOptions(
        column_types={column: pa.string() for column in header},
        include_columns=list(names),
        strings_can_be_null=False,
    )
    with utf8(path, name, table, table.quote) as stream:
        try:
            with pa.csv.open_csv(stream, read, parse, convert) as reader:
                yield from reader
        except pa.ArrowInvalid:
            raise stream.error or _diagnosis(path, name, table, len(header)) from None
        if stream.ends_in_line or stream.quotes % 2:
            _check_end(path, name, table, cut=stream.ends_in_line)


def _diagnosis(path: Path, name: str, table: SourceTable, width: int) -> SourceError:
    """Which line the fast parser stumbled on."""
    start = 1
    with _rows(path, name, table) as rows:
        try:
            for row in rows:
                if row and len(row) != width:
                    return ragged(path, start, f"{width} fields", f"{len(row)}")
                start = rows.line_num + 1
        except csv.Error:
            return ragged(path, start, "quotes in pairs", "one that is not closed, or a stray one")
    return ragged(path, start, f"rows of at most {BLOCK} bytes", "a longer one")


def _check_end(path: Path, name: str, table: SourceTable, *, cut: bool) -> None:
    """A file that ends within a line or a quote was cut off, however whole its last row looks."""
    last = start = 1
    with _rows(path, name, table) as rows:
        try:
            for _ in rows:
                last, start = start, rows.line_num + 1
        except csv.Error:
            found = "one that is not closed"
            raise ragged(path, start, "quotes in pairs", found) from None
    if cut:
        raise ragged(path, last, "a line end after the last row", "the file's end")


@contextmanager
def open_csv(source: Source, root: Path) -> Iterator[Delimited]:
    """Open a folder of delimited files."""
    yield Delimited(source.name, folder_of(source, root))
