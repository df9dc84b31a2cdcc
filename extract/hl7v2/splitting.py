"""The messages of a file: bare, one after the other, in batches (FHS, BHS, BTS, FTS), or framed as
they came over the line (MLLP).

Only bytes are looked at here: every code page that messages are sent in has the same line ends.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from extract.documents import Document
from minns.errors import SourceError

#: The longest message in bytes: scanned papers come inside messages.
LONGEST = 64 << 20
_CHUNK = 1 << 20
#: MLLP (HL7 v2, appendix C): a message between a vertical tab and a file separator.
_BEGIN, _END = b"\x0b", b"\x1c"
_MARK = b"\xef\xbb\xbf"
#: What begins a document of its own: a message, or the head or foot of a batch.
_HEAD = re.compile(rb"\x0b?(MSH|FHS|BHS|BTS|FTS)[!-/:-@\[-`{-~]")
#: A frame begins a line wherever it stands: what was cut off before it has no line end.
_LINE_END = re.compile(rb"\r\n|\r|\n|(?<=[^\r\n])(?=\x0b(?:MSH|FHS|BHS))")


def documents(path: Path) -> Iterator[Document]:
    """Each message, and each head and foot of a batch, as it stands in its file. A foot that tells
    another number of messages or batches than came, and what stands before the first message, is
    faulty.
    """
    batch = _Batch()
    for number, (start, content) in enumerate(_pieces(path), 1):
        yield Document(path.name, number, start, content, batch.fault(content))


class _Batch:
    """What came since the head of a batch and of a file."""

    def __init__(self) -> None:
        self._messages = self._batches = 0

    def fault(self, content: bytes) -> str | None:
        """What is wrong with a piece in its place."""
        head = _HEAD.match(content)
        if head is None:
            return "no_message_header"
        kind = head.group(1)
        if kind == b"MSH":
            self._messages += 1
        elif kind == b"BHS":
            self._messages, self._batches = 0, self._batches + 1
        elif kind == b"FHS":
            self._messages = self._batches = 0
        else:
            there = self._messages if kind == b"BTS" else self._batches
            told = _told(content)
            return "another_count_than_told" if told not in (None, there) else None
        return None


def _told(content: bytes) -> int | None:
    """The count in the first field of a foot; None where it tells none."""
    fields = content.lstrip(_BEGIN).split(content.lstrip(_BEGIN)[3:4])
    text = fields[1].strip(b"\r\n\x1c ") if len(fields) > 1 else b""
    return int(text) if text.isdigit() else None


def _pieces(path: Path) -> Iterator[tuple[int, bytes]]:
    """Where each piece starts in the file, and its bytes; blank ones are left out."""
    lines: list[bytes] = []
    start = size = 0
    with path.open("rb") as file:
        for place, line in _lines(file):
            if _HEAD.match(line) and lines:
                yield from _piece(start, lines)
                lines, size = [], 0
            start = start if lines else place
            lines.append(line)
            size += len(line)
            if size > LONGEST:
                raise SourceError(
                    f"messages of at most {LONGEST >> 20} MiB in {path.name}",
                    found="a longer one, or a file that holds no messages",
                    do="Check that the file is HL7 v2, and fetch it again.",
                )
        yield from _piece(start, lines)


def _piece(start: int, lines: list[bytes]) -> Iterator[tuple[int, bytes]]:
    content = b"".join(lines)
    if content.strip(b"\r\n\x0b\x1c \t"):
        yield start, content


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Lines with their ends and places, whichever line ends the file has; a mark at the file's
    beginning that tells of UTF-8 is no part of the first.
    """
    rest = file.read(len(_MARK))
    place = len(_MARK) if rest == _MARK else 0
    rest = b"" if rest == _MARK else rest
    while chunk := file.read(_CHUNK):
        rest += chunk
        last = 0
        for end in _LINE_END.finditer(rest):
            if end.end() == len(rest):
                break  # a line feed may follow
            yield place + last, rest[last : end.end()]
            last = end.end()
        place, rest = place + last, rest[last:]
        if len(rest) > LONGEST:
            break
    if rest:
        yield from _last(place, rest)


def _last(place: int, rest: bytes) -> Iterator[tuple[int, bytes]]:
    last = 0
    for end in _LINE_END.finditer(rest):
        yield place + last, rest[last : end.end()]
        last = end.end()
    if last < len(rest):
        yield place + last, rest[last:]
