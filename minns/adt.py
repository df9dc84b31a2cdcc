"""Changes of ids as HL7 v2 messages (2.5.1), for systems that follow the record.

    A28  a person is new, or stands on its own again
    A40  two persons are one: PID-3 is the survivor, MRG-1 the prior id
    A31  a person's list of identifiers changed
    A29  a person is no longer known: all of its identities left with a wave that was withdrawn

Messages hold ids only, and no name: PID-5 says so (type U). Nothing in them depends on a clock:
their time is that of the ledger's entry, their control id the segment of the registry and a number.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

VERSION = "2.5.1"
#: Who assigns person ids, and what kind of identifier all of them are (patient internal).
AUTHORITY = "MINNS"
_KIND = "PI"
_ENCODING = "^~\\&"
_STRUCTURE = {"A28": "ADT_A05", "A29": "ADT_A21", "A31": "ADT_A05", "A40": "ADT_A39"}
_ESCAPED = str.maketrans(
    {
        "\\": "\\E\\",
        "|": "\\F\\",
        "~": "\\R\\",
        "^": "\\S\\",
        "&": "\\T\\",
        "\r": "\\X0D\\",
        "\n": "\\X0A\\",
    }
)


@dataclass(frozen=True)
class Change:
    """What happened to one person: its identifiers (source, local id) from then on; for a merge,
    the person id that is no more.
    """

    trigger: str
    person_id: str
    identities: Sequence[tuple[str, str]] = ()
    prior: str | None = None


def escape(text: str) -> str:
    """Text in which no character is taken for a separator."""
    return text.translate(_ESCAPED)


def stamp(moment: str) -> str:
    """A moment of the ledger (2026-11-23T14:05:00Z) as HL7 writes it."""
    digits = "".join(character for character in moment if character.isdigit())
    return f"{digits[:14]}+0000"


def _identifier(authority: str, value: str) -> str:
    return f"{escape(value)}^^^{escape(authority)}^{_KIND}"


def message(change: Change, moment: str, control: str) -> Iterator[str]:
    """The segments of one message, without their ends."""
    trigger, at = change.trigger, stamp(moment)
    kind = f"ADT^{trigger}^{_STRUCTURE[trigger]}"
    header = ("MSH", _ENCODING, AUTHORITY, "", "", "", at, "", kind, control, "P", VERSION)
    yield "|".join((*header, "", "", "", "", "SWE", "UNICODE UTF-8"))
    yield f"EVN|{trigger}|{at}"
    own = _identifier(AUTHORITY, change.person_id)
    known = "~".join((own, *(_identifier(*each) for each in change.identities)))
    yield f"PID|1||{known}||^^^^^^U"
    yield f"MRG|{_identifier(AUTHORITY, change.prior)}" if change.prior else "PV1||N"


def batch(changes: Iterable[Change], segment: int, moment: str) -> Iterator[str]:
    """The segments of one batch: all that one segment of the registry changed."""
    yield "|".join(
        ("BHS", _ENCODING, AUTHORITY, "", "", "", stamp(moment), "", "", "", str(segment))
    )
    count = 0
    for count, change in enumerate(changes, start=1):
        yield from message(change, moment, f"{segment:04d}-{count:08d}")
    yield f"BTS|{count}"


def file(batches: Iterable[Iterable[str]], moment: str | None) -> Iterator[str]:
    """The segments of a batch file, each with its end (CR)."""
    at = stamp(moment) if moment else ""
    yield "|".join(("FHS", _ENCODING, AUTHORITY, "", "", "", at)) + "\r"
    count = 0
    for count, each in enumerate(batches, start=1):  # noqa: B007
        for line in each:
            yield line + "\r"
    yield f"FTS|{count}\r"
