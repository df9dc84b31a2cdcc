"""Two sessions that apply one load: the same record as one, however it ends."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from desired_rows import Desired, Place, document, person

import load
import load.relational
from minns.errors import TargetError

BLOCK = {
    **{"fact_id": "b", "person_id": "p0", "source": "melior", "status": "active"},
    **{"block_id": "1", "block_type": "inner"},
}


def state(text: str, first: int, last: int) -> Desired:
    """Documents, persons and identities by number, and one block."""
    numbers = range(first, last)
    return {
        "access_block": [BLOCK] if first else [],
        "person": [person(f"p{n}", surname=text) for n in numbers],
        "identity": [
            {
                **{"source": "melior", "local_patient_id": str(n), "person_id": f"p{n}"},
                **{"probability": 1, "method": text, "since": "2026-01-01 00:00:00"},
            }
            for n in numbers
        ],
        "document": [document(f"d{n}", text * n) for n in numbers],
    }


BEFORE, AFTER = state("a", 0, 60), state("b", 20, 90)


def take_two() -> None:
    """However few the changes are."""
    sys.modules["load.apply"].BESIDE = range(1, 1_000_000)  # type: ignore[attr-defined]


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["load.apply"], "BESIDE", range(1, 1_000_000))


@pytest.fixture
def place(postgres_url: str, two: None) -> Place:
    return Place(postgres_url, "record")


@pytest.fixture
def end(place: Place, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What one session makes of the same changes."""
    alone = Place(place.url, "alone")
    with monkeypatch.context() as patched:
        patched.setattr(sys.modules["load.apply"], "BESIDE", range(0))
        alone.load(BEFORE)
        alone.load(AFTER, run_id="run-2", batch=7)
    return alone.everything() | {"seal": unmarked(alone)}


def unmarked(place: Place) -> list[dict[str, Any]]:
    """The seals but for the transactions' marks, which are never the same twice."""
    return [{k: v for k, v in row.items() if k != "marks"} for row in place.rows("seal")]


def reached(place: Place) -> dict[str, Any]:
    return place.everything() | {"seal": unmarked(place)}


def test_two_sessions_make_the_record_that_one_makes(
    place: Place, end: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = set()
    mark = load.relational.Target.mark

    def seen(target: load.Target) -> int:
        sessions.add(id(target))
        return mark(target)

    monkeypatch.setattr(load.relational.Target, "mark", seen)
    place.load(BEFORE)
    sessions.clear()
    counts: list[tuple[int, int | None]] = []
    place.load(AFTER, run_id="run-2", batch=7, progress=lambda *done: counts.append(done))
    assert len(sessions) == 2
    assert reached(place) == end
    assert [done for done, _ in counts] == sorted(done for done, _ in counts)
    assert counts[-1][0] == counts[-1][1]
    assert place.foreign() == {}
    assert place.load(AFTER, run_id="run-3").total == 0


@pytest.mark.parametrize("table", ["document", "identity", "person"])
def test_what_stops_one_session_stops_the_other(
    place: Place, end: dict[str, Any], table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.load(BEFORE)
    ingest, written = load.relational.Target.ingest, []

    def refused(target: Any, name: str, rows: Any) -> None:
        ingest(target, name, rows)
        written.append(name)
        if written.count(table) == 3:
            raise TargetError("a", found="b", do="c")

    with monkeypatch.context() as patched:
        patched.setattr(load.relational.Target, "ingest", refused)
        with pytest.raises(TargetError):
            place.load(AFTER, run_id="run-2", batch=7)
    assert place.rows("load")[-1]["state"] == "open"
    assert place.load(AFTER, run_id="run-2", batch=7).load_id == 2
    assert reached(place) == end


@pytest.mark.parametrize("changes", [8, 60, 150, 250])
def test_killed_for_good_while_two_write(place: Place, end: dict[str, Any], changes: int) -> None:
    place.load(BEFORE)
    script = (
        "import os, signal, sys; sys.path[:0] = sys.argv[3:]\n"
        "from test_load_beside import AFTER, Place, take_two\n"
        "take_two()\n"
        "def last(done, total=None):\n"
        f"    if done >= {changes}: os.kill(os.getpid(), signal.SIGKILL)\n"
        "Place(sys.argv[1], sys.argv[2])"
        ".load(AFTER, run_id='run-2', batch=7, progress=last)\n"
    )
    arguments = [place.url, place.schema or "", str(Path(__file__).parent), *sys.path]
    killed = subprocess.run([sys.executable, "-c", script, *arguments], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert place.load(AFTER, run_id="run-2", batch=7).load_id == 2
    assert reached(place) == end
    assert place.load(AFTER, run_id="run-3").total == 0
