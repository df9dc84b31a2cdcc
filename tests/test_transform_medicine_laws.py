"""What holds of the medication picture for any orders, renewals and stop orders."""

import datetime
import random
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from canonical_rows import Case, Record, Row
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.slow

TODAY = datetime.date(2024, 11, 1)
_day = st.sampled_from([datetime.date(2015, 1, 1), datetime.date(2024, 8, 1), TODAY, None])
_id = st.sampled_from(["1", "2", "3", "4"])
_row = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["melior", "asynja"]),
        "order_id": _id,
        "local_code": st.sampled_from(["C07AB02", "N02BE01"]),
        "order_type": st.sampled_from(["start", "start", "start", "stop"]),
        "stage": st.sampled_from([None, "prescription", "administration"]),
        "status": st.sampled_from(["active", "active", "stopped", "nullified", "unknown"]),
        "form": st.sampled_from(["Tablett", "tabl", None]),
        "dose_text": st.sampled_from(["1x1", "1 tabl 1 ggr/dag", "2x2", " rått|\\ ", None]),
        "strength": st.sampled_from(["50 mg", None]),
        "starts_on": _day,
        "ends_on": st.none() | _day,
        "recorded_at": st.sampled_from([None, datetime.datetime(2024, 11, 1, 8)]),
        "renews": st.none() | _id,
        "stops": st.none() | _id,
    }
)


def _case(folder: str, rows: list[dict[str, Any]]) -> Case:
    case = Case(Path(folder))
    for row in rows:
        link = {"renews" if row["order_type"] == "stop" else "stops": None}
        case.add("medication", local_system="atc", **{**row, **link})
    return case


def _behind(case: Case, record: Record) -> list[tuple[Row, Row]]:
    """Each row with its fact."""
    facts = {f["fact_id"]: f for f in record["medication"]}
    by_key = {r["row_key"]: r for r in case.rows["medication"]}
    lines = [line for line in record["lineage"] if line["kind"] == "medication"]
    return [(by_key[line["row_key"]], facts[line["fact_id"]]) for line in lines]


def _is_order(row: Row) -> bool:
    return bool(row["order_type"] != "stop" and row["stage"] != "administration")


@settings(max_examples=8, deadline=None)
@given(st.lists(_row, min_size=1, max_size=9), st.integers(0, 9))
def test_the_order_of_rows_never_changes_the_picture(rows: list[dict[str, Any]], seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        case = _case(folder, rows)
        assert case.run().bytes() == case.run(threads=2, seed=seed).bytes()


@settings(max_examples=8, deadline=None)
@given(st.lists(_row, min_size=1, max_size=9))
def test_the_order_of_sources_never_changes_the_groups(rows: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        case = _case(folder, rows)
        before = case.run()["medication_group"]
        case.sources = case.sources[::-1]
        assert case.run()["medication_group"] == before


@settings(max_examples=15, deadline=None)
@given(st.lists(_row, min_size=1, max_size=9))
def test_no_active_order_is_lost(rows: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        case = _case(folder, rows)
        record = case.run()
        groups = {g["group_id"]: g for g in record["medication_group"]}
        stopping = {r["source"] for r in rows if r["order_type"] == "stop"}
        for row, fact in _behind(case, record):
            if not _is_order(row) or row["status"] == "nullified":
                assert fact["picture"] is None
                continue
            own_end = row["ends_on"] is not None and row["ends_on"] < TODAY
            if row["status"] == "active" and not own_end and row["source"] not in stopping:
                assert groups[fact["group_id"]]["state"] in ("current", "doubtful")
                assert (fact["picture"], fact["picture_reason"]) == ("ended", "renewed") or (
                    fact["picture"] in ("current", "doubtful")
                )


@settings(max_examples=8, deadline=None)
@given(st.lists(_row, min_size=1, max_size=9))
def test_groups_are_the_sum_of_their_facts(rows: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        record = _case(folder, rows).run()
        members = defaultdict(list)
        for fact in record["medication"]:
            if fact["status"] != "nullified":
                members[fact["group_id"]].append(fact)
        groups = {g["group_id"]: g for g in record["medication_group"]}
        assert groups.keys() == members.keys()
        for group_id, facts in members.items():
            places = [f["picture"] for f in facts]
            group = groups[group_id]
            assert group["orders"] == sum(_is_order(f) for f in facts)
            assert group["open_orders"] == sum(p in ("current", "doubtful") for p in places)
            assert (group["state"] == "current") == ("current" in places)


@settings(max_examples=15, deadline=None)
@given(st.lists(_row, min_size=1, max_size=9), st.randoms())
def test_what_was_written_stays_to_the_byte(
    rows: list[dict[str, Any]], chance: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for row in rows:
            row["dose_text"] = chance.choice([row["dose_text"], " 1×2\u00a0ej ", "½ tabl\r\n"])
        case = _case(folder, rows)
        told = _behind(case, case.run())
        assert len(told) == len(rows)
        for row, fact in told:
            if row["dose_text"] and row["row_key"] == _founder(fact, told):
                assert fact["dose_text"] == row["dose_text"]


def _founder(fact: Row, told: list[tuple[Row, Row]]) -> str:
    places = ["melior", "asynja"]
    rows = [row for row, own in told if own["fact_id"] == fact["fact_id"]]
    return str(min(rows, key=lambda r: (places.index(r["source"]), r["row_key"]))["row_key"])
