"""What can go wrong with a database, told in one sentence: never a statement, never a value."""

import re

from minns.errors import TargetError

#: What databases say of a lock; as words, for a statement may tell of what is `blocked`.
_LOCKED = re.compile(r"\b(?:locked|lock timeout|busy)\b")

#: What databases and their drivers say when the other side is gone, or not yet (or no more) there.
_GONE = re.compile(
    r"closed the connection|terminating connection|connection (?:reset|to server was lost)"
    r"|lost connection|gone away|could not (?:send|receive) data|database system is (?!in recovery)"
)


def locked(place: str) -> TargetError:
    """Somebody else writes there."""
    return TargetError(
        f"to write to {place}",
        found="it is locked by another program",
        do="Wait until the other run has ended, then run again.",
    )


def told(place: str, message: str) -> TargetError:
    """What went wrong, without the statement's values."""
    text = message.lower()
    if _LOCKED.search(text):
        return locked(place)
    if "disk is full" in text or "no space left" in text or "disk full" in text:
        return TargetError(
            f"room for the record at {place}", found="the disk is full", do="Free space, run again."
        )
    if "disk i/o error" in text or "file too large" in text:
        return TargetError(
            f"to write to the record at {place}",
            found="the disk refused it: it fails, or files may grow no more",
            do="Mend the disk or lift the limit, then run again.",
        )
    if _GONE.search(text):
        return TargetError(
            f"the database at {place} to answer until all is in",
            found="it went away, or is on its way up or down",
            do="Start it or mend the network, then run again: it goes on where it was broken off.",
        )
    if "password authentication failed" in text or "authentication" in text:
        return TargetError(
            f"to sign in at {place}",
            found="the password or user was refused",
            do="Check 'target' in minns.toml and the environment variable it names.",
        )
    first = message.strip().splitlines()[0].split(":")[0]
    return TargetError(
        f"a shared record that answers at {place}",
        found=f"an error of the database ({first})",
        do="Check 'target' in minns.toml, and that the database is up.",
    )
