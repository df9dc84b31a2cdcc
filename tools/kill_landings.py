"""Kill a landing at random moments (kill -9), change its source now and then, go on, and compare.

    python tools/kill_landings.py --times 50 --seed 1

After each resume the landing must equal one that nobody disturbed, of the source as it is then.
"""

import argparse
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import extract
from minns.config import Source, load_source
from minns.store import Store

TABLES, ROWS = 8, 60_000
LAND = """
import sys
from pathlib import Path
import extract
from minns.config import load_source
from minns.store import Store
root = Path(sys.argv[1])
print("begun", flush=True)
extract.land(load_source(root / "small" / "source.toml"), Store(root / "work"), root=root)
"""


def build(root: Path) -> Source:
    """A database of eight tables."""
    (root / "small").mkdir()
    sections = "".join(f'[tables.t{n}]\nkey = ["id"]\n' for n in range(TABLES))
    head = 'name = "small"\nkind = "sql"\nurl = "sqlite:///small.db"\n'
    (root / "small" / "source.toml").write_text(head + sections, encoding="utf-8")
    with sqlite3.connect(root / "small.db") as db:
        for n in range(TABLES):
            db.execute(f"create table t{n} (id integer primary key, what text)")
            db.executemany(
                f"insert into t{n} (what) values (?)",  # noqa: S608
                ((f"text {n} {row}",) for row in range(ROWS)),
            )
    db.close()
    return load_source(root / "small" / "source.toml")


def change(root: Path, chance: random.Random) -> None:
    """Insert, update, delete, and use a key again."""
    with sqlite3.connect(root / "small.db") as db:
        table, row = f"t{chance.randrange(TABLES)}", chance.randint(2, ROWS)
        db.execute(f"delete from {table} where id = {row}")  # noqa: S608
        db.execute(f"update {table} set what = 'other {chance.random()}' where id = 1")  # noqa: S608
        if chance.random() < 0.5:
            db.execute(f"insert into {table} values ({row}, 'another {chance.random()}')")  # noqa: S608
    db.close()


def trial(root: Path, source: Source, chance: random.Random, seconds: float) -> tuple[bool, int]:
    """One killed landing, gone on with; whether it equals an undisturbed one, and tables kept."""
    with subprocess.Popen(
        [sys.executable, "-c", LAND, str(root)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.random() * seconds)
        process.send_signal(signal.SIGKILL)
    kept = len(list((root / "work/landing/small").glob("*.partial/*/whole.json")))
    if chance.random() < 0.4:
        change(root, chance)
    landed = extract.land(source, Store(root / "work"), root=root)
    undisturbed = extract.land(source, Store(root / "other"), root=root)
    same = landed.key == undisturbed.key
    for folder in ("work", "other"):
        shutil.rmtree(root / folder)
    return same, kept


def main() -> None:
    """Run the trials and say how they went."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--times", type=int, default=50)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        source = build(root)
        begun = time.monotonic()
        extract.land(source, Store(root / "work"), root=root)
        seconds = time.monotonic() - begun
        shutil.rmtree(root / "work")
        told = [trial(root, source, chance, 1.2 * seconds) for _ in range(given.times)]
    wrong = sum(not same for same, _ in told)
    some = sum(kept > 0 for _, kept in told)
    print(f"{given.times} kills: {wrong} wrong; {some} went on with tables that lay whole")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
