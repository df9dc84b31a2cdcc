"""A load that is killed, locked out or refused loses nothing, and says in one sentence why."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from desired_rows import Place, document, person

import load
import load.relational
from load.faults import told
from minns.errors import TargetError

STATE_A = {"document": [document(f"d{n}", "a" * 100) for n in range(60)], "person": [person("p")]}
STATE_B = {"document": [document(f"d{n}", "b" * n) for n in range(20, 90)]}


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return Place(f"sqlite:///{tmp_path / 'record.db'}", None)
    return Place(request.getfixturevalue("postgres_url"), "record")


class Killed(BaseException):
    """Stands for a process that ends in the middle."""


def stop_after(batches: int) -> Any:
    calls = iter(range(1000))

    def progress(done: int, total: int | None = None) -> None:
        if next(calls) + 1 >= batches:
            raise Killed

    return progress


@pytest.mark.parametrize("batches", [1, 2, 5, 9])
def test_a_load_broken_off_goes_on_to_the_same_end(place: Place, batches: int) -> None:
    place.load(STATE_A)
    with pytest.raises(Killed):
        place.load(STATE_B, run_id="run-2", batch=10, progress=stop_after(batches))
    assert place.rows("load")[-1]["state"] == "open"
    assert place.load(STATE_B, run_id="run-2", batch=7).load_id == 2
    whole = Place(place.url, "whole") if place.schema else Place(f"{place.url}.whole", None)
    whole.load(STATE_A)
    whole.load(STATE_B, run_id="run-2")
    assert place.everything() == whole.everything()


def test_a_mapping_mended_after_the_kill_leaves_one_version_a_load(place: Place) -> None:
    place.load(STATE_A)
    with pytest.raises(Killed):
        place.load(STATE_B, run_id="run-2", batch=10, progress=stop_after(5))
    mended = {"document": [document(f"d{n}", "c" * n) for n in range(20, 90)]}
    assert place.load(mended, run_id="run-2").load_id == 2
    assert {d["fact_id"]: d["body"] for d in place.current("document")} == {
        f"d{n}": "c" * n for n in range(20, 90)
    }
    assert not [d for d in place.rows("document") if d["body"].startswith("b")]


def test_another_run_does_not_go_on_with_what_one_left_open(place: Place) -> None:
    with pytest.raises(Killed):
        place.load(STATE_A, batch=10, progress=stop_after(2))
    assert place.load(STATE_A, run_id="run-2").load_id == 2
    assert [(r["load_id"], r["state"]) for r in place.rows("load")] == [(1, "broken"), (2, "done")]
    assert len(place.current("document")) == 60


def test_killed_for_good_in_the_middle(place: Place) -> None:
    place.load({"person": [person("q")]})
    script = (
        "import sys, time; sys.path[:0] = sys.argv[3:]\n"
        "from test_load_faults import Place, STATE_A\n"
        "def slow(done, total=None): print(done, flush=True); time.sleep(0.05)\n"
        "Place(sys.argv[1], sys.argv[2] or None)"
        ".load(STATE_A, run_id='run-2', batch=3, progress=slow)\n"
    )
    tests = str(Path(__file__).parent)
    arguments = [place.url, place.schema or "", tests, *sys.path]
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    while int(process.stdout.readline()) < 20:
        pass
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert 0 < len(place.rows("document")) < 60
    assert place.load(STATE_A, run_id="run-2").load_id == 2
    assert len(place.current("document")) == 60
    assert [r["valid_to_load"] for r in place.rows("person")] in ([2, None], [None, 2])
    assert place.load(STATE_A, run_id="run-3").total == 0


def test_a_batch_that_fails_is_undone_whole(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.load(STATE_A)
    before = place.everything()
    ingest = load.relational.Target.ingest

    def broken(target: Any, table: str, rows: Any) -> None:
        ingest(target, table, rows)
        if table == "document":
            raise Killed

    monkeypatch.setattr(load.relational.Target, "ingest", broken)
    with pytest.raises(Killed):
        place.load(STATE_B, run_id="run-2")
    assert {t: r for t, r in place.everything().items() if t not in ("load", "person")} == {
        t: r for t, r in before.items() if t not in ("load", "person")
    }


@contextmanager
def locked_sqlite(path: str) -> Iterator[None]:
    """Another process that writes; SQLite's locks do not hold within one process."""
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('begin immediate'); print('locked', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdout.readline()
    try:
        yield
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


@contextmanager
def locked_postgres(place: Place) -> Iterator[None]:
    with place.connected() as connection, connection.begin():
        connection.exec_driver_sql("lock table record.load in access exclusive mode")
        yield


def test_a_locked_target_is_told_in_one_sentence(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.load(STATE_A)
    monkeypatch.setattr(
        load.relational,
        "_SESSION",
        {"sqlite": ("pragma busy_timeout = 50",), "postgresql": ("set lock_timeout = 50",)},
    )
    before = place.everything()
    lock = locked_postgres(place) if place.schema else locked_sqlite(place.url[10:])
    with lock, pytest.raises(TargetError, match=r"found it is locked by another program"):
        place.load(STATE_B, run_id="run-2")
    assert place.everything() == before
    place.load(STATE_B, run_id="run-2")
    assert len(place.current("document")) == 70


def test_two_runs_do_not_load_at_one_time(place: Place) -> None:
    place.load(STATE_A)
    with load.open_target(place.url, place.schema):
        with pytest.raises(TargetError, match=r"found it is locked by another program"):
            place.load(STATE_B, run_id="run-2")
        with load.open_target(place.url, place.schema, make=False) as reader:
            assert [row.state for row in reader.loads()] == ["done"]
    assert place.load(STATE_B, run_id="run-2").load_id == 2


def test_other_peoples_tables_are_refused(place: Place) -> None:
    prefix = ""
    with place.connected() as connection, connection.begin():
        if place.schema:
            connection.exec_driver_sql("create schema record")
            prefix = "record."
        connection.exec_driver_sql(f"create table {prefix}person (id integer, name text)")
    with pytest.raises(TargetError, match=r"the table 'person'.*found other columns"):
        place.load(STATE_A)


def test_a_refused_password_is_not_told(postgres_url: str) -> None:
    wrong = sa.make_url(postgres_url).set(password="fel-hemlighet").render_as_string(False)
    for attempt in (load.exists, load.open_target):
        with pytest.raises(TargetError, match=r"the password or user was refused") as caught:
            attempt(wrong, "record")
        assert "fel-hemlighet" not in str(caught.value)
    with (
        pytest.raises(TargetError, match=r"the password or user was refused") as caught,
        load.open_target(wrong, "record", make=False),
    ):
        pass
    assert "fel-hemlighet" not in str(caught.value)


def test_a_server_that_does_not_answer_is_told() -> None:
    url = "postgresql+psycopg://minns:hemlig@127.0.0.1:1/record"
    for attempt in (load.exists, load.open_target):
        with pytest.raises(TargetError, match=r"a shared record that answers") as caught:
            attempt(url, "record")
        assert "hemlig" not in str(caught.value)


def test_a_full_disk_is_told_and_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(f"sqlite:///{tmp_path / 'record.db'}", None)
    place.load(STATE_A)
    full = {"sqlite": ("pragma max_page_count = 80",)}
    monkeypatch.setattr(load.relational, "_SESSION", full)
    large = {"document": [document(f"e{n}", "b" * 8000) for n in range(200)]}
    with pytest.raises(TargetError, match=r"the disk is full"):
        place.load(large, run_id="run-2")
    assert {d["body"] for d in place.current("document")} == {"a" * 100}
    monkeypatch.undo()
    place.load(large, run_id="run-2")
    assert len(place.current("document")) == 200


def test_a_statement_that_tells_of_blocked_facts_tells_of_no_lock() -> None:
    said = "INTERNAL: [SQLite] failed: database or disk is full (INSERT INTO document (blocked))"
    assert "the disk is full" in str(told("here", said))


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    path.write_text("not a database, but long enough to be looked at" * 30, encoding="utf-8")
    with pytest.raises(TargetError, match=r"a shared record that answers"):
        load.open_target(f"sqlite:///{path}")


def test_only_two_databases_are_targets() -> None:
    with pytest.raises(TargetError, match=r"found mysql"):
        load.open_target("mysql://host/record")


def test_a_record_exists_when_its_tables_do(place: Place, tmp_path: Path) -> None:
    assert not load.exists(place.url, place.schema)
    (tmp_path / "empty.db").touch()
    assert not load.exists(f"sqlite:///{tmp_path / 'empty.db'}", None)
    place.load({})
    assert load.exists(place.url, place.schema)
