"""Messages taken apart: a row for each segment, which knows the segments that it belongs to."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from extract.documents import DOCUMENT, Document, Faulty, Row, Taken
from extract.files import encoding_of
from extract.hl7v2.reading import decoded, segments
from extract.hl7v2.splitting import documents
from extract.source import Field
from minns.config import SourceTable

#: The table of all segments, whatever they are called: none is lost for want of a table.
SEGMENT = "segment"
#: Fields of a segment that get a column each; the longest of the standard (PV1) has 54. What a
#: segment has beyond them is kept in one more.
FIELDS = 60
#: Segments that others belong to, and how deep they stand: one ends those that stand deeper.
LEVELS = {"PID": 1, "PV1": 2, "ORC": 3, "OBR": 4, "RXA": 4, "RXE": 4, "RXO": 4, "TXA": 4}
_PLACE = (
    Field("file", "text", pa.string()),
    Field("number", "integer", pa.int64()),
    Field("position", "integer", pa.int64()),
)
_ABOVE = tuple(Field(f"of_{name.lower()}", "integer", pa.int64()) for name in LEVELS)


class Messages:
    """HL7 v2, any version: versions differ in what fields mean, not in how they are written."""

    path = "hl7v2"

    def fields(self, name: str, table: SourceTable) -> tuple[Field, ...]:
        """`file` and `number` of the message, `position` of the segment in it (from 1), the
        positions of the segments it belongs to (`of_pid`, …), and its fields (`obx_1`, …) as they
        stand in standard separators; of `segment`: its name and its whole text.
        """
        if name == SEGMENT:
            own = [Field("name", "text", pa.string()), Field("text", "text", pa.string())]
        else:
            names = [_column(name, number) for number in range(1, FIELDS + 1)]
            own = [Field(n, "text", pa.string()) for n in (*names, f"{name.lower()}_more")]
        return (*_PLACE, *_ABOVE, *own)

    def split(self, path: Path, table: SourceTable) -> Iterator[Document]:
        """The messages of a file, and the heads and feet of its batches."""
        return documents(path)

    def take(self, document: Document, table: SourceTable) -> Taken:
        """The segments of a message."""
        otherwise = encoding_of(DOCUMENT, table).removesuffix("-sig")
        found, repaired = segments(decoded(document.content, otherwise))
        head = found[0]
        if head[0] == "MSH" and (len(head) < 10 or not head[9]):
            raise Faulty("no_message_type")
        return Taken(_rows(found), "; ".join(repaired) or None)


def _column(name: str, number: int) -> str:
    return f"{name.lower()}_{number}"


def _rows(found: list[list[str]]) -> Iterator[tuple[str, Row]]:
    above: dict[str, int] = {}
    for position, fields in enumerate(found, 1):
        name = fields[0]
        place = {"position": position, **{f"of_{n.lower()}": p for n, p in above.items()}}
        text = "|".join(fields) if position > 1 else "|".join(fields[:1] + fields[2:])
        yield SEGMENT, {**place, "name": name, "text": text}
        values = {_column(name, n): value for n, value in enumerate(fields[1 : FIELDS + 1], 1)}
        if len(fields) > FIELDS + 1:
            values[f"{name.lower()}_more"] = "|".join(fields[FIELDS + 1 :])
        yield name, {**place, **values}
        if name in LEVELS:
            above = {n: p for n, p in above.items() if LEVELS[n] < LEVELS[name]}
            above[name] = position
