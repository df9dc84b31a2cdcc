"""What a landing's manifest tells beside its content: each part, by whom, when and with what."""

import datetime
import getpass
import hashlib
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from minns import __version__
from minns.engine import Engine, literal


def parts(engine: Engine, paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Rows, checksum and range of keys of each part, and the file's bytes and hash. Keys may be
    personal: a range is told as the md5 of its ends.
    """
    listed = ", ".join(literal(str(path)) for path in paths)
    rows = engine.rows(
        "select parse_filename(filename), count(*), coalesce(sum(checksum_of(_row_hash)), 0),"  # noqa: S608
        " md5(min(_row_key)), md5(max(_row_key))"
        f" from read_parquet([{listed}], filename = true) group by 1"
    )
    told = {row[0]: row[1:] for row in rows}
    return [_part(path, *told.get(path.name, (0, 0, None, None))) for path in sorted(paths)]


def _part(
    path: Path, rows: int, checksum: int, least: str | None, most: str | None
) -> dict[str, Any]:
    return {
        "file": path.name,
        "rows": rows,
        "checksum": int(checksum),
        "keys": [least, most],
        "bytes": path.stat().st_size,
        "sha256": file_hash(path),
    }


def file_hash(path: Path) -> str:
    """The hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def circumstances() -> dict[str, Any]:
    """When a landing began (UTC), who ran it and with which versions; no part of its content."""
    moment = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    versions = {
        "minns": __version__,
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "pyarrow": pa.__version__,
    }
    return {"moment": moment.replace("+00:00", "Z"), "by": _user(), "versions": versions}


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"
