"""How fast rows are coded and consolidated, how much memory that needs, and whether it grows
linearly: a table, and JSON beside it.

    python tools/bench_transform.py [--rows 500000 --rows 5000000] [--memory 2GB] [--json FILE]

The rows are a synthetic region's canonical ones (20,000 persons in its journals, with all their
repetitions and mistakes), copied under other persons until there are enough: making them is not
counted. Every size is a process of its own. The step `transform` is measured whole, from canonical
tables to the record's tables on disk; its rows are the clinical rows that go into it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
from pyarrow import parquet

import transform
from minns.engine import Engine
from minns.memory import peak_memory, reset_peak_memory
from minns.model import BY_NAME, KINDS
from minns.step import Room
from minns.store import Store

SIZES = (500_000, 5_000_000, 20_000_000)
PERSONS = 20_000
MAPPINGS = Path(__file__).parents[1] / "mappings"
#: Who a copied row is about and where it comes from, in every table that has it.
_OTHERS = (
    *("local_patient_id", "row_key", "contact_id", "document_id", "block_id"),
    *("order_id", "renews", "stops"),
)
_RUN = "from minns.cli import app; app()"


def region(persons: int, folder: Path) -> Path:
    """Run the demo's waves; gives its work folder."""
    demo = [sys.executable, "-P", "-c", _RUN, "demo", "--persons", str(persons)]
    ended = subprocess.run(
        [*demo, "--dir", str(folder), "--json"], capture_output=True, text=True, check=False
    )
    if not ended.stdout:
        sys.exit(ended.stderr)
    return folder / "work"


def last_run(work: Path) -> dict[str, Path]:
    """The datasets of the wave that was cut over last, by step."""
    catalogue = sorted(work.glob("runs/*cutover*/catalogue.json"))[-1]
    listed = json.loads(catalogue.read_text(encoding="utf-8"))
    return {step: work / place for step, place in listed.items()}


def copies(steps: dict[str, Path], rows: int, into: Path) -> int:
    """Write the canonical tables of all sources, and who is who, often enough to have `rows`
    clinical rows; gives how many there are.
    """
    connection = duckdb.connect()
    shapes = [place for name, place in steps.items() if name.startswith("shape-")]
    tables = {t: [f for p in shapes for f in p.glob(f"{t}/*.parquet")] for t in ("patient", *KINDS)}
    tables |= {t: list(steps["link"].glob(f"{t}/*.parquet")) for t in ("identity", "held")}
    listed = {table: str([str(path) for path in paths]) for table, paths in tables.items()}
    base = sum(_rows(path) for kind in KINDS for path in tables[kind])
    times = -(-rows // base)
    for table, paths in listed.items():
        (into / table).mkdir(parents=True)
        names = [
            c[0] for c in connection.execute(f"describe from read_parquet({paths})").fetchall()
        ]
        other = [f"{n} || '~{{0}}' as {n}" for n in _OTHERS if n in names]
        if "person_id" in names:
            other.append("left(md5(person_id || '~{0}'), 20) as person_id")
        query = f"copy (select * replace ({', '.join(other)}) from read_parquet({paths}))"  # noqa: S608
        for number in range(times):
            part = into / table / f"{number:05}.parquet"
            connection.execute(query.format(number) + f" to '{part}' (row_group_size 100000)")
    return int(base * times)


def _rows(path: Path) -> int:
    return int(parquet.ParquetFile(path).metadata.num_rows)


def measure(folder: Path, memory: str) -> dict[str, Any]:
    """Run the step on a folder of canonical tables, in this process."""
    patients = duckdb.read_parquet(f"{folder}/patient/*.parquet")
    sources = tuple(row[0] for row in patients.unique("source").order("source").fetchall())
    folders = [MAPPINGS / "codes", *(MAPPINGS / source / "codes" for source in sources)]
    maps = tuple(path for place in folders for path in sorted(place.glob("*.[ct]sv")))
    (step,) = transform.steps(sources, {}, maps)
    store = Store(folder / "work")
    reset_peak_memory()
    begun, spent = time.monotonic(), os.times()
    with (
        Engine(store.scratch, memory_limit=memory, threads=2) as engine,
        store.publish(store.step_folder(step.name, "bench"), "bench") as draft,
    ):
        for view in step.reads:
            parts = sorted((folder / view).glob("*.parquet"))
            if parts:
                engine.view(view, parts)
            else:
                engine.empty(BY_NAME[view], view)
        step.do(Room(engine, draft))
    ended = os.times()
    return {
        "seconds": round(time.monotonic() - begun, 1),
        "cpu_seconds": round(ended.user + ended.system - spent.user - spent.system, 1),
        "peak_mib": peak_memory(),
    }


def apart(steps: dict[str, Path], rows: int, memory: str) -> dict[str, Any]:
    """One size, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="minns-bench-") as name:
        made = copies(steps, rows, Path(name))
        command = [sys.executable, "-P", __file__, "--measure", name, "--memory", memory]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(ended.stderr)
    told = dict(json.loads(ended.stdout.splitlines()[-1]))
    return {"rows": made, "memory_limit": memory, **told}


def shown(sizes: list[dict[str, Any]]) -> str:
    """All sizes as Markdown, each beside the first."""
    first = sizes[0]["seconds"] / sizes[0]["rows"]
    lines = [
        "| clinical rows | memory limit | seconds | CPU seconds | µs a row | beside the first "
        "| peak MiB |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for size in sizes:
        each = size["seconds"] / size["rows"]
        lines.append(
            f"| {size['rows']:,} | {size['memory_limit']} | {size['seconds']} "
            f"| {size['cpu_seconds']} | {1e6 * each:.1f} | {each / first:.2f} "
            f"| {size['peak_mib']:,} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure every size, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, action="append", help="a size; may be repeated")
    parser.add_argument("--memory", default="2GB", help="memory limit of the engine")
    parser.add_argument("--work", type=Path, help="work folder of a demo that was run before")
    parser.add_argument("--json", type=Path, default=Path("bench-transform.json"))
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        sys.stdout.write(json.dumps(measure(given.measure, given.memory)) + "\n")
        return
    with tempfile.TemporaryDirectory(prefix="minns-bench-") as name:
        steps = last_run(given.work or region(PERSONS, Path(name) / "demo"))
        sizes = [apart(steps, rows, given.memory) for rows in given.rows or SIZES]
    sys.stdout.write(shown(sizes))
    given.json.write_text(json.dumps(sizes, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
