"""One code map: a local code, a standard one, how near they are, and how far it has come."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

State = Literal["suggested", "mapped", "reviewed", "approved", "rejected"]
#: How far a map has come; a rejected one is kept, so that nobody suggests it again.
STATES: tuple[State, ...] = ("suggested", "mapped", "reviewed", "approved", "rejected")

#: What SSSOM's predicates mean for the standard code; one that is not here gives none.
EQUIVALENCES: dict[str, str] = {
    "skos:exactMatch": "equivalent",
    "skos:closeMatch": "inexact",
    "skos:broadMatch": "wider",
    "skos:narrowMatch": "narrower",
    "skos:relatedMatch": "",
}
PREDICATES: dict[str, str] = {
    "equal": "skos:exactMatch",
    **{equivalence: predicate for predicate, equivalence in EQUIVALENCES.items()},
}
#: Characters that a CURIE's local part cannot hold; letters such as ö stay readable.
_UNSAFE = re.compile(r'[\x00-\x20%<>"{}|\\^`\x7f\xa0]')


@dataclass(frozen=True)
class CodeMap:
    """A map. `equivalence` is the standard code's: wider means that it says less than the local
    one. `source`: the legacy system it is of, empty when shared.
    """

    map_id: str
    local_system: str
    local_code: str
    system: str
    code: str
    state: State = "suggested"
    equivalence: str = "equivalent"
    local_text: str = ""
    kind: str = ""
    system_version: str = ""
    display: str = ""
    authors: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    justification: str = "semapv:ManualMappingCuration"
    confidence: float | None = None
    mapped_on: str = ""
    reviewed_on: str = ""
    source: str = ""
    comment: str = ""

    @property
    def place(self) -> tuple[str, ...]:
        """What orders the maps of a file."""
        return (self.local_system, self.local_code, self.kind, self.system, self.code, self.map_id)


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's, however they are written."""
    return one.strip().lower() == other.strip().lower()


def usable(codemap: CodeMap) -> bool:
    """Whether a wave may use a map: approved, and by somebody who did not make it."""
    authors = codemap.authors
    others = [r for r in codemap.reviewers if not any(same_person(r, a) for a in authors)]
    return codemap.state == "approved" and bool(authors and others)


def curie(prefix: str, local: str) -> str:
    """`prefix:local`, with what a CURIE cannot hold percent-encoded."""
    encoded = _UNSAFE.sub(lambda m: "".join(f"%{b:02X}" for b in m.group().encode()), local)
    return f"{prefix}:{encoded}"


def parts(text: str) -> tuple[str, str]:
    """Prefix and local part of a CURIE."""
    prefix, _, local = text.partition(":")
    return prefix, unquote(local)
