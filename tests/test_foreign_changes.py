"""What others change in a record is noticed before it is loaded over, and lost only on demand."""

import datetime
from pathlib import Path

import pytest
from desired_rows import Place, document, person
from projects import build, minns

from minns import pipeline
from minns.site import open_site

NONE = (0, 0, 0, 0)
STATE = {
    "person": [person(f"p{n}", surname="Ek") for n in range(8)],
    "document": [document(f"d{n}", "å|\\" * n, signed=n % 2 == 0) for n in range(8)],
    "observation": [
        {"fact_id": f"o{n}", "person_id": "p", "source": "melior", "status": "active"}
        | {"value_number": n, "observed_at": datetime.datetime(2020, 1, 1, 12, 0, n)}
        for n in range(3)
    ],
}
#: By hand, and how it is told.
DEEDS = [
    ("update {document} set body = 'annat' where fact_id = 'd1'", {"document": (1, 0, 0, 0)}),
    ("update {document} set title = '' where fact_id = 'd1'", {"document": (1, 0, 0, 0)}),
    ("update {observation} set value_number = null", {"observation": (3, 0, 0, 0)}),
    ("update {person} set content_hash = row_id", {"person": (8, 0, 0, 0)}),
    ("delete from {person} where person_id = 'p1'", {"person": (0, 0, 1, 0)}),
    (
        "insert into {person} (row_id, content_hash, person_id, protection, valid_from_load) "
        "select row_id, content_hash, person_id, protection, 0 from {person} "
        "where person_id = 'p1'",
        {"person": (1, 1, 0, 0)},
    ),
    ("update {person} set valid_to_load = 1 where person_id = 'p2'", {"person": (0, 0, 0, 1)}),
]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return Place(f"sqlite:///{tmp_path / 'record.db'}", None)
    return Place(request.getfixturevalue("postgres_url"), "record")


def test_what_loads_leave_is_no_foreign_change(place: Place) -> None:
    place.load(STATE)
    assert not place.foreign()
    place.load({**STATE, "person": [person("p1", surname="Al")]}, run_id="run-2")
    assert not place.foreign()


@pytest.mark.parametrize(("deed", "told"), DEEDS)
def test_what_others_did_is_told_and_put_right_by_new_versions(
    place: Place, deed: str, told: dict[str, tuple[int, int, int, int]]
) -> None:
    place.load(STATE)
    place.by_hand("insert into {load} select 0, run_id, wave, action, state from {load}")
    before = {name: place.current(name) for name in STATE}
    place.by_hand(deed)
    found = {name: rows for name, rows in place.everything().items() if name in told}
    assert place.foreign() == told
    place.foreign(accept=True)
    assert not place.foreign()
    place.load(STATE, run_id="run-2")
    assert {name: place.current(name) for name in STATE} == before
    assert not place.foreign()
    assert place.load(STATE, run_id="run-3").total == 0
    # What was found is kept, in what it says: it is history now.
    names = {"row_id", "content_hash", "valid_from_load", "valid_to_load"}
    kept = [_said(r, names) for rows in place.everything().values() for r in rows]
    assert all(_said(row, names) in kept for rows in found.values() for row in rows)
    assert {r["table_name"] for r in place.rows("foreign_change")} == set(told)


def _said(row: dict[str, object], but: set[str]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name not in but}


def test_a_load_that_was_broken_off_is_no_foreign_change(place: Place) -> None:
    place.load(STATE)
    place.by_hand(
        "insert into {load} (load_id, run_id, wave, action, state) "
        "values (2, 'run-2', 'wave-1', 'load', 'open')"
    )
    place.by_hand("update {document} set valid_to_load = 2 where fact_id = 'd1'")
    place.by_hand(
        "insert into {document} (row_id, content_hash, fact_id, person_id, source, status, "
        "document_id, body, valid_from_load) select row_id, 'x', fact_id, person_id, source, "
        "status, document_id, 'ny', 2 from {document} where fact_id = 'd1'"
    )
    assert not place.foreign()
    place.by_hand("update {document} set body = 'annat' where fact_id = 'd2'")
    assert place.foreign() == {"document": (1, 0, 0, 0)}


def test_a_row_put_into_an_empty_table_is_noticed(place: Place) -> None:
    place.load(STATE)
    place.by_hand(
        "insert into {conflict} (row_id, content_hash, conflict_id, person_id, kind, rule, field, "
        "fact_id, other_fact_id, evidence_hash, state, valid_from_load) "
        "values ('abc', 'def', 'c', 'p', 'k', 'r', 'f', 'f', 'o', 'e', 'open', 1)"
    )
    assert place.foreign()["conflict"][1] == 1


def test_a_run_refuses_to_load_over_it_unless_told_to(tmp_path: Path) -> None:
    site = open_site(build(tmp_path / "region", persons=60))
    pipeline.run(site, "wave-1", "cutover")
    place = Place(site.target("cutover").url, None)
    before = place.current("person")
    assert not pipeline.plan(site, "wave-1", "cutover").foreign.total
    place.by_hand("update {person} set surname = 'Annan'")
    planned = pipeline.plan(site, "wave-1", "cutover").as_json()["foreign"]
    assert [(t["table"], t["edited"]) for t in planned] == [("person", len(before))]
    told = minns(site.project.root, "plan", "wave-1", "--cutover").stdout
    assert "already holds all of this, but for what others changed there." in told
    held = place.everything()
    refused = minns(site.project.root, "run", "wave-1", "--cutover")
    assert refused.returncode != 0
    assert "found rows that others changed since then (person " in refused.stderr
    assert "Annan" not in refused.stderr
    assert place.everything() == held
    done = pipeline.run(site, "wave-1", "cutover", accept_foreign=True)
    assert (done.resumed, done.evidence.go) == (True, True)
    assert place.current("person") == before
    assert [len(site.ledger.entries(kind)) for kind in ("foreign_accepted", "loaded")] == [1, 2]
