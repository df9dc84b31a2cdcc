"""A run that is killed at any moment and started again ends as one that was not (kill -9)."""

import json
import signal
import time
from pathlib import Path

import pytest
from projects import begin, build, copy, dump, minns

#: Where in a run it is killed, as shares of the time that an unbroken run takes.
MOMENTS = (0.15, 0.3, 0.45, 0.6, 0.75, 0.9)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("killed"))


@pytest.fixture(scope="module")
def unbroken(region: Path) -> tuple[Path, float]:
    """The record of an unbroken run, and how long it took (seconds)."""
    project = copy(region, region.parent / "unbroken")
    started = time.monotonic()
    ended = minns(project, "run", "wave-1", "--cutover")
    assert ended.returncode == 0, ended.stderr
    return project / "work" / "record.db", time.monotonic() - started


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_and_run_again(
    tmp_path: Path, region: Path, unbroken: tuple[Path, float], moment: float
) -> None:
    record, seconds = unbroken
    project = copy(region, tmp_path / "project")
    process = begin(project, "run", "wave-1", "--cutover")
    time.sleep(seconds * moment)
    process.send_signal(signal.SIGKILL)
    process.wait()
    ended = minns(project, "run", "wave-1", "--cutover", "--json")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["run"] in ("wave-1-cutover-1", "wave-1-cutover-2")
    assert dump(project / "work" / "record.db") == dump(record)
    assert minns(project, "ledger", "verify").returncode == 0
