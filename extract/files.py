"""Text files of a source: found by pattern, decoded strictly, streamed as UTF-8."""

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from minns.config import Source, SourceTable, expand
from minns.errors import ConfigError, SourceError

#: Bytes read at a time.
CHUNK = 1 << 20
#: What decoded Swedish text never holds: control characters of the C1 set (a code page of DOS
#: read as ISO 8859-1), and box drawing or a division sign (the other way round).
STRANGE = re.compile("[\u0080-\u009f\u2500-\u257f]")
STRANGE_DOS = re.compile("[\u0080-\u009f\u2500-\u257f\u00f7]")
C1 = re.compile(b"[\x80-\x9f]")
DOS_LETTERS = bytes.fromhex("8684948f8e99")
LATIN_LETTERS = bytes.fromhex("e5e4f6c5c4d6")


def folder_of(source: Source, root: Path) -> Path:
    """The folder that the source's files lie in."""
    if not source.folder:
        raise ConfigError(
            f"a folder for the source {source.name}",
            found="none",
            do=f"Set it in source.toml or in [sources.{source.name}] of minns.toml.",
        )
    folder = root / expand(source.folder)
    if not folder.is_dir():
        raise SourceError(
            f"the folder {folder} of {source.name}",
            found="no such folder",
            do="Check folder in source.toml or minns.toml.",
        )
    return folder


def files_of(source: str, folder: Path, name: str, table: SourceTable) -> list[Path]:
    """The files of a table, sorted by name; none is an error."""
    pattern = table.file or name
    found = sorted(path for path in folder.glob(pattern) if path.is_file())
    if not found:
        raise SourceError(
            f"the file '{pattern}' of {source} in {folder}",
            found="no such file",
            do="Fetch the file, or correct 'file' of the table in source.toml.",
        )
    return found


def encoding_of(name: str, table: SourceTable) -> str:
    """Python's name of the table's code page; a byte order mark before UTF-8 is no content."""
    try:
        page = codecs.lookup(table.encoding).name
    except LookupError:
        raise ConfigError(
            f"a code page that Python knows for table '{name}'",
            found=f"'{table.encoding}'",
            do="Write for example utf-8, iso8859-1, cp1252 or cp850.",
        ) from None
    return "utf-8-sig" if page == "utf-8" else page


def facts_of(paths: list[Path]) -> dict[str, object]:
    """What the manifest tells of files."""
    return {"files": [{"name": path.name, "bytes": path.stat().st_size} for path in paths]}


def looks_like(data: bytes) -> str:
    """The code page that bytes of Swedish text are most likely in."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=False)
        return "utf-8"
    except UnicodeDecodeError:
        dos, latin = (sum(map(data.count, c)) for c in (_bytes(DOS_LETTERS), _bytes(LATIN_LETTERS)))
        if dos > latin:
            return "cp850"
        return "cp1252" if C1.search(data) else "iso8859-1"


def _bytes(letters: bytes) -> list[bytes]:
    return [bytes([letter]) for letter in letters]


class Utf8:
    """A file as UTF-8, readable in pieces; its errors are kept, for parsers that wrap them.

    At the end of the file it knows how many quotes and whether a line end closed it.
    """

    closed = False

    def __init__(self, path: Path, encoding: str, page: str, quote: str = "") -> None:
        self._file = path.open("rb")
        self._path, self._page, self._quote = path, page, quote
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
        single = encoding not in ("utf-8-sig",) and not encoding.startswith("utf")
        self._utf8 = codecs.getincrementaldecoder("utf-8")() if single else None
        self._strange = STRANGE_DOS if encoding in ("cp850", "cp437") else STRANGE
        self._rest, self._lines, self._foreign, self._last = b"", 0, False, ""
        self.quotes = 0
        self.error: SourceError | None = None

    @property
    def ends_in_line(self) -> bool:
        """Whether the file ends in the middle of a line."""
        return self._last not in ("", "\n", "\r")

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True
        self._file.close()

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes of UTF-8; none at the end."""
        if not self._rest:
            self._rest = self._more()
        size = len(self._rest) if size < 0 else size
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece

    def _more(self) -> bytes:
        while data := self._file.read(CHUNK):
            if text := self._decoded(data, final=False):
                return text.encode()
        text = self._decoded(b"", final=True)
        if self._utf8 is not None and self._foreign:
            raise self._fail("utf-8", self._lines)
        return text.encode()

    def _decoded(self, data: bytes, *, final: bool) -> str:
        try:
            text = self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            line = self._lines + error.object[: error.start].count(b"\n") + 1
            raise self._fail(looks_like(data), line) from None
        if not text.isascii():
            self._suspect(text, data)
        self._lines += text.count("\n")
        self.quotes += text.count(self._quote) if self._quote else 0
        self._last = text[-1:] or self._last
        return text

    def _suspect(self, text: str, data: bytes) -> None:
        """Pages of eight bits decode anything: look for what text never holds, and for UTF-8."""
        if found := self._strange.search(text):
            line = self._lines + text.count("\n", 0, found.start()) + 1
            raise self._fail(looks_like(data), line)
        if self._utf8 is not None:
            try:
                self._utf8.decode(data)
                self._foreign = True
            except UnicodeDecodeError:
                self._utf8, self._foreign = None, False

    def _fail(self, looks: str, line: int) -> SourceError:
        same = codecs.lookup(looks).name == codecs.lookup(self._page).name
        found = "bytes that are not" if same else f"bytes like {looks}"
        self.error = SourceError(
            f"{self._page} in {self._path.name}",
            found=f"{found} by line {line}",
            do="Correct 'encoding' of the table in source.toml, or fetch the file again.",
        )
        return self.error


@contextmanager
def utf8(path: Path, name: str, table: SourceTable, quote: str = "") -> Iterator[Utf8]:
    """Open a file of a table as UTF-8."""
    stream = Utf8(path, encoding_of(name, table), table.encoding, quote)
    try:
        yield stream
    finally:
        stream.close()


def ragged(path: Path, line: int, expected: str, found: str) -> SourceError:
    """A line that does not have the table's form; its content is never told."""
    return SourceError(
        f"{expected} in line {line} of {path.name}",
        found=found,
        do="The file is damaged or cut off: fetch it again, or mend that line.",
    )
