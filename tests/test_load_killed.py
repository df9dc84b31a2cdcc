"""The loader is killed (kill -9) at random moments: after a resume the record is as if it had not.

Nothing is lost, nothing is twice: every version of every table is the same, byte for byte.
"""

import random
import signal
import time
from typing import Any

import pytest
from loaders import die_after
from undisturbed import (
    AFTER,
    BEFORE,
    Begun,
    Prepared,
    Standing,
    apply_prepared,
    begin,
    begun_in,
    go_on,
)

#: How often the loader of each database is killed.
TIMES = 25
#: After how many writes of a load it is killed before they are committed.
WRITES = (1, 2, 9, 17, 26)

pytestmark = pytest.mark.slow
#: A load as it stood before, its end when nobody disturbs it, and how long it takes (seconds).
Known = tuple[Begun, dict[str, Any], float]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def loads(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Known, Known]:
    """A load into a record that stands, and one into an empty one."""
    known = []
    for name, before in (("later", BEFORE), ("first", {})):
        begun = begun_in(request, tmp_path_factory.mktemp(name), before, AFTER)
        for _ in range(2):  # the first process waits for imports
            whole = begun.copies()
            process, told = begin(apply_prepared, whole, begun.change)
            started = time.monotonic()
            assert told.recv() == "done"
            seconds = time.monotonic() - started
            process.join()
        known.append((begun, whole.everything(), seconds))
    return known[0], known[1]


def _killed(place: Standing, prepared: Prepared, after: float) -> bool:
    """Begin a load and kill it; False when it had ended before."""
    process, told = begin(apply_prepared, place, prepared)
    time.sleep(after)
    process.kill()
    process.join()
    told.close()
    return int(process.exitcode) == -signal.SIGKILL


def test_killed_at_any_moment_and_gone_on_with(loads: tuple[Known, Known]) -> None:
    moments, killed, halfway = random.Random(1), 0, 0
    while killed < TIMES:
        begun, end, seconds = loads[killed % 2]
        share = (killed + moments.random()) / TIMES
        place = begun.copies()
        while not _killed(place, begun.change, after=share * seconds):
            share, place = share * 0.8, begun.copies()
        killed += 1
        done = begun.change.difference.total - go_on(place, begun.change).total
        halfway += 0 < done < begun.change.difference.total
        assert place.everything() == end, f"killed after {share:.2f} of a load"
    assert halfway >= TIMES // 5, "most were killed before they loaded, or after"


@pytest.mark.parametrize("writes", WRITES)
def test_killed_within_a_transaction(loads: tuple[Known, Known], writes: int) -> None:
    begun, end, _ = loads[0]
    place = begun.copies()
    process, told = begin(die_after, writes, place, begun.change)
    process.join()
    told.close()
    assert process.exitcode == -signal.SIGKILL
    assert place.everything() != end
    go_on(place, begun.change)
    assert place.everything() == end
    assert go_on(place, begun.change, "run-3").total == 0


def test_what_a_killed_load_left_is_whole_batches(loads: tuple[Known, Known]) -> None:
    begun, _, _ = loads[0]
    place = begun.copies()
    process, told = begin(die_after, 9, place, begun.change)
    process.join()
    told.close()
    before, left = begun.standing.everything(), place.everything()
    assert len(left["load"]) == len(before["load"]) + 1
    assert left["document"] == before["document"], "its turn had not come"
    assert left["person"] != before["person"]
