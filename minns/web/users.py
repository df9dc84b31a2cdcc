"""Users of the pages: entries of the ledger, the last one of a name counts.

A password is kept as its argon2 hash only. A name is locked for a while after failed attempts, as
the ledger tells, so that a restart unlocks nobody.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from minns.errors import ConfigError
from minns.ledger import Ledger

ROLES = ("steward", "clinician", "lead", "admin")
SHORTEST, LONGEST = 12, 1024
#: So many failures within so long lock a name until the oldest of them is so old.
FAILURES, LOCKED = 5, timedelta(minutes=15)
_NAME = re.compile(r"[a-z0-9åäö][a-z0-9åäö._@-]{0,63}")


@dataclass(frozen=True)
class User:
    """Somebody who may log in."""

    name: str
    role: str
    #: Whether protected persons may be shown to them.
    protected: bool
    enabled: bool
    hash: str

    def as_json(self) -> dict[str, Any]:
        """What may be told of a user: everything but the hash."""
        return {name: value for name, value in vars(self).items() if name != "hash"}


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """A hash to weigh a password against when the name is unknown: that takes as long."""
    return _hasher().hash("nobody has this password")


def users(ledger: Ledger) -> dict[str, User]:
    """Every user by name, as the last entry of each says."""
    return {e.body["name"]: User(**e.body) for e in ledger.entries("user")}


def named(ledger: Ledger, name: str) -> User:
    """A user that is there."""
    found = users(ledger).get(name.strip().casefold())
    if found is None:
        raise ConfigError("a user of the pages", found="none of that name", do="See 'user list'.")
    return found


def add(ledger: Ledger, name: str, role: str, password: str, *, protected: bool = False) -> User:
    """A new user; the name of one that was ever there is refused."""
    name = name.strip().casefold()
    if not _NAME.fullmatch(name):
        raise ConfigError(
            "a name of letters, digits and ._@-", found="another", do="Choose another name."
        )
    if role not in ROLES:
        raise ConfigError(f"one of {', '.join(ROLES)}", found=f"'{role}'", do="Choose with --role.")
    if name in users(ledger):
        raise ConfigError(
            "a new name", found=f"a user '{name}'", do="Choose another, or 'minns user password'."
        )
    return _write(ledger, User(name, role, protected, True, _hash(password)))


def disable(ledger: Ledger, name: str) -> User:
    """A user may not log in any more; what they did stays."""
    return _write(ledger, User(**{**vars(named(ledger, name)), "enabled": False}))


def change(ledger: Ledger, name: str, password: str) -> User:
    """A new password; who was disabled may log in again."""
    whole = {**vars(named(ledger, name)), "hash": _hash(password), "enabled": True}
    return _write(ledger, User(**whole))


def _write(ledger: Ledger, user: User) -> User:
    ledger.append("", "user", vars(user))
    return user


def _hash(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise ConfigError(
            f"a password of {SHORTEST} to {LONGEST} characters",
            found=f"{len(password)}",
            do="Give a longer one; a few words do well.",
        )
    return _hasher().hash(password)


def log_in(ledger: Ledger, name: str, password: str) -> User | None:
    """The user, when the password is theirs and the name is not locked; the ledger tells of every
    attempt, but never a name that nobody has: it may be a password in the wrong field.
    """
    user = users(ledger).get(name.strip().casefold())
    barred = user is not None and _locked(ledger, user.name)
    fits = _fits(user.hash if user else _nobody(), password[: LONGEST + 1])
    allowed = user is not None and user.enabled and fits and not barred
    outcome = "in" if allowed else "locked" if barred else "refused"
    ledger.append("", "login", {"by": user.name if user else "", "outcome": outcome})
    return user if allowed else None


def _fits(known: str, password: str) -> bool:
    try:
        return _hasher().verify(known, password)
    except (Argon2Error, InvalidHashError):
        return False


def _locked(ledger: Ledger, name: str) -> bool:
    """Whether too many failures came lately, and nothing that undid them."""
    since = datetime.fromisoformat(ledger.moment()) - LOCKED
    failed = 0
    told = [*ledger.entries("login"), *ledger.entries("user")]
    for entry in sorted(told, key=lambda e: e.sequence):
        if name != entry.body["by" if entry.kind == "login" else "name"]:
            continue
        if entry.kind == "user" or entry.body["outcome"] == "in":
            failed = 0
        elif entry.body["outcome"] == "refused":
            failed += datetime.fromisoformat(entry.moment) > since
    return failed >= FAILURES
