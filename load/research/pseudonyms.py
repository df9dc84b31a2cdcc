"""Ids for research: none can be traced back without a key that stays with the record.

A person's id in the record comes from the key of a patient in a source, and that is often a
personal number: with the plain id, anybody could try all numbers. So every id that leaves is hashed
with a secret key. The same key gives the same ids; another gives ids that cannot be joined with
them.
"""

import os
import secrets
from pathlib import Path

from minns.engine import Engine
from minns.errors import StoreError

#: Columns that hold an id: the record's own, and those that sources gave, which may be built of a
#: patient's number.
IDS = frozenset(
    "person_id fact_id other_fact_id conflict_id group_id chain_id replaces replaced_by contact_id "
    "order_id renews stops result_id corrects specimen_id document_id".split()
)
#: Characters that a key has at least.
_LENGTH = 32


def key_of(path: Path) -> str:
    """The key in a file, made when there is no such file; readable by its owner alone."""
    try:
        key = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return _made(path)
    except (OSError, ValueError):
        key = ""
    if len(key) < _LENGTH:
        raise StoreError(
            f"a key of at least {_LENGTH} characters in {path}",
            found="something else",
            do="Restore it from its backup, or name another file: then all ids are new.",
        )
    return key


def _made(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = secrets.token_hex(_LENGTH)
    aside = path.with_name(path.name + ".tmp")
    aside.unlink(missing_ok=True)
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    return key


def make_macro(engine: Engine, key: str | None) -> None:
    """Make `pseudonym` of an id; without a key the id itself."""
    engine.run("set variable research_key = ?", [key])
    body = "left(sha256(getvariable('research_key') || t), 20)" if key else "t"
    engine.run(f"create or replace macro pseudonym(t) as {body}")
