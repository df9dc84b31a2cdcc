"""The difference is loaded and nothing else; every version is kept."""

import datetime
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from desired_rows import Desired, Place, document, person
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from load.apply import _passes
from load.diff import Difference, TableDifference
from minns.model import TARGET


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return Place(f"sqlite:///{tmp_path / 'å ä' / 'record.db'}", None)
    return Place(request.getfixturevalue("postgres_url"), "record")


def versions(place: Place, table: str) -> list[tuple[Any, ...]]:
    key = TARGET[table].key[0]
    return [(r[key], r["valid_from_load"], r["valid_to_load"]) for r in place.rows(table)]


def test_a_first_load_adds_all_and_a_second_nothing(place: Place) -> None:
    desired = {"person": [person("p"), person("q")], "document": [document("d")]}
    first = place.load(desired)
    assert (first.load_id, first.total) == (1, 3)
    assert {t.table: t.added for t in first.tables if t.total} == {"person": 2, "document": 1}
    before = place.everything()
    second = place.load(desired, run_id="run-2")
    assert (second.load_id, second.total) == (None, 0)
    assert place.everything() == before
    assert [(r["load_id"], r["run_id"], r["state"]) for r in place.rows("load")] == [
        (1, "run-1", "done")
    ]


def test_a_changed_row_is_a_new_version_and_one_no_longer_true_is_closed(place: Place) -> None:
    place.load({"person": [person("p", surname="Ek"), person("q")]})
    place.load({"person": [person("p", surname="Al"), person("r")]}, run_id="run-2")
    assert set(versions(place, "person")) == {
        ("p", 1, 2),
        ("p", 2, None),
        ("q", 1, 2),
        ("r", 2, None),
    }
    assert {r["person_id"]: r["surname"] for r in place.current("person")} == {"p": "Al", "r": None}


def test_every_type_reads_back_exactly(place: Place) -> None:
    odd = "å ä ö Å 'q' \"dq\" \\ | \r\n\t\u2028 % ; -- 🩺"
    bodies = [odd, "", "x" * 8000, "1e5", "0012", "NULL"]
    documents = [
        document(
            f"d{n}",
            body,
            title="" if n % 2 else None,
            signed=(None, True, False)[n % 3],
            written_at=datetime.datetime(1999, 12, 31, 23, 59, 59, n),
        )
        for n, body in enumerate(bodies)
    ]
    values = [None, *map(Decimal, ("7.2", "0", "-0.000001", "999999999999.999999"))]
    observations = [
        {
            "fact_id": f"o{n}",
            "person_id": "p",
            "source": "melior",
            "status": "active",
            "observed_at": datetime.datetime(2020, 3, 29, 2, 30),
            "value_number": value,
        }
        for n, value in enumerate(values)
    ]
    born = person("p", birth_date=datetime.date(1899, 1, 2), birth_order=2)
    place.load({"document": documents, "observation": observations, "person": [born]})
    found = {d["fact_id"]: d for d in place.current("document")}
    for wanted in documents:
        assert found[wanted["fact_id"]] == {n: wanted.get(n) for n in found["d0"]}
    numbers = {o["fact_id"]: o["value_number"] for o in place.current("observation")}
    assert [
        None if (n := numbers[f"o{i}"]) is None else Decimal(n) for i in range(len(values))
    ] == values
    (back,) = place.current("person")
    assert (back["birth_date"], back["birth_order"]) == (datetime.date(1899, 1, 2), 2)


def test_every_table_says_what_it_holds(postgres_url: str) -> None:
    place = Place(postgres_url, "record")
    place.load({})
    with place.connected() as connection:
        inspector = sa.inspect(connection)
        for name, table in TARGET.items():
            assert inspector.get_table_comment(name, "record") == {"text": table.doc}
            comments = {c["name"]: c["comment"] for c in inspector.get_columns(name, "record")}
            assert {n: comments[n] for n in table.names} == {c.name: c.doc for c in table.columns}
            assert None not in comments.values()


def test_sqlite_keeps_a_log_ahead_of_its_writes(tmp_path: Path) -> None:
    place = Place(f"sqlite:///{tmp_path / 'record.db'}", None)
    place.load({"person": [person("p")]})
    with place.connected() as connection:
        assert connection.exec_driver_sql("pragma journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("pragma integrity_check").scalar() == "ok"
        indexes = {i["name"] for i in sa.inspect(connection).get_indexes("lineage")}
    assert indexes == {"lineage_by_fact_id", "lineage_by_source_source_table_row_key"}


_body = st.sampled_from(["a", "b"])
_state = st.fixed_dictionaries(
    {
        "document": st.dictionaries(st.sampled_from("defgh"), _body).map(
            lambda said: [document(k, v) for k, v in said.items()]
        ),
        "person": st.sets(st.sampled_from("pqr")).map(lambda ids: [person(i) for i in sorted(ids)]),
    }
)


@pytest.fixture(scope="module")
def fresh() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_state, min_size=2, max_size=3), st.integers(1, 5))
def test_there_and_back_again(fresh: Path, states: list[Desired], batch: int) -> None:
    with tempfile.TemporaryDirectory(dir=fresh) as folder:
        place = Place(f"sqlite:///{folder}/record.db", None)
        seen: list[Any] = []
        for number, state in enumerate([*states, states[0]]):
            place.load(state, run_id=f"run-{number}", batch=batch)
            for table in ("document", "person"):
                key = TARGET[table].key[0]
                wanted = {r[key]: r.get("body") for r in state[table]}
                assert {r[key]: r.get("body") for r in place.current(table)} == wanted
            kept = [(r["fact_id"], r["body"], r["valid_from_load"]) for r in place.rows("document")]
            assert set(seen) <= set(kept)
            seen = kept
        assert place.load(states[0], run_id="again").total == 0


def test_a_block_is_loaded_before_all_that_it_may_cover_and_ended_after_it() -> None:
    tables = tuple(TableDifference(name, 1, 1, 1) for name in TARGET)
    order = [one for stage in _passes(Difference(Path(), tables)) for one in stage]
    assert order[0] == ("access_block", "change <> 'closed'")
    assert order[-1] == ("access_block", "change = 'closed'")
    assert sorted(name for name, _ in order) == sorted((*TARGET, "access_block"))
