"""Laws of whole runs, over tiny made-up journals whose rows may say anything."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from journals import (
    COLUMNS,
    NUMBERS,
    Journal,
    Row,
    closed,
    every_oddity,
    joined,
    journals,
    persons,
    project,
    sound,
    standing,
    write_journal,
)

from minns import pipeline
from minns.model import FATES


def check_books(outcome: pipeline.Outcome) -> None:
    totals = outcome.evidence.totals
    assert totals["unexplained"] == 0
    assert totals["extracted"] == sum(totals[fate] for fate in FATES)
    assert all(account.balanced for account in outcome.evidence.balance)
    assert [f for f in outcome.evidence.findings if not f.passed] == []
    assert outcome.evidence.about.rerun_changes == 0


def laws(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),  # a run takes seconds: a failure is shown as it was found
        suppress_health_check=list(HealthCheck),
    )


# --------------------------------------------------------------------------------------- the laws
pytestmark = pytest.mark.slow


def test_no_odd_text_in_any_column_upsets_the_books_or_the_order() -> None:
    rows = joined(every_oddity(), sound("n"))
    found = []
    for journal in (rows, {table: lines[::-1] for table, lines in rows.items()}):
        with project(journal, journal) as site:
            check_books(pipeline.run(site, "first", "cutover"))
            outcome = pipeline.run(site, "second", "cutover")
            check_books(outcome)
            assert all(
                outcome.evidence.totals[f] for f in ("loaded", "consolidated", "quarantined")
            )
            found.append(standing(site))
    assert found[0] == found[1]


@laws(15)
@given(dirt=journals)
def test_whatever_the_rows_say_each_has_a_fate_and_the_books_balance(dirt: Journal) -> None:
    with project(joined(dirt, sound("n")), sound("s")) as site:
        check_books(pipeline.run(site, "first", "cutover"))


@laws(5)
@given(dirt=journals, seed=st.integers(0, 9))
def test_the_order_of_rows_changes_nothing(dirt: Journal, seed: int) -> None:
    rows = joined(sound("n"), dirt)
    draw = random.Random(seed)
    shuffled = {table: draw.sample(rows[table], len(rows[table])) for table in rows}
    found = []
    for journal in (rows, shuffled):
        with project(journal, sound("s")) as site:
            pipeline.run(site, "first", "cutover")
            found.append((standing(site), persons(site)))
    assert found[0] == found[1]


@laws(4)
@given(dirt=journals)
def test_a_change_and_its_inverse_give_the_start(dirt: Journal) -> None:
    with project(sound("n"), sound("s")) as site:
        pipeline.run(site, "first", "cutover")
        start = standing(site)
        write_journal(site.project.root, "north", joined(dirt, sound("n")))
        changed = pipeline.run(site, "first", "cutover").loaded.total
        write_journal(site.project.root, "north", sound("n"))
        check_books(pipeline.run(site, "first", "cutover"))
        assert standing(site) == start
        assert (closed(site) > 0) == (changed > 0), "what was loaded in between stays readable"


@laws(4)
@given(dirt=journals, more=journals)
def test_a_second_wave_moves_no_person_silently(dirt: Journal, more: Journal) -> None:
    with project(joined(dirt, sound("n")), joined(more, sound("n"))) as site:
        pipeline.run(site, "first", "cutover")
        before = persons(site)
        outcome = pipeline.run(site, "second", "cutover")
        after = persons(site)
        check_books(outcome)
        moved = {who for who in before if after[who] != before[who]}
        assert moved == told(outcome)


def told(outcome: pipeline.Outcome) -> set[tuple[str, str]]:
    """The identities that this run moved, by its own events."""
    with outcome.course.runner.engine() as engine:
        engine.view("event", outcome.course.runner.tables["link"].parts("registry_event"))
        found = engine.rows(
            "select source, local_patient_id from event where event in ('merged', 'split')"
        )
    return {(source, local) for source, local in found}


@laws(6)
@given(
    bridges=st.lists(
        st.tuples(st.sampled_from((*NUMBERS[:2], "")), st.sampled_from(("Anna", "Anna Maria", ""))),
        max_size=4,
    ),
    apart=st.booleans(),
)
def test_a_veto_is_never_outweighed(bridges: Sequence[tuple[str, str]], apart: bool) -> None:
    def patient(local: str, number: str, given: str) -> Row:
        return (local, number, given, "Berg", "1990-01-01", "female", "Storgatan 1", "none")

    one, other = patient("one", NUMBERS[0], "Anna"), patient("other", NUMBERS[1], "Anna")
    between = [patient(f"b{n}", number, given) for n, (number, given) in enumerate(bridges)]
    nothing: Journal = {table: [] for table in COLUMNS}
    north = {**nothing, "patient": [one, *([] if apart else [other]), *between[::2]]}
    south = {**nothing, "patient": [*([other] if apart else []), *between[1::2]]}
    with project(north, south) as site:
        pipeline.run(site, "first", "cutover")
        check_books(pipeline.run(site, "second", "cutover"))
        who = persons(site)
        assert who["north", "one"] != who["south" if apart else "north", "other"]
