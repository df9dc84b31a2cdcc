"""What can go wrong with a database, told in one sentence: never a statement, never a value."""

import re

from minns.errors import TargetError

#: What databases say of a lock; as words, for a statement may tell of what is `blocked`.
_LOCKED = re.compile(r"\b(?:locked|lock timeout|busy)\b")


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
