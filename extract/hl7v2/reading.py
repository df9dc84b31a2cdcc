"""A message's text and segments: decoded as it says itself, in the standard's own separators.

The grammar is small (segments, fields, and three levels within them), and a library that parses
messages into objects costs a hundred times what is needed here; in tests one of those is the
oracle.
"""

import codecs
import re
from dataclasses import dataclass

from extract.documents import Faulty

#: HL7 table 0211, alternate character sets, by Python's names; the table names no other single ones
#: that were used in Sweden.
PAGES = {
    "ASCII": "ascii",
    "8859/1": "iso8859-1",
    "8859/4": "iso8859-4",
    "8859/9": "iso8859-9",
    "8859/10": "iso8859-10",
    "8859/15": "iso8859-15",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
}
#: What decoded Swedish text never holds: see extract.files.
_STRANGE = re.compile("[\u0080-\u009f]")
_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}")
_LINE_END = re.compile(r"\r\n|\r|\n")
_HEXADECIMAL = re.compile(r"\\X((?:[0-9A-Fa-f]{2})+)\\")
#: Field separator, then component, repetition, escape and subcomponent (HL7 v2, chapter 2.5.4).
STANDARD = "|^~\\&"
_ESCAPED = {"|": "\\F\\", "^": "\\S\\", "~": "\\R\\", "\\": "\\E\\", "&": "\\T\\"}
HEADS = ("MSH", "FHS", "BHS")


@dataclass(frozen=True)
class Text:
    """A message's text, the code page it was in, and what was repaired to read it."""

    text: str
    page: str
    repaired: tuple[str, ...]


def decoded(content: bytes, otherwise: str) -> Text:
    """The text of a message; `otherwise` is its code page where it names none, or one that it
    cannot be in.
    """
    framed = content.lstrip(b"\x0b").rstrip(b"\r\n")
    whole = framed.removesuffix(b"\x1c")
    if content.startswith(b"\x0b") and whole == framed:
        raise Faulty("cut_off")
    if b"\0" in whole:
        raise Faulty("nul_byte")
    named = _page(whole)
    repaired = []
    if named is None or (named == "ascii" and not whole.isascii()):
        if named is not None:
            repaired.append(f"not ASCII as it says, read as {otherwise}")
        named = otherwise
    try:
        text = codecs.decode(whole, named)
    except UnicodeDecodeError:
        raise Faulty("not_in_its_code_page") from None
    if _STRANGE.search(text):
        raise Faulty("not_in_its_code_page")
    return Text(text, named, tuple(repaired))


def _page(content: bytes) -> str | None:
    """The code page that MSH-18 names; None where it names none."""
    head = re.split(rb"[\r\n]", content, maxsplit=1)[0]
    fields = head.split(head[3:4])
    if not head.startswith(b"MSH") or len(fields) < 18:
        return None
    first = re.split(rb"[~^]", fields[17])[0].decode("ascii", "replace").strip()
    if first and first.upper() not in PAGES:
        raise Faulty("unknown_code_page")
    return PAGES.get(first.upper())


def segments(text: Text) -> tuple[list[list[str]], tuple[str, ...]]:
    """The segments, each as its fields (the first is its name), in the standard's separators with
    what is escaped left so; and what was repaired.
    """
    separators = _separators(text.text)
    lines, repaired = _lines(text.text, separators[0])
    found = []
    for line in lines:
        if separators != STANDARD:
            line = line[:3] + _translated(line[3:], separators)
        found.append(_unhexed(line, text.page).split("|"))
    if found[0][0] in HEADS:
        # the separator is itself the first field
        found[0][1:2] = [separators[0], separators[1:]]
    return found, (*text.repaired, *repaired)


def _separators(text: str) -> str:
    """The five separators of a message; what it leaves out is the standard's."""
    if text[:3] not in HEADS:
        own = text[3:4]
        return STANDARD if not own or own.isalnum() or own in STANDARD else own + STANDARD[1:]
    head = _LINE_END.split(text, 1)[0]
    told = text[3:4] + head[4:].split(text[3:4], 1)[0]
    if not 2 <= len(told) <= 6 or any(c.isalnum() or c.isspace() for c in told):
        raise Faulty("bad_separators")
    told = told[:5] + "".join(c for c in STANDARD[len(told) :])
    if len(set(told)) != len(told):
        raise Faulty("bad_separators")
    return told


def _lines(text: str, separator: str) -> tuple[list[str], list[str]]:
    """The segments' lines. A line that begins no segment belongs to the text before it."""
    repaired = []
    ends = {end.group() for end in _LINE_END.finditer(text)}
    if ends - {"\r"}:
        repaired.append("other line ends than CR")
    lines: list[str] = []
    for line in _LINE_END.split(text):
        if _SEGMENT.match(line) and line[3:4] in ("", separator):
            lines.append(line)
        elif line.strip():
            if not lines:
                raise Faulty("no_segment")
            if len(lines) == 1 and lines[0][:3] in HEADS:
                raise Faulty("broken_header")
            repaired.append("a line break within a segment")
            # a bare name has no field yet that the text could belong to
            lines[-1] += f"{separator if len(lines[-1]) == 3 else ''}\\.br\\{line}"
    if not lines:
        raise Faulty("no_segment")
    return lines, list(dict.fromkeys(repaired))


def _translated(text: str, separators: str) -> str:
    """A text with its own separators in the standard's; what is none there is escaped."""
    own = dict(zip(separators, STANDARD, strict=True))
    named = dict(zip("FSRET", separators, strict=True))
    escape = re.escape(separators[3])
    token = re.compile(f"(?s){escape}([FSRET]){escape}|(.)")

    def standard(match: re.Match[str]) -> str:
        if match.group(1):
            said = named[match.group(1)]
            return _ESCAPED.get(said, said)
        return own.get(match.group(2)) or _ESCAPED.get(match.group(2), match.group(2))

    return token.sub(standard, text)


def _unhexed(line: str, page: str) -> str:
    r"""A segment whose \X..\ are characters; what is no text in the code page stays as it is."""

    def characters(match: re.Match[str]) -> str:
        try:
            text = bytes.fromhex(match.group(1)).decode(page)
        except UnicodeDecodeError:
            return match.group()
        return "".join(_ESCAPED.get(c, c) for c in text)

    return _HEXADECIMAL.sub(characters, line) if "\\X" in line else line
