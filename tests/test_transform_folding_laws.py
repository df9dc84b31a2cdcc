"""Which rows are one fact is a function of the set of rows: no order, no grouping changes it.

Folding twice changes nothing. Folding parts first changes nothing where rows say all that they may
disagree on; a row that is silent there (or whose code is a coarser one) goes by what the others
say, so that the record is made of all rows, and never of folded ones.
"""

import datetime
import tempfile
from pathlib import Path
from typing import Any

import pytest
from canonical_rows import DAY, Case, Record, Row
from hypothesis import given, settings
from hypothesis import strategies as st

from minns.model import CANONICAL, KINDS

pytestmark = pytest.mark.slow

Folded = set[tuple[str, frozenset[str]]]

_KINDS = ("condition", "alert", "observation", "immunization", "care_contact", "document")
AT = datetime.datetime(2020, 3, 1, 8, 30)
HOUR = datetime.timedelta(hours=1)


def _row(silent: bool) -> st.SearchStrategy[Row]:
    """A row of any kind; `silent`: may leave out what rows disagree on, or use a coarser code."""

    def said(*words: Any) -> st.SearchStrategy[Any]:
        return st.sampled_from([None, *words] if silent else words)

    codes = ["icd-10-se:I10.9", "icd-10-se:I10.0", *(["ksh97-p:I10-P"] if silent else [])]
    day = st.sampled_from([DAY, DAY + datetime.timedelta(days=1)])
    hours = st.integers(0, 30).map(lambda h: AT + h * HOUR)
    return st.fixed_dictionaries(
        {
            "kind": st.sampled_from(_KINDS),
            "source": st.sampled_from(["melior", "asynja"]),
            "coded": st.sampled_from(codes),
            "local_text": st.sampled_from(["Högt", " högt\u2028"]),
            "status": st.sampled_from(["active", "refuted", "nullified"]),
            "negated": st.booleans(),
            "chronic": said(True, False),
            "certainty": said("suspected", "confirmed"),
            "severity": said("mild", "harmful"),
            "batch": said("A1", "A2"),
            "dose_number": said(1, 2),
            "signed": said(True, False),
            "value_text": said("7,2", "7.3"),
            "diagnosed_on": day,
            "given_on": day,
            "starts_at": hours,
            "ends_at": hours if not silent else st.none() | hours,
            "body": st.sampled_from(["x", "y\r\n"]),
        }
    )


def _case(folder: str, sources: tuple[str, ...] = ("melior", "asynja")) -> Case:
    case = Case(Path(folder), sources)
    case.known("icd-10-se,2024,I10.9,a", "icd-10-se,2024,I10.0,b", "icd-10-se,2024,I10,c")
    case.map("m1", "ksh97-p:I10-P", "icd-10-se:I10", equivalence="wider")
    return case


def _add(case: Case, row: Row, **more: Any) -> None:
    system, code = row["coded"].split(":")
    said = {**row, "local_system": system, "local_code": code, **more}
    if row["kind"] == "care_contact":
        said |= {"category": "inpatient", "care_unit": "E01", "local_code": None}
        said |= {"local_text": None, "local_system": None}
    known = {"kind", *CANONICAL[row["kind"]].names}
    case.add(**{name: value for name, value in said.items() if name in known})


def _folded(record: Record) -> Folded:
    facts: dict[tuple[str, str], set[str]] = {}
    for row in record["lineage"]:
        if row["kind"] in KINDS:
            facts.setdefault((row["kind"], row["fact_id"]), set()).add(row["row_key"])
    return {(kind, frozenset(rows)) for (kind, _), rows in facts.items()}


def _again(folder: str, *records: Record) -> Folded:
    """What becomes of the facts of records, taken as rows; told by the rows behind them."""
    case = _case(folder)
    behind: dict[tuple[str, str], set[str]] = {}
    for record in records:
        for row in record["lineage"]:
            behind.setdefault((row["kind"], row["fact_id"]), set()).add(row["row_key"])
        for kind in KINDS:
            names = set(CANONICAL[kind].names)
            for fact in record[kind]:
                said = {name: value for name, value in fact.items() if name in names}
                case.add(kind, **said, row_key=fact["fact_id"])
    return {
        (kind, frozenset().union(*(behind[kind, fact] for fact in facts)))
        for kind, facts in _folded(case.run())
    }


@settings(max_examples=8, deadline=None)
@given(st.lists(_row(silent=True), min_size=1, max_size=14))
def test_no_order_of_sources_or_waves_changes_the_history(rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        forth, back = _case(f"{folder}/a"), _case(f"{folder}/b", ("asynja", "melior"))
        for case in (forth, back):
            for number, row in enumerate(rows):
                _add(case, row, row_key=f"{number:04d}")
        assert _folded(forth.run()) == _folded(back.run())


@settings(max_examples=8, deadline=None)
@given(st.lists(_row(silent=True), min_size=1, max_size=14))
def test_folding_twice_changes_nothing(rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        case = _case(f"{folder}/a")
        for row in rows:
            _add(case, row)
        once = case.run()
        assert _again(f"{folder}/b", once) == _folded(once)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(_row(silent=False), st.booleans()), min_size=2, max_size=14))
def test_parts_that_are_folded_first_come_to_the_same(rows: list[tuple[Row, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole, one, other = (_case(f"{folder}/{name}") for name in ("whole", "one", "other"))
        for number, (row, first) in enumerate(rows):
            for case in (whole, one if first else other):
                _add(case, row, row_key=f"{number:04d}")
        assert _again(f"{folder}/again", one.run(), other.run()) == _folded(whole.run())


@settings(max_examples=8, deadline=None)
@given(st.lists(_row(silent=True), min_size=1, max_size=14))
def test_what_a_fact_says_some_row_behind_it_says_to_the_byte(rows: list[Row]) -> None:
    texts = ("local_text", "value_text", "body", "comment", "batch", "status")
    with tempfile.TemporaryDirectory() as folder:
        case = _case(folder)
        for row in rows:
            _add(case, row)
        record = case.run()
        stated = {(kind, row["row_key"]): row for kind in KINDS for row in case.rows[kind]}
        facts = {(kind, fact["fact_id"]): fact for kind in KINDS for fact in record[kind]}
        behind: dict[tuple[str, str], list[Row]] = {}
        for row in record["lineage"]:
            if row["kind"] in KINDS:
                own = stated[row["kind"], row["row_key"]]
                assert row["local_text"] == own.get("local_text")
                behind.setdefault((row["kind"], row["fact_id"]), []).append(own)
        for at, fact in facts.items():
            for name in texts:
                assert fact.get(name) in {row.get(name) for row in behind[at]}
            assert {row["status"] for row in behind[at]} == {fact["status"]}
