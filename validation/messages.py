"""How many rows HL7 v2 messages come to: counted on bytes, by code that shares nothing with what
reads them.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from mmap import ACCESS_READ, mmap
from pathlib import Path

from minns.config import Source, expand

_BEGIN = re.compile(
    rb"(?:(?:\A(?:\xef\xbb\xbf)?|(?<=[\r\n]))\x0b?(?:MSH|[FB]HS|[FB]TS)|\x0b(?:MSH|[FB]HS))"
    rb"[!-/:-@\[-`{-~]"
)
_SAYS = re.compile(rb"\S")
_PAGES = {
    b"": None,
    b"ASCII": "ascii",
    b"UNICODE UTF-8": "utf-8",
    b"UTF-8": "utf-8",
    b"UTF8": "utf-8",
    **{f"8859/{part}".encode(): f"latin-{name}" for part, name in ((1, 1), (4, 4), (9, 5))},
    b"8859/10": "latin-6",
    b"8859/15": "iso8859_15",
}
_NEVER = re.compile("[\x80-\x9f]")


def count_messages(source: Source, root: Path) -> Iterator[tuple[str, int]]:
    """Rows by table: one a document, and of those that can be read one a segment."""
    whole = source.tables["document"]
    found: Counter[str] = Counter()
    paths = sorted((root / expand(source.folder or "")).glob(whole.file or "document"))
    if not paths:
        raise FileNotFoundError
    for path in paths:
        since = {b"MSH": 0, b"BHS": 0}
        for piece in _pieces(path):
            found["document"] += 1
            kind = piece.lstrip(b"\x0b")[:3] if _BEGIN.match(piece) else b""
            since[b"MSH"] *= kind not in (b"BHS", b"FHS")
            since[b"BHS"] *= kind != b"FHS"
            since[kind] = since.get(kind, 0) + 1
            counted = {b"BTS": since[b"MSH"], b"FTS": since[b"BHS"]}.get(kind)
            if counted is None or not _differs(piece, counted):
                found.update(_segments(piece, whole.encoding))
    for name in source.tables:
        yield name, found[name]


def _pieces(path: Path) -> Iterator[bytes]:
    if not path.stat().st_size:
        return
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        starts = [match.start() for match in _BEGIN.finditer(content)]
        bounds = [0, *(start for start in starts if start), len(content)]
        for first, last in pairwise(bounds):
            piece = content[first:last]
            if _SAYS.search(piece.strip(b"\x0b\x1c \r\n").removeprefix(b"\xef\xbb\xbf")):
                yield piece.removeprefix(b"\xef\xbb\xbf")


def _differs(foot: bytes, counted: int) -> bool:
    """Whether the first field of a foot is another number."""
    text = foot.lstrip(b"\x0b")
    told = text[4:].split(text[3:4])[0].strip(b"\r\n\x1c ")
    return told.isdigit() and int(told) != counted


def _segments(piece: bytes, otherwise: str) -> Iterator[str]:
    """The names of a document's segments; none of one that cannot be read."""
    if not _readable(piece, otherwise):
        return
    separator = re.escape(piece.lstrip(b"\x0b")[3:4])
    names = re.findall(
        rb"(?:\A\x0b?|(?<=[\r\n]))([A-Z][A-Z0-9]{2})(?=" + separator + rb"|[\r\n\x1c]|\Z)", piece
    )
    for name in names:
        yield "segment"
        yield name.decode()


def _readable(piece: bytes, otherwise: str) -> bool:
    text = piece.lstrip(b"\x0b").rstrip(b"\r\n").removesuffix(b"\x1c")
    if not _BEGIN.match(piece) or b"\0" in piece:
        return False
    if piece.startswith(b"\x0b") and not piece.rstrip(b"\r\n").endswith(b"\x1c"):
        return False
    head = re.split(rb"[\r\n]", text, maxsplit=1)[0].split(text[3:4])
    if text.startswith(b"MSH") and (len(head) < 9 or not head[8]):
        return False
    named = head[17] if text.startswith(b"MSH") and len(head) > 17 else b""
    named = re.split(rb"[~^]", named)[0].strip().upper()
    if named not in _PAGES or not _is_separated(head[0], head[1] if len(head) > 1 else b"", text):
        return False
    second = re.search(rb"[\r\n]\s*[\r\n]*([^\r\n]*\S[^\r\n]*)", text)
    names = rb"[A-Z][A-Z0-9]{2}(?:" + re.escape(text[3:4]) + rb"|\x1c?\Z)"
    if head[0][1:] in (b"SH", b"HS") and second and not re.match(names, second.group(1)):
        return False
    page = _PAGES[named] or otherwise
    page = otherwise if page == "ascii" and not piece.isascii() else page
    try:
        return not _NEVER.search(piece.decode(page))
    except UnicodeDecodeError:
        return False


def _is_separated(kind: bytes, told: bytes, text: bytes) -> bool:
    """Whether the head tells separators that differ from one another and are no letters."""
    if kind[1:] not in (b"SH", b"HS"):
        return True
    marks = text[3:4] + told
    marks += b"|^~\\&"[len(marks) :]
    return (
        told != b""
        and 5 <= len(marks) <= 6
        and len(set(marks[:5])) == 5
        and not re.search(rb"[\w\s\x1c-\x1f]", marks)
    )
