"""What holds for any rows: one lineage row each, one founder a fact, no order in the result."""

import datetime
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from canonical_rows import DAY, Case, Row, clinical
from hypothesis import given, settings
from hypothesis import strategies as st

import transform
from minns.model import CANONICAL, KINDS

pytestmark = pytest.mark.slow

_few = st.sampled_from([None, "a", "b"])
_flag = st.sampled_from([None, True, False])
_day = st.sampled_from([DAY, DAY + datetime.timedelta(days=1)])
_row = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["alert", "condition", "medication", "document", "patient"]),
        "source": st.sampled_from(["melior", "asynja"]),
        "patient": st.sampled_from(["p", "q"]),
        "local_code": _few,
        "local_text": _few,
        "status": st.sampled_from(["active", "refuted"]),
        "negated": _flag,
        "chronic": _flag,
        "approved_for_patient": _flag,
        "severity": st.sampled_from([None, "mild", "harmful"]),
        "certainty": st.sampled_from([None, "suspected"]),
        "dose_text": _few,
        "diagnosed_on": _day,
        "valid_to": st.none() | _day,
        "birth_date": st.none() | _day,
        "body": st.sampled_from(["x", "y"]),
        "given_names": _few,
        "protection": st.sampled_from(["none", "sekretessmarkering"]),
    }
)


def _case(folder: str, rows: list[dict[str, Any]]) -> Case:
    case = Case(Path(folder))
    for row in rows:
        known = {"kind", "patient", *CANONICAL[row["kind"]].names}
        case.add(**{name: value for name, value in row.items() if name in known})
    return case


def test_register_links_never_reach_the_record() -> None:
    (step,) = transform.steps(("befreg",), {}, ())
    assert "register_link" not in step.reads


@settings(max_examples=15, deadline=None)
@given(st.lists(_row, min_size=1, max_size=14), st.integers(0, 99))
def test_any_order_and_any_threads_give_the_same_bytes(
    rows: list[dict[str, Any]], seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        case = _case(folder, rows)
        assert case.run().bytes() == case.run(threads=2, seed=seed).bytes()


@settings(max_examples=15, deadline=None)
@given(st.lists(_row, min_size=1, max_size=14))
def test_every_row_has_its_lineage_and_every_fact_its_founder(rows: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        case = _case(folder, rows)
        record = case.run()
        lineage = record["lineage"]
        assert len(lineage) == clinical(case.rows) + len(case.rows["patient"])
        assert Counter(
            (r["kind"], r["source"], r["source_table"], r["row_key"]) for r in lineage
        ) == Counter(
            (kind, r["source"], r["source_table"], r["row_key"])
            for kind in ("patient", *KINDS)
            for r in case.rows[kind]
        )
        founders = Counter((r["kind"], r["fact_id"]) for r in lineage if r["role"] == "loaded")
        people = [("patient", p["person_id"]) for p in record["person"]]
        facts = [(kind, f["fact_id"]) for kind in KINDS for f in record[kind]]
        assert {k: n for k, n in founders.items() if k[0] != "patient"} == Counter(facts)
        assert {k: n for k, n in founders.items() if k[0] == "patient"} == Counter(people)


@settings(max_examples=15, deadline=None)
@given(st.lists(_row, min_size=1, max_size=14))
def test_no_fact_is_weaker_than_a_row_behind_it(rows: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        case = _case(folder, rows)
        record = case.run()
        behind = {(r["kind"], r["row_key"]): r["fact_id"] for r in record["lineage"]}
        for kind in KINDS:
            facts = {f["fact_id"]: f for f in record[kind]}
            for row in case.rows[kind]:
                _not_weaker(facts[behind[kind, row["row_key"]]], row)


def _not_weaker(fact: Row, row: Row) -> None:
    assert fact["status"] == row["status"]
    assert bool(fact.get("negated")) == bool(row.get("negated"))
    for column in ("severity", "dose_text"):
        assert row.get(column) in (None, fact.get(column))
    for column in ("valid_to", "body"):
        assert row.get(column) == fact.get(column)
