"""Two who load into one record: one after the other, or the second is told in one sentence."""

import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from desired_rows import Place, document, person
from loaders import hold
from projects import begin, build, dump
from undisturbed import begin as begin_child

import load
from minns import pipeline, withdrawal
from minns.course import Course
from minns.errors import ConfigError, StoreError, TargetError
from minns.site import open_site

TOLD = "locked by another program"


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return Place(f"sqlite:///{tmp_path / 'record.db'}", None)
    return Place(request.getfixturevalue("postgres_url"), "record")


def test_who_loads_keeps_others_out_until_it_ends_however_that_is(
    place: Place, tmp_path: Path
) -> None:
    first = {"person": [person("p")], "document": [document("d")]}
    place.load(first)
    process, _ = begin_child(hold, tmp_path / "open", place.url, place.schema)
    try:
        while not (tmp_path / "open").exists() and process.is_alive():
            time.sleep(0.01)
        with pytest.raises(TargetError, match=TOLD):
            place.load({}, run_id="run-2")
        assert [row["fact_id"] for row in place.current("document")] == ["d"]
        with load.open_target(place.url, place.schema, make=False) as reader:
            assert [row.state for row in reader.loads()] == ["done"]
    finally:
        process.kill()
        process.join()
    assert place.load({"person": [person("q")]}, run_id="run-3").load_id == 2
    assert [row["person_id"] for row in place.current("person")] == ["q"]


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project with one wave in its record."""
    project = build(tmp_path_factory.mktemp("two") / "first", persons=50)
    pipeline.run(open_site(project), "wave-1", "cutover")
    yield project


def beside(region: Path, folder: Path) -> tuple[Path, Path]:
    """Two projects with work folders of their own and one record."""
    one, two = folder / "one", folder / "two"
    for project in (one, two):
        shutil.copytree(region, project)
    record = one / "work" / "record.db"
    (two / "minns.toml").write_text(f'target = "sqlite:///{record}"\n', encoding="utf-8")
    return one, two


def test_a_record_that_moved_while_another_was_computed_is_not_loaded_over(
    region: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = beside(region, tmp_path)
    compute, other = pipeline.compute, [open_site(one)]
    after: list[object] = []

    def meanwhile(course: Course) -> None:
        compute(course)
        if other:
            pipeline.run(other.pop(), "wave-2", "cutover")
            after.append(dump(one / "work" / "record.db"))

    monkeypatch.setattr(pipeline, "compute", meanwhile)
    with pytest.raises(TargetError, match="another run has loaded since"):
        pipeline.run(open_site(two), "wave-1", "cutover")
    assert dump(one / "work" / "record.db") == after[0]


def test_a_wave_is_not_withdrawn_from_a_record_that_moved_meanwhile(
    region: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came with the other run would be taken for gone."""
    one, two = beside(region, tmp_path)
    after: list[object] = []

    def meanwhile(course: Course, desired: Mapping[str, list[Path]]) -> tuple[load.Loaded, int]:
        pipeline.run(open_site(one), "wave-2", "cutover")
        after.append(dump(one / "work" / "record.db"))
        return pipeline.load_difference(course, desired)

    monkeypatch.setattr(withdrawal, "load_difference", meanwhile)
    with pytest.raises(TargetError, match="another run has loaded since"):
        withdrawal.withdraw(open_site(two), "wave-1", "cutover")
    assert dump(one / "work" / "record.db") == after[0]
    monkeypatch.undo()
    with pytest.raises(ConfigError, match="builds on wave-1; found wave-2"):
        withdrawal.withdraw(open_site(two), "wave-1", "cutover")


def test_of_two_runs_begun_at_once_one_loads_and_the_other_is_told(
    region: Path, tmp_path: Path
) -> None:
    project = tmp_path / "p"
    shutil.copytree(region, project)
    before = dump(project / "work" / "record.db")
    begun = [begin(project, "run", "wave-1", "--cutover") for _ in range(2)]
    codes = sorted(process.wait() for process in begun)
    assert codes in ([0, 0], [0, StoreError.exit_code])
    assert dump(project / "work" / "record.db") == before
    assert open_site(project).ledger.verify() > 0
