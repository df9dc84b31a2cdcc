"""What a FHIR server holds is compared with what we left there: ids, versions, contents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from load.delivery.items import digest
from load.delivery.journal import Journal
from load.delivery.server import Server

#: Resources that are fetched at a time when their version is not the one we know.
_AT_A_TIME = 50


@dataclass(frozen=True)
class Findings:
    """Resources by type: ours on the server, and keys of those missing or changed by others."""

    counts: dict[str, int]
    expected: dict[str, int]
    missing: tuple[str, ...]
    foreign: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return not self.missing and not self.foreign and self.counts == self.expected


def read_back(server: Server, journal: Journal) -> Findings:
    """Read every resource that we left on the server (its version; its content where that is
    another), and tell which are missing or were changed by others.
    """
    counts: dict[str, int] = {}
    missing: list[str] = []
    foreign: list[str] = []
    expected = journal.counts()
    for kind in expected:
        known = journal.known(kind)
        versions = {name: v for name, v in server.versions(kind) if name in known}
        counts[kind] = len(versions)
        missing += [f"{kind}/{name}" for name in known if name not in versions]
        moved = [
            name for name, version in versions.items() if not version or version != known[name][0]
        ]
        foreign += _changed(server, kind, sorted(moved), known)
    return Findings(counts, expected, tuple(missing), tuple(foreign))


def restore(journal: Journal, found: Findings) -> bool:
    """Have what is missing, or changed by others, be put again by the next delivery; whether there
    was any.
    """
    keys = [*found.missing, *found.foreign]
    journal.forget(keys)
    return bool(keys)


def _changed(
    server: Server, kind: str, names: Sequence[str], known: dict[str, tuple[str, str]]
) -> Iterator[str]:
    """Of resources under another version, those that also say something else."""
    rest = iter(names)
    while some := list(islice(rest, _AT_A_TIME)):
        answers = server.read([f"{kind}/{name}" for name in some])
        for name in some:
            there = answers[f"{kind}/{name}"].resource
            if there is None or digest(there) != known[name][1]:
                yield f"{kind}/{name}"
