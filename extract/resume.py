"""A landing that was killed goes on from its last whole table, where the source can prove that the
table has not changed since: files by size and time, SQLite by its header, its size and its log too.

Any other table is read again: a landing is of one moment.
"""

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from extract.manifest import file_hash
from extract.source import Extract
from minns.config import SourceTable
from minns.store import Draft, digest, write_json

MARK = "whole.json"


def _signature(table: SourceTable, extract: Extract) -> str:
    """What a table was to be when it was landed."""
    fields = [(f.name, f.declared, str(f.type)) for f in extract.fields]
    return digest([table.model_dump(mode="json"), fields, extract.facts])


def take(draft: Draft, name: str, table: SourceTable, extract: Extract) -> bool:
    """Whether the table lies whole in the draft of a killed landing, and still is the source's."""
    folder = draft.folder / name
    told = _mark(folder / MARK)
    if (
        extract.stamp is None
        or told.get("stamp") != extract.stamp
        or told.get("signature") != _signature(table, extract)
        or not _whole(folder, told["described"]["parts"])
    ):
        shutil.rmtree(folder, ignore_errors=True)
        return False
    draft.described[name] = told["described"]
    return True


def _mark(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _whole(folder: Path, parts: list[Mapping[str, Any]]) -> bool:
    """The files that were described, no others, byte for byte: a crash may have taken some."""
    there = {path.name: path for path in folder.glob("*.parquet")}
    return {part["file"] for part in parts} == set(there) and all(
        file_hash(there[part["file"]]) == part["sha256"] for part in parts
    )


def mark(draft: Draft, name: str, table: SourceTable, extract: Extract) -> None:
    """Say that a table lies whole in the draft."""
    if extract.stamp is not None:
        told = {"stamp": extract.stamp, "signature": _signature(table, extract)}
        write_json(draft.folder / name / MARK, {**told, "described": draft.described[name]})


def clear(draft: Draft, tables: Iterable[str]) -> None:
    """Leave nothing in the draft but the tables: no marks, and nothing of tables not landed now."""
    wanted = set(tables)
    for folder in draft.folder.iterdir():
        if folder.name not in wanted:
            shutil.rmtree(folder, ignore_errors=True)
        (folder / MARK).unlink(missing_ok=True)
