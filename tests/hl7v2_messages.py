"""HL7 v2 messages for tests: made up, landed and counted."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import extract
from minns.config import Source
from minns.engine import Engine
from minns.store import Dataset, Store
from validation.recount import recount

SEGMENTS = ("MSH", "EVN", "PID", "MRG", "PV1", "ORC", "OBR", "OBX", "RXA", "NTE", "BTS", "ZZZ")
PLACE = {"key": ["file", "number", "position"], "may_be_empty": True}
#: Of the official list of test numbers.
NUMBER = "189001019802"
ADT = (
    r"MSH|^~\&|PAS|SU|MINNS|VGR|20240102030405+0100||ADT^A08^ADT_A01|1|P|2.5|||||SWE|{page}",
    rf"PID|1||7^^^PAS^PI~{NUMBER}^^^SKV^NNSWE||Åkerström^Björn^Ö||18900101|M",
    r"PV1|1|I|MED^2^1",
)


def message(*lines: str, page: str = "UNICODE UTF-8", encoding: str = "utf-8") -> bytes:
    """Segments as bytes, each ended by CR."""
    return "".join(f"{line}\r" for line in lines).replace("{page}", page).encode(encoding)


def source(folder: Path, encoding: str = "utf-8") -> Source:
    whole = {
        **{"file": "*.hl7", "key": ["file", "number"], "role": "reference"},
        **{"encoding": encoding},
    }
    segment = {**PLACE, "role": "reference"}
    tables: dict[str, Any] = {"document": whole, "segment": segment}
    tables |= dict.fromkeys(SEGMENTS, PLACE)
    return Source.model_validate(
        {"name": "pas", "kind": "hl7v2", "folder": str(folder), "tables": tables}
    )


class Landed:
    """Files of messages, landed; and what is asked of them."""

    def __init__(self, folder: Path, *files: bytes, encoding: str = "utf-8") -> None:
        given = folder / "files"
        given.mkdir(exist_ok=True)
        for number, content in enumerate(files, 1):
            (given / f"{number}.hl7").write_bytes(content)
        self.source = source(given, encoding)
        self.store = Store(folder / "work")
        self.landing: Dataset = extract.land(self.source, self.store, root=folder)
        self.counted = recount(self.source, folder)

    @property
    def agrees(self) -> bool:
        """Whether the independent count finds what was landed."""
        return all(self.landing.rows(name) == rows for name, rows in self.counted.items())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with Engine(self.store.scratch, threads=1) as engine:
            for name in self.landing.tables:
                engine.view(name, self.landing.parts(name))
            return engine.rows(sql)


def mutated(content: bytes, seed: int) -> bytes:
    """A few bytes of a file changed, put in, taken out or doubled."""
    chance = random.Random(seed)
    made = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(made) or 1)
        width = chance.choice((1, 1, 2, 9, 40))
        piece = bytes(made[place : place + width])
        rubbish = bytes(chance.choice(_LIKELY) for _ in range(width))
        made[place : place + width] = chance.choice((b"", rubbish, piece * 2, piece[::-1]))
    return bytes(made)


_LIKELY: Sequence[int] = b"|^~\\&\r\n\x0b\x1c\0MSHPIDBTS19 \xe5\xc3\xa5\x85\xff"
