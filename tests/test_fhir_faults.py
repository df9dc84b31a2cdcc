"""Whatever a FHIR server does, and whenever we are killed: the end is that of a quiet delivery."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from delivering import SMALL, Receiver, by_key, region
from fhir_peer import FhirServer, running_server

from load.delivery.server import Patience
from minns.errors import TargetError

Fault = dict[str, Any]
#: What goes wrong, request by request; after each list all is well.
FAULTS: dict[str, list[Fault]] = {
    "too many requests": [{"kind": "429", "times": 3, "after": 0}],
    "an error of the server": [{"kind": "500", "times": 2, "method": "POST"}],
    "out of service": [{"kind": "503", "times": 2, "after": 0, "method": "POST"}],
    "refused as a whole": [{"kind": "reject", "type": "transaction"}],
    "half a bundle": [{"kind": "half", "times": 3, "type": "transaction"}],
    "cut before": [{"kind": "cut", "times": 2}],
    "cut after": [{"kind": "cut-after", "times": 2, "method": "POST"}],
    "done, but no answer": [{"kind": "mute", "method": "POST"}],
    "slow": [{"kind": "slow", "seconds": 0.2, "times": 2}],
    # Not "reject": a resource that stands alone is believed to be refused, until the next run.
    "all of it": [
        {"kind": kind, "type": "transaction"}
        for kind in ("cut-after", "500", "half", "pass", "429", "cut", "mute", "half")
    ],
}


@pytest.fixture(scope="module")
def running() -> Iterator[FhirServer]:
    with running_server() as server:
        yield server


@pytest.fixture
def server(running: FhirServer) -> FhirServer:
    running.clear()
    return running


@pytest.fixture
def receiver(server: FhirServer, tmp_path: Path) -> Receiver:
    return Receiver(server.target, tmp_path / "record.db", timeout=0.7)


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_a_first_delivery_ends_as_if_nothing_had_been(
    server: FhirServer, receiver: Receiver, faults: list[Fault]
) -> None:
    server.faults(*faults)
    done = receiver.deliver(region(), entries=SMALL)
    assert server.faults_left() == []
    assert (done.refused, done.remaining) == (0, 0)
    assert server.resources() == by_key(region())
    assert set(server.versions().values()) == {1}
    assert receiver.read_back().whole


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_a_changed_and_shrunken_record_too(
    server: FhirServer, receiver: Receiver, faults: list[Fault]
) -> None:
    receiver.deliver(region())
    server.faults(*faults)
    wanted = region(persons=4, value="andra")
    done = receiver.deliver(wanted, entries=SMALL)
    assert server.faults_left() == []
    assert (done.refused, done.remaining) == (0, 0)
    assert server.resources() == by_key(wanted)
    assert max(server.versions().values()) == 2
    assert receiver.read_back().whole


def test_a_server_that_stays_down_ends_the_run_and_the_next_goes_on(
    server: FhirServer, receiver: Receiver
) -> None:
    server.faults({"kind": "pass", "times": 4}, {"kind": "503", "times": 1000})
    with pytest.raises(TargetError, match="found HTTP 503 after 4 attempts"):
        receiver.deliver(region(), entries=SMALL)
    before = server.versions()
    assert 0 < len(before) < len(region())
    server.faults()
    assert receiver.deliver(region(), entries=SMALL).remaining == 0
    assert server.resources() == by_key(region())
    assert set(server.versions().values()) == {1}


def test_the_server_is_waited_for_as_it_asks_else_ever_longer() -> None:
    waits: list[float] = []
    patience = Patience(base=1.0, longest=20.0, sleep=waits.append)
    for attempt in range(1, 8):
        patience.wait(attempt, None, "Patient/p1")
    patience.wait(1, 7.0, "Patient/p1")
    patience.wait(1, 900.0, "Patient/p1")
    assert waits[-2:] == [7.0, 20.0]
    assert all(0.75 * 2**n <= waits[n] <= 1.25 * 2**n for n in range(4))
    again: list[float] = []
    Patience(base=1.0, longest=20.0, sleep=again.append).wait(1, None, "Patient/p1")
    assert again == waits[:1]


def killed(target: str, journal: Path, value: str, seconds: float) -> None:
    """A delivery in a process of its own, killed after a while."""
    program = str(Path(__file__).parent / "delivering.py")
    path = os.pathsep.join(filter(None, sys.path))
    process = subprocess.Popen(
        [sys.executable, program, target, str(journal), value],
        env={**os.environ, "PYTHONPATH": path},
    )
    deadline = time.monotonic() + 30
    # It begins with its journal: the start of Python itself is nobody's matter here.
    while not journal.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_killed_at_any_moment_and_delivered_again(server: FhirServer, tmp_path: Path) -> None:
    moments = random.Random(7)
    broken_off = 0
    for number in range(6):
        server.clear()
        # A server that takes its time, so that most moments lie within the delivery.
        server.faults({"kind": "slow", "seconds": 0.03, "times": 100})
        journal = tmp_path / f"{number}.db"
        killed(server.target, journal, "första", moments.uniform(0.05, 0.7))
        time.sleep(0.05)
        broken_off += 0 < len(server.resources()) < len(region())
        server.faults()
        receiver = Receiver(server.target, journal)
        assert receiver.deliver(region(), entries=SMALL).remaining == 0
        assert server.resources() == by_key(region())
        assert set(server.versions().values()) == {1}
        assert receiver.read_back().whole
    assert broken_off >= 2
