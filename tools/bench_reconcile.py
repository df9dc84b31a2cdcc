"""How fast a record in PostgreSQL is reconciled, every row of it: seconds and peak memory.

    python tools/bench_reconcile.py [--rows 2000000] [--memory 700MB] [--json FILE]

The facts are those of tools/bench_load.py, with the rows behind them and persons to have them, and
books in which every row has its fate. Measured, in a process of its own: the record read back and
hashed, column by column, what is desired hashed likewise, and every check of both and of the books.
Then one row in a hundred thousand is damaged in the database, to see that each is found.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[1]))

from minns.engine import Engine
from minns.memory import peak_memory, reset_peak_memory
from minns.model import TARGET
from tools.bench_load import ROWS, SCHEMA, apart, make, server
from validation import independent
from validation.readback import read_back

#: Books in which every row behind a fact was landed, and was loaded.
_BOOKS = """
create view lineage as from desired_lineage;
create view identity as select source, local_patient_id, person_id from desired_identity;
create view patient as select source, local_patient_id from desired_identity;
create view held as select source, local_patient_id from desired_identity limit 0;
create view landed as select distinct source, source_table, row_key from desired_lineage;
create view fate as
    select source, source_table, row_key, kind, 'loaded' as fate, fact_id from desired_lineage;
create view row_fate as from landed;
create view unexplained as select source, source_table, row_key, '' as kind from landed limit 0;
create view fault as from unexplained;
create view balance as
    select source, source_table, count(*) as extracted, count(*) as loaded, 0 as consolidated,
        0 as held, 0 as quarantined, 0 as excluded, 0 as unexplained
    from landed group by all;
"""


def check(url: str, folder: Path, memory: str) -> dict[str, Any]:
    """One reconciliation, in this process."""
    reset_peak_memory()
    begun = time.monotonic()
    with (
        tempfile.TemporaryDirectory(dir=folder) as scratch,
        Engine(Path(scratch), memory_limit=memory, threads=2) as engine,
    ):
        for name in TARGET:
            engine.view(f"desired_{name}", folder / "first" / f"{name}.parquet")
        engine.run(_BOOKS)
        sources = [row[0] for row in engine.rows("select distinct source from landed order by 1")]
        read_back(engine, sa.make_url(url), SCHEMA)
        read = time.monotonic()
        independent._prepare(engine)
        ready = time.monotonic()
        found = [
            independent._judge(engine, query, Path(scratch))
            for query in independent._queries(sources)
        ]
    ended = time.monotonic()
    return {
        "seconds": round(ended - begun, 2),
        "read_back": round(read - begun, 2),
        "hash_desired": round(ready - read, 2),
        "checks": round(ended - ready, 2),
        "peak_mib": peak_memory(),
        "failed": {f"{f.check} {f.subject}".strip(): f.offenders for f in found if not f.passed},
    }


def alone(url: str, folder: Path, memory: str) -> dict[str, Any]:
    """The same in a process of its own."""
    command = [sys.executable, "-P", __file__, "--url", url, "--folder", str(folder)]
    ended = subprocess.run(
        [*command, "--memory", memory], capture_output=True, text=True, check=False
    )
    if ended.returncode:
        sys.exit(ended.stderr)
    return dict(json.loads(ended.stdout.splitlines()[-1]))


def damage(url: str) -> int:
    """One observation in a hundred thousand gets another value; gives how many."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute(
            f"update {SCHEMA}.observation set value_number = value_number + 0.000001 "  # noqa: S608
            "where value_number is not null and hashtext(row_id) % 100000 = 0"
        ).rowcount


def main() -> None:
    """Make the rows, load them, measure, print, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="facts")
    parser.add_argument("--memory", default="700MB", help="memory limit of the engine")
    parser.add_argument("--folder", type=Path, help="keep the rows here, or take them from here")
    parser.add_argument("--json", type=Path, default=Path("bench-reconcile.json"))
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.url:
        sys.stdout.write(json.dumps(check(given.url, given.folder, given.memory)) + "\n")
        return
    with tempfile.TemporaryDirectory(prefix="minns-bench-") as name:
        folder = given.folder or Path(name)
        if not (folder / "second").is_dir():
            folder.mkdir(exist_ok=True)
            make(folder, given.rows, "1GB")
        (folder / "loaded.json").unlink(missing_ok=True)
        place = Path(name) / "server"
        place.mkdir()
        Path(name).chmod(0o755)
        with server(place) as url:
            apart(url, SCHEMA, folder / "first", "1GB")
            told: dict[str, Any] = {
                "rows": given.rows,
                "whole": [alone(url, folder, given.memory) for _ in range(3)],
                "damaged": damage(url),
                "after": alone(url, folder, given.memory),
            }
    print(json.dumps(told, indent=1))
    given.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
