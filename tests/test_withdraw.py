"""A wave is taken out again: the record is as if it had never come, and nothing else is touched."""

import json
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projects import begin, build, minns

from load.waves import Action, standing_waves, touched_waves
from minns import changes, inquiry, pipeline, withdrawal
from minns.errors import ConfigError
from minns.model import TARGET
from minns.site import Mode, Site, open_site

State = dict[str, list[tuple[Any, ...]]]


def standing(site: Site, mode: Mode = "cutover") -> State:
    """What is true now in the record, without the numbers of loads."""
    path = site.target(mode).url.removeprefix("sqlite:///")
    connection = sqlite3.connect(path)
    try:
        return {
            name: sorted(
                connection.execute(f"select {', '.join(table.names)} from current_{name}"),
                key=repr,
            )
            for name, table in TARGET.items()
        }
    finally:
        connection.close()


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A region whose first wave is in the record, and after it its second."""
    folder = build(tmp_path_factory.mktemp("region"))
    pipeline.run(open_site(folder), "wave-1", "cutover")
    return folder


@pytest.fixture(scope="module")
def first(region: Path) -> State:
    """The record with the first wave alone."""
    return standing(open_site(region))


@pytest.fixture(scope="module")
def both(region: Path, first: State) -> State:
    """The record with both waves."""
    assert any(first.values())
    pipeline.run(open_site(region), "wave-2", "cutover")
    return standing(open_site(region))


@pytest.fixture
def site(region: Path, both: State, tmp_path: Path) -> Iterator[Site]:
    """A copy of the region with both waves in."""
    assert any(both.values())
    shutil.copytree(region, tmp_path / "project")
    yield open_site(tmp_path / "project")


def test_what_remains_is_the_record_as_if_the_wave_had_never_come(site: Site, first: State) -> None:
    done = withdrawal.withdraw(site, "wave-2", "cutover")
    assert standing(site) == first
    assert done.remaining == ("wave-1",)
    assert sum(change.closed for change in done.changes) > 0


def test_run_again_it_gives_the_same_record_with_the_same_ids(site: Site, both: State) -> None:
    withdrawal.withdraw(site, "wave-2", "cutover")
    pipeline.run(site, "wave-2", "cutover")
    assert standing(site) == both


def test_the_last_wave_leaves_an_empty_record(site: Site, both: State) -> None:
    withdrawal.withdraw(site, "wave-2", "cutover")
    withdrawal.withdraw(site, "wave-1", "cutover")
    assert not any(standing(site).values())
    with pytest.raises(ConfigError, match="a wave in the record; found none since wave-1"):
        inquiry.past_run(site)
    pipeline.run(site, "wave-1", "cutover")
    pipeline.run(site, "wave-2", "cutover")
    assert standing(site) == both


def test_a_plan_shows_what_the_withdrawal_does_and_touches_nothing(site: Site, both: State) -> None:
    entries = site.ledger.verify()
    planned = withdrawal.plan(site, "wave-2", "cutover")
    assert (standing(site), site.ledger.verify()) == (both, entries)
    assert withdrawal.withdraw(site, "wave-2", "cutover").changes == planned.changes


def test_a_wave_that_others_build_on_stays(site: Site, both: State) -> None:
    with pytest.raises(ConfigError, match="builds on wave-1; found wave-2"):
        withdrawal.withdraw(site, "wave-1", "cutover")
    assert standing(site) == both


def test_a_wave_that_is_not_in_the_record_is_told_with_those_that_are(site: Site) -> None:
    with pytest.raises(ConfigError, match=r"wave-1 in the record.*none"):
        withdrawal.plan(site, "wave-1", "rehearsal")
    withdrawal.withdraw(site, "wave-2", "cutover")
    with pytest.raises(ConfigError, match="found these waves: wave-1"):
        withdrawal.withdraw(site, "wave-2", "cutover")


def test_history_stays_readable(site: Site, both: State) -> None:
    done = withdrawal.withdraw(site, "wave-2", "cutover")
    connection = sqlite3.connect(site.target("cutover").url.removeprefix("sqlite:///"))
    before = (done.load_id or 0) - 1
    for name, table in TARGET.items():
        then = connection.execute(
            f"select {', '.join(table.names)} from {name} where valid_from_load <= ? "
            "and (valid_to_load is null or valid_to_load > ?)",
            [before, before],
        )
        assert sorted(then, key=repr) == both[name]
    connection.close()


def test_systems_that_follow_the_ids_are_told(site: Site, tmp_path: Path) -> None:
    last = inquiry.past_run(site).run_id
    done = withdrawal.withdraw(site, "wave-2", "cutover")
    told = changes.changes(site, last)["events"]
    gone = {(e["source"], e["local_id"]) for e in told if e["event"] == "withdrawn"}
    assert {source for source, _ in gone} == set(site.wave("wave-2").sources)
    hl7 = tmp_path / "changes.hl7"
    changes.changes(site, last, hl7=hl7)
    triggers = [s.split("|")[1] for s in hl7.read_bytes().decode().split("\r") if s[:3] == "EVN"]
    assert {"A29", "A31"} <= set(triggers)
    pipeline.run(site, "wave-2", "cutover")
    back = changes.changes(site, str(done.run_id))["events"]
    assert gone <= {(e["source"], e["local_id"]) for e in back}


def test_a_wave_that_came_in_part_can_be_taken_out(site: Site, first: State) -> None:
    """The first attempt is stopped: half of the wave is in, and must go."""
    withdrawal.withdraw(site, "wave-2", "cutover")
    _kill_when(site, ("run", "wave-2", "--cutover"), rows=2000)
    assert standing(site) != first
    withdrawal.withdraw(site, "wave-2", "cutover")
    assert standing(site) == first


def test_a_killed_withdrawal_is_gone_on_with(site: Site, first: State) -> None:
    _kill_when(site, ("withdraw", "wave-2", "--cutover", "--yes"), rows=2000)
    ended = minns(site.project.root, "withdraw", "wave-2", "--cutover", "--yes", "--json")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["resumed"]
    assert standing(site) == first


def test_a_run_after_a_killed_withdrawal_has_both_waves(site: Site, both: State) -> None:
    _kill_when(site, ("withdraw", "wave-2", "--cutover", "--yes"), rows=2000)
    pipeline.run(site, "wave-2", "cutover")
    assert standing(site) == both


def _kill_when(site: Site, arguments: tuple[str, ...], rows: int) -> None:
    """Begin a command and kill it for good when its load has touched some rows."""
    path = site.target("cutover").url.removeprefix("sqlite:///")
    connection = sqlite3.connect(path)
    loads = connection.execute("select max(load_id) from load").fetchone()[0]
    process = begin(site.project.root, *arguments)
    touched = "select count(*) from lineage where valid_from_load = :load or valid_to_load = :load"
    until = time.monotonic() + 120
    while connection.execute(touched, {"load": loads + 1}).fetchone()[0] < rows:
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    connection.close()


class Line:
    """A line of the table `load`."""

    def __init__(self, wave: str, action: Action, state: str) -> None:
        self.wave, self.action, self.state = wave, action, state


lines = st.lists(
    st.builds(
        Line,
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["load", "withdraw"]),
        st.sampled_from(["done", "broken", "open"]),
    )
)


@given(lines)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_wave_stands_when_the_last_whole_thing_done_to_it_was_a_load(loads: list[Line]) -> None:
    for wave in "abc":
        done = [line.action for line in loads if line.wave == wave and line.state == "done"]
        assert (wave in standing_waves(loads)) == (done[-1:] == ["load"])
    assert set(standing_waves(loads)) <= set(touched_waves(loads))
