"""The shared record as readers meet it: what is true now, a few rows at a time.

Only the target is read. Whoever looks at a patient is written down in the ledger first: who, when,
whom; never what they saw.
"""

import getpass
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import load
from minns.engine import literal, quote
from minns.errors import ConfigError
from minns.model import IDENTITY, TARGET, Table
from minns.site import Mode, Site

Row = dict[str, Any]
#: How people write a personal or coordination number: six or eight digits of a day, then four.
#: The real record goes before a rehearsal's.
_MODES: tuple[Mode, ...] = ("cutover", "rehearsal")
_NUMBER = re.compile(
    r"(?<!\d)(?:1[89]|20)?(\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]|[6-8]\d|9[01]))"
    r"[-+ ]?(\d{4})(?!\d)"
)
_PERSON_ID = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")


@dataclass(frozen=True)
class Record:
    """An open record of one mode, read only: as it stands, or as it stood after load `as_of`."""

    target: load.Target
    mode: Mode
    shown: str
    as_of: int | None = None

    def name(self, table: str) -> str:
        """What is true now of a table, or was true then, in SQL."""
        if self.as_of is None:
            return self.target.name(f"current_{table}")
        then = int(self.as_of)
        return (
            f"(select * from {self.target.name(table)} where valid_from_load <= {then} "  # noqa: S608
            f"and (valid_to_load is null or valid_to_load > {then})) as {quote(table)}"
        )

    def rows(self, table: str, where: str) -> list[Row]:
        """Rows of a table as plain values; `where` is SQL with values as literals."""
        model = TARGET[table]
        columns = ", ".join(quote(name) for name in model.names)
        sql = f"select {columns} from {self.name(table)} where {where}"  # noqa: S608
        with self.target.stream(sql) as reader:
            found = reader.read_all().to_pylist()
        return [plain(model, row) for row in found]

    def versions(self, table: Table, where: str) -> list[Row]:
        """Every version that the record ever held, the oldest first: as `rows` gives them, with
        row_id, valid_from_load and valid_to_load (None: true now).
        """
        span = ("row_id", "valid_from_load", "valid_to_load")
        columns = ", ".join(quote(name) for name in (*span, *table.names))
        sql = f"select {columns} from {self.target.name(table.name)} where {where}"  # noqa: S608
        with self.target.stream(f"{sql} order by valid_from_load, row_id") as reader:
            found = reader.read_all().to_pylist()
        return [{**plain(table, row), **{name: row[name] for name in span}} for row in found]


def plain(model: Table, row: Mapping[str, Any]) -> Row:
    """A row with dates and moments as ISO text, decimals without idle zeros, true booleans."""
    return {c.name: _plain(c.type, row[c.name]) for c in model.columns}


def _plain(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "boolean":
        return bool(value)
    if kind == "date":
        return str(value)[:10]
    if kind == "timestamp":
        return str(value).replace("T", " ")[:16]
    if kind == "decimal":
        return format(Decimal(str(value)).normalize(), "f")
    return value


def holds_personal_number(text: str) -> bool:
    """Whether a text holds what may be a personal or coordination number."""
    return any(_checks("".join(found.groups())) for found in _NUMBER.finditer(text))


def _checks(ten: str) -> bool:
    doubled = (int(digit) * (2 - at % 2) for at, digit in enumerate(ten))
    return sum(each // 10 + each % 10 for each in doubled) % 10 == 0


@contextmanager
def recorded(site: Site, *, rehearsal: bool = False, as_of: int | None = None) -> Iterator[Record]:
    """The real record, or a rehearsal's when asked for or when there is no other yet.

    `as_of`: as it stood after the load with this number.
    """
    modes: tuple[Mode, ...] = ("rehearsal",) if rehearsal else _MODES
    for mode in modes:
        place = site.target(mode)
        if load.exists(place.url, place.schema):
            with load.open_target(place.url, place.schema, make=False) as target:
                _refuse_unknown(target, as_of)
                yield Record(target, mode, place.shown, as_of)
            return
    raise ConfigError("a record that was loaded", found="none", do="Run 'minns run WAVE' first.")


def any_record(site: Site) -> bool:
    """Whether anything was loaded yet, be it in a rehearsal."""
    places = (site.target(mode) for mode in _MODES)
    return any(load.exists(place.url, place.schema) for place in places)


def _refuse_unknown(target: load.Target, as_of: int | None) -> None:
    known = [row.load_id for row in target.loads() if row.state == "done"]
    if as_of is not None and as_of not in known:
        raise ConfigError(
            "the number of a load that ended",
            found=f"{as_of}; there are {', '.join(map(str, known)) or 'none'}",
            do="'minns status' lists them.",
        )


def person_of(record: Record, what: str) -> str:
    """The person that is meant: by its id, or by SOURCE:ID of one of its identities.

    A personal number is refused, and not repeated: a command line is kept in the shell's history.
    """
    return _person(record, record.rows(IDENTITY.name, _meant(what)))


def person_ever(record: Record, what: str) -> str:
    """As `person_of`, also of a person or identity that the record held once; the last place of an
    identity counts.
    """
    return _person(record, record.versions(IDENTITY, _meant(what))[-1:])


def _person(record: Record, found: Sequence[Row]) -> str:
    if not found:
        raise ConfigError(
            f"a person's id, or SOURCE:ID of an identity, that {record.shown} holds",
            found="none",
            do="'minns export identities FILE' lists them all.",
        )
    return str(found[0]["person_id"])


def _meant(what: str) -> str:
    """Which rows of `identity` are meant, in SQL."""
    source, colon, local = what.partition(":")
    if holds_personal_number(local if colon else what):
        raise ConfigError(
            "a person's id, or SOURCE:ID",
            found="what may be a personal number, which a shell keeps in its history",
            do="'minns export identities FILE' tells the person's id; clear the history.",
        )
    if colon:
        return f"source = {literal(source)} and local_patient_id = {literal(local)}"
    return f"person_id = {literal(what)}" if _PERSON_ID.fullmatch(what) else "1 = 0"


def reader(by: str | None) -> str:
    """Who reads: the one who was named, else who is logged in."""
    return (by or "").strip() or getpass.getuser()


def note_reading(site: Site, record: Record, person: str, what: str, by: str | None) -> None:
    """Write to the ledger who looked at whom; no value of a patient."""
    body = {"person": person, "what": what, "by": reader(by), "record": record.mode}
    site.ledger.append("", "read", body)
