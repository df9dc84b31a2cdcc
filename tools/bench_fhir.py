"""How fast observations become FHIR: from the record's Parquet to checked resources in NDJSON.

    python tools/bench_fhir.py [--rows 1000000] [--runs 3] [--memory 2GB] [--json FILE]

The observations are made up, set-based, as a region's are: coded, with values, units, intervals and
flags; making them is not counted. A run is a process of its own: the step `fhir` (composed, hashed,
every resource checked against its schema, every reference followed) and the folder of NDJSON. The
figures are of Observations alone; the Provenance of each is made, checked and written as well, and
told beside, when `--provenance` is given.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from load.fhir import compose, write_folder
from minns.codes import CODE_SYSTEMS
from minns.engine import Engine
from minns.memory import peak_memory, reset_peak_memory
from minns.model import BY_NAME, TARGET
from minns.step import Room
from minns.store import Store
from transform.record import hashed_sql

_PERSON = "'P' || upper(left(md5(cast({} as varchar)), 12))"
_OBSERVATIONS = """
    insert into observation by name
    select left(md5('o' || i), 20) as fact_id, {person} as person_id, 'melior' as source,
        'SE2321000131-E' || lpad(cast(i % 20 as varchar), 12, '0') as care_unit,
        'SE2321000131-E000000000001' as care_giver, 'Författare ' || (i % 40) as author,
        timestamp '2010-01-01' + to_seconds(i * 300) as recorded_at, i % 10 <> 0 as signed,
        'active' as status, i % 7 <> 0 as approved_for_patient, 'npu' as local_system,
        'NPU0' || (1000 + i % 50) as local_code, 'P-Natrium ' || (i % 50) as local_text,
        timestamp '2010-01-01' + to_seconds(i * 290) as observed_at,
        (i % 300) || ',5' as value_text,
        (i % 300) + 0.5 as value_number, if(i % 40 = 0, '<', null) as comparator,
        if(i % 4 = 0, 'mmol/l', 'mmol/L') as unit, '3,5-4,4' as reference_interval,
        i % 3 = 0 as abnormal, 'npu' as system,
        '2024-06' as system_version, 'NPU0' || (1000 + i % 50) as code, 'P-Natrium' as display,
        'same' as map_id, 'equal' as equivalence, 'number' as value_kind,
        (i % 300) + 0.5 as standard_number, 'mmol/L' as standard_unit,
        if(i % 5 = 0, 'R' || i, null) as result_id,
        if(i % 5 = 0, 'L' || (i // 4), null) as specimen_id
    from range({rows}) as numbers(i)"""


def make(folder: Path, rows: int) -> None:
    """Write the record's tables: `rows` observations of a twentieth as many persons."""
    persons = max(rows // 20, 1)
    with Engine(folder / "engine") as engine:
        for name, table in TARGET.items():
            engine.empty(table)
            if name == "person":
                engine.run(
                    f"insert into person by name select {_PERSON.format('range')} as person_id, "  # noqa: S608
                    f"'none' as protection from range({persons})"
                )
            if name == "observation":
                person = _PERSON.format(f"i % {persons}")
                engine.run(_OBSERVATIONS.format(person=person, rows=rows))
            engine.copy(hashed_sql(table, f"from {name}"), folder / f"{name}.parquet")


def measure(folder: Path, memory: str, provenance: bool) -> dict[str, Any]:
    """One run over the tables in `folder`."""
    types = ("Observation", "Provenance") if provenance else ("Observation",)
    compose.TYPES = ("Organization", "Patient", "Practitioner", *types)
    reset_peak_memory()
    begun, used = time.monotonic(), os.times()
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        place = Path(scratch)
        with Engine(place / "engine", memory_limit=memory) as engine:
            for name in TARGET:
                engine.view(name, folder / f"{name}.parquet")
            engine.empty(BY_NAME["standard"])
            with Store(place).publish(place / "made", "key") as draft:
                compose.compose(Room(engine, draft), compose.Names(CODE_SYSTEMS, "urn:minns"))
        made = Store(place).find(place / "made")
        assert made is not None
        assert made.rows("refused") == 0
        step = time.monotonic() - begun
        written = write_folder(made.parts("resource"), place / "out", moment="2026-01-01T00:00:00Z")
        size = sum(path.stat().st_size for path in (place / "out").iterdir())
    ended = os.times()
    seconds = time.monotonic() - begun
    cpu = ended.user + ended.system - used.user - used.system
    rows = sum(n for kind, n in written.counts.values() if kind in types)
    return {
        "resources": rows,
        "seconds": round(seconds, 2),
        "step": round(step, 2),
        "cpu": round(cpu, 2),
        "a second": round(rows / seconds),
        "a second of two idle cores": round(2 * rows / cpu),
        "peak MiB": peak_memory(),
        "MB": round(size / 1e6),
    }


def main() -> None:
    """Make the tables, measure each run in a process of its own, tell the median."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--provenance", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.one, given.memory, given.provenance)))
        return
    with tempfile.TemporaryDirectory() as name:
        make(Path(name), given.rows)
        again = [sys.executable, "-P", __file__, "--one", name, "--memory", given.memory]
        again += ["--provenance"] if given.provenance else []
        runs = []
        for _ in range(given.runs):
            done = subprocess.run(again, capture_output=True, text=True, check=True)
            runs.append(json.loads(done.stdout))
            print(runs[-1], flush=True)
    median = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    print("median", median)
    if given.json:
        given.json.write_text(json.dumps({"runs": runs, "median": median}, indent=1) + "\n")


if __name__ == "__main__":
    main()
