"""How fast the demo's waves are, and how much memory they need: a table, and JSON beside it.

    python tools/bench.py [--persons 20000 --persons 100000] [--json bench.json]

Each size runs in a process of its own, in a folder that is removed afterwards. Building the region
is not counted. A step that was found again (computed by the rehearsal before) counts nothing.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SIZES = (20_000, 100_000)
COMMAND = [sys.executable, "-P", "-c", "from minns.cli import app; app()"]


def demo(persons: int) -> dict[str, Any]:
    """Run the demo at one size; gives its JSON."""
    with tempfile.TemporaryDirectory(prefix="minns-bench-") as folder:
        ended = subprocess.run(
            [*COMMAND, "demo", "--persons", str(persons), "--dir", f"{folder}/demo", "--json"],
            capture_output=True,
            text=True,
            check=False,
        )
    if not ended.stdout:
        sys.exit(ended.stderr)
    return dict(json.loads(ended.stdout))


def stages(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows, seconds and peak memory of each stage, summed over the runs."""
    found: dict[str, dict[str, Any]] = {}
    for step in (step for run in shown["runs"] for step in run["steps"] if not step["found"]):
        name = step["step"].split("-")[0]
        stage = found.setdefault(name, {"stage": name, "rows": 0, "seconds": 0.0, "peak_mib": 0})
        stage["rows"] += step["rows"]
        stage["seconds"] += step["seconds"]
        stage["peak_mib"] = max(stage["peak_mib"], step["peak_mib"])
    for stage in found.values():
        stage["rows_per_second"] = round(stage["rows"] / max(stage["seconds"], 0.001))
        stage["seconds"] = round(stage["seconds"], 1)
    return list(found.values())


def measure(persons: int) -> dict[str, Any]:
    """One size: the stages, and the waves as a whole."""
    shown = demo(persons)
    landed = max(run["evidence"]["totals"]["extracted"] for run in shown["runs"])
    seconds = sum(run["seconds"] for run in shown["runs"])
    return {
        "persons": persons,
        "rows": landed,
        "identities": shown["runs"][-1]["evidence"]["links"]["identities"],
        "seconds": round(seconds, 1),
        "microseconds_per_row": round(1e6 * seconds / landed, 1),
        "peak_mib": max(s["peak_mib"] for run in shown["runs"] for s in run["steps"]),
        "stages": stages(shown),
        "score": shown["score"],
    }


def table(size: dict[str, Any]) -> str:
    """One size as Markdown."""
    lines = [
        f"{size['persons']:,} persons, {size['identities']:,} identities, {size['rows']:,} rows: "
        f"{size['seconds']} s, {size['microseconds_per_row']} µs a row, "
        f"peak {size['peak_mib']:,} MiB",
        "",
        "| stage | rows | seconds | rows/s | peak MiB |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {s['stage']} | {s['rows']:,} | {s['seconds']} | {s['rows_per_second']:,} "
        f"| {s['peak_mib']:,} |"
        for s in size["stages"]
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure every size, print the tables, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, action="append", help="a size; may be repeated")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="where to write it")
    given = parser.parse_args()
    sizes = [measure(persons) for persons in given.persons or SIZES]
    result: dict[str, Any] = {"sizes": sizes}
    sys.stdout.write("\n\n".join(table(size) for size in sizes) + "\n")
    if len(sizes) > 1:
        ratio = sizes[-1]["microseconds_per_row"] / sizes[0]["microseconds_per_row"]
        result["time_per_row_ratio"] = round(ratio, 2)
        sys.stdout.write(f"\ntime per row, largest against smallest: {ratio:.2f}\n")
    given.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
