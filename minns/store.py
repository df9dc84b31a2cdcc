"""Landings and tables on disk: Parquet, written aside, fsynced and renamed, a manifest as the mark
of commit.

A step's output lies in `steps/<step>/<key>/`, where the key is a hash of all that the step depends
on: its code, its parameters and the content of the tables it reads. The same inputs therefore find
the finished output again, whether a run was killed and resumed, rehearsed and then cut over, or
just repeated. A folder without a manifest does not exist.
"""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minns.engine import disk_full
from minns.errors import StoreError

MANIFEST = "manifest.json"


def digest(value: object) -> str:
    """A short, stable hash of any JSON value (20 hex digits)."""
    rendered = json.dumps(value, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(rendered.encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Dataset:
    """Committed tables: where they lie, the key they depend on, and what their manifest says."""

    folder: Path
    key: str
    manifest: Mapping[str, Any]

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(self.manifest["tables"])

    def parts(self, table: str) -> list[Path]:
        """The Parquet files of a table, in order."""
        return sorted((self.folder / table).glob("*.parquet"))

    def rows(self, table: str) -> int:
        return int(self.manifest["tables"][table]["rows"])

    def digest(self, table: str) -> str:
        """A hash of the table's files: what depends on the table depends on this."""
        return str(self.manifest["tables"][table]["digest"])


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest_of(folder: Path) -> str:
    parts = hashlib.sha256()
    for path in sorted(folder.glob("*.parquet")):
        with path.open("rb") as handle:
            parts.update(hashlib.file_digest(handle, "sha256").digest())
    return parts.hexdigest()[:20]


def write_json(path: Path, value: object) -> None:
    """Write JSON so that a reader sees the old or the new file, never half of one."""
    write_text(path, json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old or the new one, never half of one."""
    aside = path.with_name(path.name + ".tmp")
    aside.write_text(text, encoding="utf-8")
    _fsync(aside)
    aside.replace(path)
    _fsync(path.parent)


class Draft:
    """A dataset in the making: a folder aside, in which each table gets its Parquet parts."""

    def __init__(self, folder: Path, key: str = "") -> None:
        self.folder = folder
        #: A landing knows its key only when all is read, and sets it before the block ends.
        self.key = key
        self.described: dict[str, dict[str, Any]] = {}
        self.notes: dict[str, Any] = {}

    def part(self, table: str, number: int = 1) -> Path:
        """Where to write part `number` of a table."""
        folder = self.folder / table
        folder.mkdir(exist_ok=True)
        return folder / f"part-{number:05d}.parquet"

    def describe(self, table: str, *, rows: int, **facts: Any) -> None:
        """Say what was written: rows, and any facts for the manifest (never a patient's value)."""
        self.described[table] = {"rows": rows, **facts}

    def note(self, **notes: Any) -> None:
        """Figures of the step as a whole, for the manifest."""
        self.notes.update(notes)


class Store:
    """The work folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch"

    def step_folder(self, step: str, key: str) -> Path:
        return self.folder / "steps" / step / key

    def find(self, folder: Path) -> Dataset | None:
        """The committed dataset in a folder, if there is one."""
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            dataset = Dataset(folder, manifest["key"], manifest)
            _ = dataset.tables
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            raise StoreError(
                f"a whole manifest in {folder}",
                found="a damaged one",
                do="Restore that folder from its backup, or remove it and run again.",
            ) from None
        return dataset

    @contextmanager
    def publish(self, folder: Path, key: str, *, resume: bool = False) -> Iterator[Draft]:
        """Write a dataset aside and, when the block ends well, commit it under `folder` in one
        rename.

        A crash before the rename leaves a `.partial` folder that nobody reads and the next attempt
        removes (or, with `resume`, finds as it was left); one after it leaves a whole dataset.
        """
        partial = folder.with_name(folder.name + ".partial")
        try:
            if not resume:
                shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True, exist_ok=resume)
            draft = Draft(partial, key)
            yield draft
            for path in sorted(partial.rglob("*")):
                if path.is_dir() or path.suffix == ".parquet":
                    _fsync(path)
            tables = {
                table: {**facts, "digest": _digest_of(partial / table)}
                for table, facts in draft.described.items()
            }
            manifest = {"key": draft.key, "tables": tables, "notes": draft.notes}
            write_json(partial / MANIFEST, manifest)
            shutil.rmtree(folder, ignore_errors=True)
            partial.replace(folder)
            _fsync(folder.parent)
        except OSError as error:
            shutil.rmtree(partial, ignore_errors=True)
            if error.errno == errno.ENOSPC:
                raise disk_full(folder) from None
            raise
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise

    def snapshots(self, source: str) -> list[Dataset]:
        """The committed landings of a source, oldest first."""
        folder = self.folder / "landing" / source
        found = (self.find(path) for path in sorted(folder.glob("*")) if path.name.isdigit())
        return [dataset for dataset in found if dataset is not None]

    def next_snapshot(self, source: str) -> Path:
        """The folder for the next landing of a source."""
        numbers = [int(dataset.folder.name) for dataset in self.snapshots(source)]
        return self.folder / "landing" / source / f"{max(numbers, default=0) + 1:04d}"
