"""A landing that is killed goes on from its last whole table, and is what an unbroken one is."""

import multiprocessing
import signal
import sqlite3
from pathlib import Path

import pytest
from landers import die_landing, land_small

TABLES = 6
KINDS = ("sqlite", "csv")


def rows(table: int) -> list[tuple[str, str]]:
    return [(str(number), f"text {table} {number}") for number in range(500 + table)]


def fill(project: Path, kind: str, table: int, more: str = "") -> None:
    """Write a table as its kind has it; `more` changes its first row."""
    made = rows(table)
    made[0] = ("0", made[0][1] + more)
    if kind == "csv":
        lines = ["id;what", *(";".join(row) for row in made), ""]
        (project / "in" / f"t{table}.csv").write_text("\n".join(lines), encoding="utf-8")
        return
    with sqlite3.connect(project / "small.db") as db:
        db.execute(f"drop table if exists t{table}")
        db.execute(f"create table t{table} (id text, what text)")
        db.executemany(f"insert into t{table} values (?, ?)", made)
    db.close()


@pytest.fixture(params=KINDS)
def project(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Path, str]:
    """A source of six tables, in a database or in files."""
    kind = request.param
    (tmp_path / "in").mkdir()
    folder = tmp_path / "m" / "small"
    folder.mkdir(parents=True)
    place = 'folder = "in"' if kind == "csv" else 'url = "sqlite:///small.db"'
    head = f'name = "small"\nkind = "{"csv" if kind == "csv" else "sql"}"\n{place}\n'
    for table in range(TABLES):
        fill(tmp_path, kind, table)
        file = f'file = "t{table}.csv"\n' if kind == "csv" else ""
        head += f'[tables.t{table}]\nkey = ["id"]\n{file}'
    (folder / "source.toml").write_text(head, encoding="utf-8")
    return tmp_path, kind


def killed(project: Path, batches: int) -> dict[str, int]:
    """Kill a landing with the given batch; gives the files of whole tables that it left."""
    process = multiprocessing.get_context("spawn").Process(
        target=die_landing, args=(project, batches)
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    partial = project / "work" / "landing" / "small" / "0001.partial"
    return {
        mark.parent.name: (mark.parent / "part-00001.parquet").stat().st_mtime_ns
        for mark in partial.glob("*/whole.json")
    }


@pytest.mark.parametrize("batches", [1, 4, 6])
def test_a_killed_landing_goes_on_from_its_last_whole_table(
    project: tuple[Path, str], batches: int
) -> None:
    folder, _ = project
    left = killed(folder, batches)
    assert len(left) == batches - 1
    landed, unbroken = land_small(folder), land_small(folder, "other")
    assert landed.key == unbroken.key
    assert landed.folder.name == "0001"
    kept = {
        table: landed.parts(table)[0].stat().st_mtime_ns for table in landed.tables if table in left
    }
    assert kept == left
    assert not list(landed.folder.rglob("whole.json"))


def test_what_changed_in_between_is_read_again(project: tuple[Path, str]) -> None:
    folder, kind = project
    left = killed(folder, 5)
    fill(folder, kind, 1, more=" changed")
    landed, unbroken = land_small(folder), land_small(folder, "other")
    assert landed.key == unbroken.key
    same = {t for t, file in left.items() if landed.parts(t)[0].stat().st_mtime_ns == file}
    # a file proves itself, a database only the whole of it
    assert same == ({"t0", "t2", "t3"} if kind == "csv" else set())


def test_a_part_that_a_crash_took_is_read_again(project: tuple[Path, str]) -> None:
    folder, _ = project
    killed(folder, 4)
    part = folder / "work" / "landing" / "small" / "0001.partial" / "t1" / "part-00001.parquet"
    part.write_bytes(part.read_bytes()[:200])
    assert land_small(folder).key == land_small(folder, "other").key
