"""The ledger is only added to, and what was done to it afterwards shows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from minns.errors import LedgerError
from minns.ledger import GENESIS, Ledger


def at_noon() -> str:
    return "2026-11-23T12:00:00Z"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'project' / 'ledger.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def ledger(url: str) -> Ledger:
    ledger = Ledger(url, now=at_noon)
    for number in range(4):
        ledger.append(f"run-{number % 2}", "landed" if number else "run_started", {"n": number})
    return ledger


def change(url: str, sql: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(sql)
    engine.dispose()


def test_entries_are_chained_in_order(ledger: Ledger) -> None:
    entries = ledger.entries()
    assert [e.sequence for e in entries] == [1, 2, 3, 4]
    assert [e.previous_hash for e in entries] == [GENESIS, *(e.hash for e in entries[:-1])]
    assert ledger.verify() == 4


def test_entries_are_found_by_kind_and_run(ledger: Ledger) -> None:
    assert [e.body["n"] for e in ledger.entries("landed")] == [1, 2, 3]
    assert [e.body["n"] for e in ledger.entries("landed", "run-0")] == [2]
    last = ledger.last("landed")
    assert last is not None
    assert last.body == {"n": 3}
    assert ledger.last("signed") is None


def test_an_entry_comes_back_as_it_went_in(ledger: Ledger) -> None:
    body = {"text": "å 'q' \" \\ \n", "none": None, "list": [1, 2.5, {"b": True, "a": False}]}
    assert ledger.append("run-9", "note", body) == ledger.entries()[-1]
    assert ledger.entries()[-1].body == body
    assert ledger.verify() == 5


def test_two_ledgers_with_the_same_entries_are_alike(ledger: Ledger, tmp_path: Path) -> None:
    other = Ledger(f"sqlite:///{tmp_path / 'other.db'}", now=at_noon)
    for entry in ledger.entries():
        other.append(entry.run_id, entry.kind, entry.body)
    assert other.entries() == ledger.entries()


@pytest.mark.parametrize(
    ("what", "broken_at"),
    [
        ("update ledger_entry set body = '{\"n\": 7}' where sequence = 2", 2),
        ("update ledger_entry set run_id = 'run-7' where sequence = 1", 1),
        ("update ledger_entry set moment = '2026-11-23T12:00:01Z' where sequence = 4", 4),
        ("delete from ledger_entry where sequence = 1", 1),
        ("delete from ledger_entry where sequence = 3", 3),
        (
            "insert into ledger_entry select 5, moment, run_id, kind, body, previous_hash, hash "
            "from ledger_entry where sequence = 4",
            5,
        ),
        ("update ledger_entry set sequence = sequence + 10 where sequence > 2", 3),
    ],
)
def test_what_was_done_afterwards_is_found(
    ledger: Ledger, url: str, what: str, broken_at: int
) -> None:
    change(url, what)
    with pytest.raises(LedgerError, match=rf"a break at entry {broken_at}:"):
        ledger.verify()


def test_two_processes_keep_one_chain(ledger: Ledger, url: str) -> None:
    script = (
        "import sys; from minns.ledger import Ledger\n"
        "ledger = Ledger(sys.argv[1])\n"
        "for n in range(25): ledger.append(sys.argv[2], 'note', {'n': n})\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    processes = [
        subprocess.Popen([sys.executable, "-c", script, url, run], env=environment)
        for run in ("a", "b")
    ]
    assert [process.wait() for process in processes] == [0, 0]
    assert ledger.verify() == 54
    for run in ("a", "b"):
        assert [e.body["n"] for e in ledger.entries("note", run)] == list(range(25))


def test_a_ledger_that_cannot_be_read_is_told_without_its_password() -> None:
    with pytest.raises(LedgerError, match=r"a ledger that can be read") as caught:
        Ledger("postgresql+psycopg://minns:hemlig@127.0.0.1:1/ledger")
    assert "hemlig" not in str(caught.value)
