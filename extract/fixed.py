"""Text with fixed positions (kind fixed): every field as text, blanks included."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from extract.files import facts_of, files_of, folder_of, ragged, utf8
from extract.source import Extract, Field, chosen, stamp_of
from minns.config import FixedField, Source, SourceTable
from minns.errors import ConfigError, SourceError

BLOCK = 4 << 20
#: Splits a line into fields in the CSV parser, so it must not occur: "unit separator".
NEVER = "\x1f"


class Fixed:
    """The files of one source."""

    path = "positions"

    def __init__(self, source: str, folder: Path) -> None:
        self._source, self._folder = source, folder

    def read(self, name: str, table: SourceTable) -> Extract:
        """A table from one file or several of one layout."""
        if not table.fields:
            raise ConfigError(
                f"fields for table '{name}' of {self._source}",
                found="none",
                do="Give name, start and width of each in source.toml.",
            )
        paths = files_of(self._source, self._folder, name, table)
        layout = {field.name: field for field in table.fields}
        names = chosen(self._source, name, table, tuple(layout))
        width = max(field.start + field.width - 1 for field in table.fields)
        fields = tuple(Field(column, "text", pa.string()) for column in names)
        batches = _batches(paths, name, table, [layout[column] for column in names], width)
        return Extract(fields, batches, None, facts_of(paths), stamp_of(paths))


def _batches(
    paths: list[Path], name: str, table: SourceTable, layout: list[FixedField], width: int
) -> Iterator[pa.RecordBatch]:
    for path in paths:
        line = 1
        for lines in _lines(path, name, table) if path.stat().st_size else ():
            _check_width(path, lines, line, width)
            arrays = [
                pc.utf8_slice_codeunits(lines, f.start - 1, f.start - 1 + f.width) for f in layout
            ]
            yield pa.RecordBatch.from_arrays(arrays, names=[f.name for f in layout])
            line += len(lines)


def _lines(path: Path, name: str, table: SourceTable) -> Iterator[pa.StringArray]:
    read = pa.csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=["line"])
    parse = pa.csv.ParseOptions(delimiter=NEVER, quote_char=False, ignore_empty_lines=False)
    convert = pa.csv.ConvertOptions(column_types={"line": pa.string()}, strings_can_be_null=False)
    with utf8(path, name, table) as stream:
        try:
            with pa.csv.open_csv(stream, read, parse, convert) as reader:
                for batch in reader:
                    yield batch.column(0)
        except pa.ArrowInvalid:
            raise stream.error or SourceError(
                f"lines of text in {path.name}",
                found="a line without end, or a control character",
                do="Check that the file is text, and fetch it again.",
            ) from None


def _check_width(path: Path, lines: pa.StringArray, first: int, width: int) -> None:
    lengths = pc.utf8_length(lines)
    wrong = pc.index(pc.not_equal(lengths, width), True).as_py()
    if wrong >= 0:
        raise ragged(path, first + wrong, f"{width} characters", str(lengths[wrong].as_py()))


@contextmanager
def open_fixed(source: Source, root: Path) -> Iterator[Fixed]:
    """Open a folder of files with fixed positions."""
    yield Fixed(source.name, folder_of(source, root))
