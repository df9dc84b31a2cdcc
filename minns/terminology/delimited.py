"""Delimited text as releases come: any of four delimiters, three code pages, lines of rubbish."""

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from minns.engine import Engine, literal, quote
from minns.errors import ConfigError

DELIMITERS = "\t;,|"
_CHUNK = 1 << 20


def start_of(path: Path, size: int = 4096) -> bytes:
    """The first bytes of a file; none when it is no file."""
    if not path.is_file():
        return b""
    with path.open("rb") as handle:
        return handle.read(size)


@dataclass(frozen=True)
class Shape:
    """How a file is written: DuckDB's name of its code page, delimiter, quote, and its header."""

    encoding: str
    delimiter: str
    quote: str
    header: tuple[str, ...]


def key_of(name: str) -> str:
    """A column's name as names are compared: letters and digits only, lower case."""
    return re.sub(r"[^a-z0-9åäö]", "", name.lower())


def encoding_of(path: Path) -> str:
    """`utf-8`, `utf-16` or `latin-1`. A stray bad byte does not make a UTF-8 file Latin-1."""
    with path.open("rb") as handle:
        start = handle.read(2)
        if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        broken, whole, chunk = 0, 0, start
        while chunk:
            text = decoder.decode(chunk)
            lost = text.count("�")
            broken += lost
            whole += sum(character > "\x7f" for character in text) - lost
            chunk = handle.read(_CHUNK)
    return "latin-1" if broken > whole else "utf-8"


def shape_of(path: Path) -> Shape:
    """Read the header and see how the file is written."""
    encoding = encoding_of(path)
    with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding) as lines:
        line = lines.readline(1 << 16).rstrip("\r\n")
    delimiter = max(DELIMITERS, key=line.count)
    # Tab-separated releases quote nothing, and have loose quotes in their texts.
    quoting = "" if delimiter == "\t" else '"'
    names = tuple(name.strip().strip('"') for name in line.split(delimiter))
    return Shape(encoding, delimiter, quoting, names)


def take(engine: Engine, table: str, paths: Sequence[Path]) -> int:
    """Make `table` of all columns as text from files of one layout; gives the lines refused."""
    shape = shape_of(paths[0])
    names = _unique(shape.header)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    listed = ", ".join(literal(str(path)) for path in paths)
    try:
        engine.run(
            f"create or replace table {quote(table)} as select * from read_csv([{listed}], "  # noqa: S608
            f"header = true, auto_detect = false, columns = {{{columns}}}, nullstr = '', "
            f"delim = {literal(shape.delimiter)}, quote = {literal(shape.quote)}, "
            f"escape = {literal(shape.quote)}, encoding = {literal(shape.encoding)}, "
            "ignore_errors = true, store_rejects = true, "
            f"rejects_table = {literal(table + '_refused')}, "
            f"rejects_scan = {literal(table + '_scanned')})"
        )
    except duckdb.Error:
        raise ConfigError(
            f"delimited text with a header in {', '.join(path.name for path in paths)}",
            found="something that cannot be read as such",
            do="Check that it is the release's own file, unpacked.",
        ) from None
    refused = quote(table + "_refused")
    return int(engine.value(f"select count(distinct (file_id, line)) from {refused}"))  # noqa: S608


def _unique(names: Sequence[str]) -> list[str]:
    """Names as columns: an empty or repeated one gets its number."""
    seen: set[str] = set()
    made = []
    for number, name in enumerate(names, 1):
        own = name if name and name.lower() not in seen else f"{name}_{number}"
        seen.add(own.lower())
        made.append(own)
    return made
