"""What a load left need not be read again, unless anybody was there; and others who write during a
load are noticed after it.
"""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from desired_rows import Desired, Place, document, person, write_desired
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projects import build

import load
from minns import pipeline
from minns.engine import Engine
from minns.loading import KNOWN
from minns.site import open_site

STATE: Desired = {
    "person": [person(f"p{n}", surname="Ek") for n in range(8)],
    "document": [document(f"d{n}", "å" * n) for n in range(8)],
}


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return Place(f"sqlite:///{tmp_path / 'record.db'}", None)
    return Place(request.getfixturevalue("postgres_url"), "record")


def rows(said: dict[int, str]) -> Desired:
    return {"document": [document(f"d{n}", body) for n, body in sorted(said.items())]}


BODIES = st.dictionaries(st.integers(0, 30), st.sampled_from(["a", "b", "c"]))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=BODIES, after=BODIES)
def test_what_is_known_gives_the_difference_that_reading_gives(
    before: dict[int, str], after: dict[int, str]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        there = Place(f"sqlite:///{folder / 'record.db'}", None)
        with Engine(folder / "engine", memory_limit="500MB", threads=1) as engine:
            first = write_desired(engine, rows(before), folder / "first")
            second = write_desired(engine, rows(after), folder / "second")
            with load.open_target(there.url) as target:
                difference = load.compare(engine, first, target, folder / "difference")
                loaded = load.apply(engine, first, difference, target, run_id="1", wave="w")
                if loaded.load_id:
                    left = load.missed(engine, first, difference, loaded, target, folder / "left")
                    assert left == 0
                known = load.Known(first, load.state(target))
                read = load.compare(engine, second, target, folder / "read")
                recalled = load.compare(engine, second, target, folder / "recalled", known)
            assert recalled.tables == read.tables
            for table in ("document", "person"):
                said = [
                    engine.rows(f"from read_parquet('{folder / kind / table}.parquet')")
                    for kind in ("read", "recalled")
                ]
                assert said[0] == said[1]


def loaded_and_known(place: Place, engine: Engine, folder: Path) -> load.Known:
    """The state is in the record; gives what is known of that."""
    parts = write_desired(engine, STATE, folder / "desired")
    with load.open_target(place.url, place.schema) as target:
        difference = load.compare(engine, parts, target, folder / "difference")
        loaded = load.apply(engine, parts, difference, target, run_id="run-1", wave="wave-1")
        assert load.missed(engine, parts, difference, loaded, target, folder / "left") == 0
        return load.Known(parts, load.state(target))


@pytest.fixture
def engine(tmp_path: Path) -> Any:
    with Engine(tmp_path / "engine", memory_limit="500MB", threads=1) as engine:
        yield engine


def test_what_is_known_of_another_state_is_not_believed(
    place: Place, engine: Engine, tmp_path: Path
) -> None:
    known = loaded_and_known(place, engine, tmp_path)
    place.load({**STATE, "person": []}, run_id="run-2")
    with load.open_target(place.url, place.schema, make=False) as target:
        found = load.compare(engine, known.parts, target, tmp_path / "again", known)
    assert {t.table: t.added for t in found.tables if t.total} == {"person": 8}


def test_what_is_known_of_a_table_that_others_touched_is_not_believed(
    place: Place, engine: Engine, tmp_path: Path
) -> None:
    known = loaded_and_known(place, engine, tmp_path)
    place.by_hand("update {person} set valid_to_load = 1 where person_id = 'p2'")
    with load.open_target(place.url, place.schema, make=False) as target:
        found = load.compare(engine, known.parts, target, tmp_path / "again", known)
    assert {t.table: t.added for t in found.tables if t.total} == {"person": 1}


@pytest.mark.parametrize(
    ("deed", "most"),
    [
        ("update {document} set content_hash = 'x' where fact_id = 'd1'", 2),
        ("delete from {document} where fact_id in ('d1', 'd2')", 2),
        ("update {document} set valid_to_load = 1 where fact_id = 'd3'", 2),
    ],
)
def test_a_row_that_did_not_arrive_as_it_should_is_missed(
    place: Place, engine: Engine, tmp_path: Path, deed: str, most: int
) -> None:
    parts = write_desired(engine, STATE, tmp_path / "desired")
    with load.open_target(place.url, place.schema) as target:
        difference = load.compare(engine, parts, target, tmp_path / "difference")
        loaded = load.apply(engine, parts, difference, target, run_id="run-1", wave="wave-1")
        place.by_hand(deed)
        left = load.missed(engine, parts, difference, loaded, target, tmp_path / "left")
    assert 1 <= left <= most


def test_what_others_write_during_a_load_is_noticed_after_it(place: Place) -> None:
    place.load(STATE)
    deeds = ["update {person} set surname = 'Annan' where person_id = 'p1'"]

    def meanwhile(done: int, total: int) -> None:
        if deeds:
            place.by_hand(deeds.pop())

    changed = [*STATE["person"][:7], person("p7", surname="Al")]
    place.load({**STATE, "person": changed}, run_id="run-2", progress=meanwhile)
    assert not deeds
    assert place.foreign() == {"person": (1, 0, 0, 0)}


def test_a_run_goes_on_from_what_the_last_one_noted_or_from_the_record_itself(
    tmp_path: Path,
) -> None:
    site = open_site(build(tmp_path / "region", persons=50))
    first = pipeline.run(site, "wave-1", "cutover")
    note = first.course.folder / KNOWN
    assert note.is_file()
    for _ in range(2):
        again = pipeline.run(site, "wave-1", "cutover")
        assert (again.loaded.total, again.loaded.load_id, again.evidence.go) == (0, None, True)
        note.unlink(missing_ok=True)
