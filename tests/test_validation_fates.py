"""Every landed row has exactly one fate, whatever the stages said about it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minns.engine import Engine
from minns.model import BY_NAME, FATES
from minns.step import Room
from minns.store import Draft
from validation.fates import steps

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def engine(tmp_path: Path) -> Any:
    with Engine(tmp_path / "scratch", threads=1) as session:
        yield session


def run(engine: Engine, folder: Path, tables: Rows) -> dict[str, list[tuple[Any, ...]]]:
    """Run the step over hand-made tables; gives what it wrote."""
    step = steps(("melior",))[0]
    for view in step.reads:
        engine.empty(BY_NAME[view], view)
        for row in tables.get(view, []):
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            engine.run(f'insert into "{view}" ({names}) values ({marks})', list(row.values()))
    folder.mkdir(parents=True, exist_ok=True)
    draft = Draft(folder)
    step.do(Room(engine, draft))
    assert tuple(draft.described) and set(draft.described) == set(step.writes)
    return {
        table: engine.rows("from read_parquet(?)", [str(draft.part(table))])
        for table in step.writes
    }


def at(key: str, table: str = "diagnos", **more: Any) -> dict[str, Any]:
    return {"source": "melior", "source_table": table, "row_key": key, **more}


def landed(*keys: str) -> list[dict[str, Any]]:
    return [at(key, row_hash="0" * 32) for key in keys]


def stated(*keys: str, patient: str = "P1") -> list[dict[str, Any]]:
    return [at(key, local_patient_id=patient) for key in keys]


def behind(key: str, role: str = "loaded", fact: str = "F1") -> dict[str, Any]:
    return at(key, fact_id=fact, kind="condition", role=role)


def fate_of(written: dict[str, list[tuple[Any, ...]]]) -> dict[str, tuple[str, str]]:
    return {row[2]: (row[3], row[4]) for row in written["row_fate"]}


def test_each_disposition_gives_its_fate(engine: Engine, tmp_path: Path) -> None:
    written = run(
        engine,
        tmp_path / "out",
        {
            "row": landed("a", "b", "c", "d", "e"),
            "condition": [*stated("a", "b"), *stated("c", patient="P2")],
            "lineage": [behind("a"), behind("b", "consolidated")],
            "held": [{"source": "melior", "local_patient_id": "P2", "rule": "two_numbers"}],
            "quarantine": [at("d", kind="condition", rule="bad_date")],
            "excluded": [at("e", rule="reference_table")],
        },
    )
    assert fate_of(written) == {
        "a": ("loaded", "founds_fact"),
        "b": ("consolidated", "same_fact"),
        "c": ("held", "two_numbers"),
        "d": ("quarantined", "bad_date"),
        "e": ("excluded", "reference_table"),
    }
    assert written["balance"] == [("melior", "diagnos", 5, 1, 1, 1, 1, 1, 0)]
    assert written["balance_kind"] == [("condition", "melior", 4, 1, 1, 1, 1, 0, 0)]
    assert not written["unexplained"] and not written["fault"]


def test_a_register_link_is_excluded_and_excludes_nothing_else(
    engine: Engine, tmp_path: Path
) -> None:
    link = {"number": "n2", "link_kind": "changed"}
    written = run(
        engine,
        tmp_path / "out",
        {
            "row": landed("a", "b", "c"),
            "register_link": [at(key, **link) for key in "abc"],
            "excluded": [at(key, rule="register_link") for key in "abc"],
            "patient": [*stated("b"), *stated("c")],
            "lineage": [at("b", fact_id="P", kind="patient", role="loaded")],
        },
    )
    assert fate_of(written) == {
        "a": ("excluded", "register_link"),
        "b": ("loaded", "founds_person"),
    }
    assert written["unexplained"] == [("melior", "diagnos", "c", "patient")]
    assert not written["fault"]


def test_a_row_counts_under_its_first_fate(engine: Engine, tmp_path: Path) -> None:
    written = run(
        engine,
        tmp_path / "out",
        {
            "row": landed("a"),
            "condition": stated("a"),
            "lineage": [behind("a")],
            "quarantine": [at("a", kind="observation", rule="bad_unit")],
        },
    )
    assert fate_of(written) == {"a": ("quarantined", "bad_unit")}
    assert len(written["fate"]) == 2


def test_a_lost_statement_is_unexplained_and_its_row_has_no_fate(
    engine: Engine, tmp_path: Path
) -> None:
    written = run(
        engine,
        tmp_path / "out",
        {
            "row": landed("a", "b"),
            "condition": stated("a"),
            "observation": stated("a"),
            "lineage": [behind("a")],
        },
    )
    assert written["unexplained"] == [
        ("melior", "diagnos", "a", "observation"),
        ("melior", "diagnos", "b", ""),
    ]
    assert not written["row_fate"]
    assert written["balance"] == [("melior", "diagnos", 2, 0, 0, 0, 0, 0, 2)]


@pytest.mark.parametrize(
    ("tables", "rule"),
    [
        pytest.param({"row": landed("a", "a"), "lineage": [behind("a")]}, "row_twice", id="row"),
        pytest.param({"row": landed(), "lineage": [behind("a")]}, "no_such_row", id="stray"),
        pytest.param(
            {"row": landed("a"), "lineage": [behind("a"), behind("a", "consolidated", "F2")]},
            "two_fates",
            id="two facts",
        ),
        pytest.param(
            {
                "row": landed("a"),
                "lineage": [behind("a")],
                "quarantine": [at("a", kind="condition", rule="bad_date")],
            },
            "two_fates",
            id="loaded and quarantined",
        ),
    ],
)
def test_contradictions_are_faults(engine: Engine, tmp_path: Path, tables: Rows, rule: str) -> None:
    written = run(engine, tmp_path / "out", {**tables, "condition": stated("a")})
    assert rule in {row[4] for row in written["fault"]}


def test_the_order_of_rows_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    keys = [f"k{number}" for number in range(30)]
    tables = [_tables(list(zip(keys, FATES * 6, strict=True))[::way]) for way in (1, -1)]
    first, second = (run(engine, tmp_path / str(n), t) for n, t in enumerate(tables))
    assert first == second


def _tables(dealt: Sequence[tuple[str, str]]) -> Rows:
    """Rows, one statement each, dealt with as said ('lost': not at all)."""
    tables: Rows = {name: [] for name in ("row", "condition", "lineage", "quarantine", "excluded")}
    tables["held"] = [{"source": "melior", "local_patient_id": "held", "rule": "two_numbers"}]
    for key, fate in dealt:
        tables["row"] += landed(key)
        if fate in ("loaded", "consolidated"):
            tables["lineage"].append(behind(key, fate))
        if fate == "quarantined":
            tables["quarantine"].append(at(key, kind="condition", rule="bad_date"))
        else:
            tables["condition"] += stated(key, patient="held" if fate == "held" else "P1")
        if fate == "excluded":
            tables["excluded"].append(at(key, rule="care_unit"))
    return tables


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(dealt=st.lists(st.sampled_from((*FATES, "lost")), max_size=12))
def test_fates_balance_for_any_rows(engine: Engine, tmp_path: Path, dealt: list[str]) -> None:
    keyed = [(f"k{number}", fate) for number, fate in enumerate(dealt)]
    written = run(engine, tmp_path / "out", _tables(keyed))
    assert {key: fate for key, (fate, _) in fate_of(written).items()} == {
        key: fate for key, fate in keyed if fate != "lost"
    }
    assert all(row[2] == sum(row[3:]) for row in written["balance"])
    assert sum(row[2] for row in written["balance"]) == len(dealt)
    assert len(written["unexplained"]) == dealt.count("lost")
    assert not written["fault"]
