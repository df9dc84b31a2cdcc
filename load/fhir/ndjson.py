"""Resources as a folder of NDJSON files, as FHIR's bulk export has them.

A file of each type (`Patient.ndjson`; `Observation.2.ndjson` and on where one would be too long)
and a manifest that names them with their counts. Everything is written aside and renamed; the
manifest comes last. What is the same already is not written again.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from load.fhir.check import NAME, TARGETS
from minns.engine import Engine, literal
from minns.store import write_text

MANIFEST = "manifest.json"
#: Resources of one file.
SPLIT = 1_000_000
_BATCH = 20_000


@dataclass
class Written:
    """What lies in the folder: each file with its type and count; which of them were written."""

    counts: dict[str, tuple[str, int]] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(number for _, number in self.counts.values())


def write_folder(
    parts: Iterable[Path], folder: Path, *, moment: str, split: int = SPLIT
) -> Written:
    """Write the resources of Parquet files in which they stand by type; `moment`: when the record
    was so.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = Written()
    for kind, bodies in groupby(_bodies(parts), key=itemgetter(0)):
        for number, part in enumerate(_files((array for _, array in bodies), split), 1):
            name = f"{kind}.ndjson" if number == 1 else f"{kind}.{number}.ndjson"
            aside = folder / f"{name}.tmp"
            rows = _write(part, aside)
            written.counts[name] = (kind, rows)
            if _take(aside, folder / name):
                written.changed.append(name)
    _clear(folder, written)
    _describe(folder, written, moment)
    return written


def person_part(engine: Engine, person_id: str, path: Path) -> int:
    """Write of the view `resource` one person's and what they refer to, to a Parquet file; gives
    how many.
    """
    return engine.copy(
        f"""
        with recursive reached as (
            select {NAME} as target, body from resource where person_id = {literal(person_id)}
            union
            select r.target, r.body
            from (select distinct unnest({TARGETS}) as target from reached) as t
            join (select {NAME} as target, body from resource) as r using (target)
        )
        select * from resource where {NAME} in (select target from reached)
        order by resource_type, resource_id""",  # noqa: S608
        path,
    )


def _bodies(parts: Iterable[Path]) -> Iterator[tuple[str, pa.Array]]:
    """The bodies of resources in order, a batch at a time, each with its type; the next batch is
    unpacked while one is written.
    """
    batches = _batches(parts)
    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(next, batches, None)
        while (batch := waiting.result()) is not None:
            waiting = beside.submit(next, batches, None)
            types, bodies = batch.columns
            kinds = pc.unique(types).to_pylist()
            for kind in kinds:
                yield kind, bodies if len(kinds) == 1 else bodies.filter(pc.equal(types, kind))


def _batches(parts: Iterable[Path]) -> Iterator[pa.RecordBatch]:
    for path in parts:
        with parquet.ParquetFile(path) as file:
            yield from file.iter_batches(_BATCH, columns=["resource_type", "body"])


def _files(bodies: Iterator[pa.Array], split: int) -> Iterator[Iterator[pa.Array]]:
    """Batches put together into files of at most `split` resources."""
    waiting = next(bodies, None)

    def part() -> Iterator[pa.Array]:
        nonlocal waiting
        room = split
        while waiting is not None and room:
            taken, rest = waiting[:room], waiting[room:]
            room -= len(taken)
            yield taken
            waiting = rest if len(rest) else next(bodies, None)

    while waiting is not None:
        yield part()


def _write(bodies: Iterable[pa.Array], path: Path) -> int:
    """Write bodies, each on a line; gives how many."""
    rows = 0
    with path.open("wb") as file:
        for array in bodies:
            _lines(array, file)
            rows += len(array)
        file.flush()
        os.fsync(file.fileno())
    return rows


def _lines(array: pa.Array, file: BinaryIO) -> None:
    offsets = pa.array([0, len(array)], pa.int32())
    joined = pc.binary_join(pa.ListArray.from_arrays(offsets, array), "\n")
    file.write(joined[0].as_buffer())
    file.write(b"\n")


def _take(aside: Path, path: Path) -> bool:
    """Put a file in its place, unless the same is there already; tells whether it was put."""
    if path.is_file() and path.stat().st_size == aside.stat().st_size:
        if _hash(path) == _hash(aside):
            aside.unlink()
            return False
    aside.replace(path)
    return True


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _clear(folder: Path, written: Written) -> None:
    """Files of resources that are no longer there."""
    for path in sorted(folder.glob("*.ndjson")):
        if path.name not in written.counts and path.name[:1].isupper():
            path.unlink()
            written.changed.append(path.name)


def _describe(folder: Path, written: Written, moment: str) -> None:
    """The manifest of the bulk export, written when anything but the moment differs in it."""
    output = [
        {"type": kind, "url": name, "count": rows} for name, (kind, rows) in written.counts.items()
    ]
    manifest: dict[str, Any] = {
        "transactionTime": moment,
        "request": "minns export fhir",
        "requiresAccessToken": False,
        "output": output,
        "error": [],
    }
    path = folder / MANIFEST
    if written.changed or not path.is_file() or orjson.loads(path.read_bytes())["output"] != output:
        text = orjson.dumps(manifest, option=orjson.OPT_INDENT_2).decode()
        write_text(path, text + "\n")
        written.changed.append(MANIFEST)
