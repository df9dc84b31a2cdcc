"""A folder of exported files: written aside, fsynced, described by a manifest and put in place.

The same record gives the same bytes, so the manifest has no moment of its own.
"""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from minns.engine import disk_full
from minns.errors import StoreError
from minns.store import MANIFEST, write_json

_MADE_BY = "made_by"


@dataclass
class Parcel:
    """An export in the making: the folder to write to, and what its manifest will say."""

    folder: Path
    manifest: dict[str, Any] = field(default_factory=dict)


@contextmanager
def published(folder: Path, what: str) -> Iterator[Parcel]:
    """Write an export aside and, when the block ends well, put it at `folder` in place of an
    earlier one. Raises `StoreError` when there is anything else there.
    """
    _refuse_foreign(folder)
    aside, before = (folder.parent / f".{folder.name}.minns-{word}" for word in ("new", "old"))
    try:
        for left in (aside, before):
            shutil.rmtree(left, ignore_errors=True)
        aside.mkdir(parents=True)
        parcel = Parcel(aside)
        yield parcel
        files = {path.name: _described(path) for path in sorted(aside.iterdir())}
        write_json(aside / MANIFEST, {_MADE_BY: what, **parcel.manifest, "files": files})
        if folder.exists():
            folder.replace(before)
        aside.replace(folder)
        _fsync(folder.parent)
        shutil.rmtree(before, ignore_errors=True)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise disk_full(folder) from None
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _refuse_foreign(folder: Path) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if folder.is_dir() and _made_here(folder / MANIFEST):
        return
    raise StoreError(
        f"{folder} to be empty, an earlier export or not there yet",
        found="something else",
        do="Name another folder: what lies there is not touched.",
    )


def _made_here(manifest: Path) -> bool:
    try:
        told = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and str(told.get(_MADE_BY)).startswith("minns export")


def _described(path: Path) -> dict[str, Any]:
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    _fsync(path)
    return {"bytes": path.stat().st_size, "sha256": digest}


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
