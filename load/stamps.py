"""What lies beside an SQLite record: the lock of whoever loads, and how the record was left.

A file that nobody wrote to since it was stamped need not be read to know it. Where the note is
missing or another, the record is read.
"""

import fcntl
import time
from contextlib import ExitStack
from pathlib import Path

from minns.store import write_text


def reserved_file(path: Path, closing: ExitStack) -> bool:
    """Lock a file until `closing`; the lock ends with the process, however that ends."""
    file = closing.enter_context(path.open("w"))
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _state(path: Path) -> str:
    """What a file that is written to cannot keep: its size and moment; empty, when a log beside
    it holds more.
    """
    log = path.with_name(f"{path.name}-wal")
    if not path.is_file() or (log.exists() and log.stat().st_size):
        return ""
    return f"{path.stat().st_size} {path.stat().st_mtime_ns}"


def untouched(path: Path) -> bool:
    """Whether an SQLite record is the file that was stamped."""
    note = path.with_name(f"{path.name}.stamp")
    return note.is_file() and note.read_text(encoding="utf-8") == _state(path) != ""


def stamp(path: Path, *, keep: bool) -> None:
    """Note how an SQLite record was left, beside it; or that this cannot be vouched for."""
    note = path.with_name(f"{path.name}.stamp")
    if not keep or not _state(path):
        note.unlink(missing_ok=True)
        return
    # What is written from now on must have another moment, as coarsely as disks keep it.
    time.sleep(0.02)
    write_text(note, _state(path))
