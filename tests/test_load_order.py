"""While a load is under way, nothing that a block covers stands open to a reader."""

import subprocess
import sys
from pathlib import Path

import pytest
from desired_rows import Desired, Place, document, person

BLOCK = {
    **{"fact_id": "b", "person_id": "p", "source": "melior", "status": "active"},
    **{"block_id": "1", "block_type": "inner"},
}
SHUT: Desired = {
    "person": [person("p")],
    "access_block": [BLOCK],
    "document": [document(f"d{n}", blocked="inner", blocked_by="b") for n in range(30)],
}
GONE: Desired = {"person": [person("p")]}
#: Another process: SQLite's locks do not hold within one.
_COUNT = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
    "print(*[c.execute(f'select count(*) from current_{t}').fetchone()[0]"
    " for t in ('access_block', 'document')])"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return Place(f"sqlite:///{tmp_path / 'record.db'}", None)
    return Place(request.getfixturevalue("postgres_url"), "ordered")


def standing(place: Place) -> tuple[int, int]:
    """How many blocks and documents a reader sees now."""
    if place.schema:
        return len(place.current("access_block")), len(place.current("document"))
    file = place.url.removeprefix("sqlite:///")
    read = subprocess.run(
        [sys.executable, "-S", "-c", _COUNT, file], capture_output=True, text=True, check=True
    )
    blocks, documents = read.stdout.split()
    return int(blocks), int(documents)


def seen_while_loading(place: Place, desired: Desired, run_id: str) -> list[tuple[int, int]]:
    seen = []
    place.load(
        desired, run_id=run_id, batch=10, progress=lambda done, of: seen.append(standing(place))
    )
    return seen


def test_a_reader_never_sees_what_is_blocked_without_its_block(place: Place) -> None:
    coming = seen_while_loading(place, SHUT, "run-1")
    going = seen_while_loading(place, GONE, "run-2")
    assert {documents for _, documents in coming} >= {10, 20, 30}
    assert {documents for _, documents in going} >= {20, 10, 0}
    assert all(blocks for blocks, documents in [*coming, *going] if documents)
    assert standing(place) == (0, 0)
