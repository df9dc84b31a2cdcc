"""Linkage judged against labels, and by a sample where nobody knows the truth."""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minns.engine import Engine
from minns.evaluation.labels import Evaluation, compared
from minns.evaluation.sample import drawn_pairs, estimated
from minns.evaluation.shares import Share
from minns.model import IDENTITY, PAIR
from minns.pairs import Identity, Pair

#: An identity as (true person, person of the result).
Placed = tuple[int, int]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("engine")) as made:
        yield made


def _evaluated(engine: Engine, placed: list[Placed], groups: dict[int, str]) -> Evaluation:
    engine.empty(IDENTITY)
    engine.empty(PAIR)
    engine.run(
        "create or replace temp table label (source varchar, local_patient_id varchar,"
        " person varchar, groups varchar)"
    )
    for number, (true, found) in enumerate(placed):
        engine.rows(
            "insert into identity values ('s', ?, ?, 1, 'model', 'w')", [str(number), f"P{found}"]
        )
        engine.rows(
            "insert into label values ('s', ?, ?, ?)",
            [str(number), str(true), groups.get(number, "")],
        )
    return compared(engine, "run")


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12))
def test_pairs_and_persons_are_counted_as_by_hand(engine: Engine, placed: list[Placed]) -> None:
    told = _evaluated(engine, placed, {})
    pairs = list(combinations(placed, 2))
    true = [pair for pair in pairs if pair[0][0] == pair[1][0]]
    found = [pair for pair in pairs if pair[0][1] == pair[1][1]]
    both = [pair for pair in true if pair in found]
    assert told.recall == Share(sum(a[1] == b[1] for a, b in true), len(true))
    assert told.precision == Share(sum(a[0] == b[0] for a, b in found), len(found))
    assert len(both) <= min(len(true), len(found))
    held = {f: {t for t, other in placed if other == f} for _, f in placed}
    assert told.laid_over == sum(len(persons) > 1 for persons in held.values())
    wholes = {
        frozenset(i for i, (t, _) in enumerate(placed) if t == true) for true, _ in placed
    } & {frozenset(i for i, (_, f) in enumerate(placed) if f == found) for _, found in placed}
    assert told.person_recall.hits == told.person_precision.hits == len(wholes)


def test_a_group_counts_the_pairs_that_touch_it(engine: Engine) -> None:
    placed = [(1, 1), (1, 1), (1, 2), (2, 3), (2, 3), (3, 3)]
    told = _evaluated(engine, placed, {0: "twin newborn", 3: "twin"})
    groups = {group.name: group for group in told.groups}
    assert groups["newborn"].recall == Share(1, 2)
    assert groups["newborn"].laid_over == 0
    assert groups["twin"].recall == Share(2, 3)
    assert groups["twin"].laid_over == 1


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_bounds_hold_the_share(a: int, b: int) -> None:
    share = Share(min(a, b), max(a, b))
    low, high = share.bounds
    assert 0 <= low <= high <= 1
    if share.value is not None:
        assert low <= share.value <= high


def test_none_wrong_in_three_hundred_leaves_about_one_per_cent() -> None:
    assert Share(300, 300).bounds[0] == pytest.approx(0.9874, abs=0.0005)


def _pairs(engine: Engine, count: int) -> None:
    engine.empty(PAIR)
    engine.run(
        f"insert into pair select 's', lpad(cast(i as varchar), 6, '0'), 't',"
        " lpad(cast(i as varchar), 6, '0'), i % 30, 0.5, 'model',"
        " case when i % 30 >= 10 then 'linked' else 'review' end, null"
        f" from range({count}) r(i)"
    )


def _pair_id(row: list[Any]) -> str:
    return Pair(Identity(*row[3:5]), Identity(*row[5:])).id


def test_the_same_seed_draws_the_same_pairs_from_every_stratum(engine: Engine) -> None:
    _pairs(engine, 3000)
    drawn = drawn_pairs(engine, 5, 1)
    engine.run(
        "create or replace table pair as select * from pair order by local_patient_id_l desc"
    )
    assert drawn_pairs(engine, 5, 1) == drawn
    assert drawn_pairs(engine, 5, 2) != drawn
    sizes = {row[0]: row[2] for row in drawn}
    assert sum(sizes.values()) == 3000
    assert all(sum(row[0] == name for row in drawn) == 5 for name in sizes)


def test_a_fully_judged_sample_finds_the_shares_of_the_whole(engine: Engine) -> None:
    _pairs(engine, 3000)
    drawn = [list(row) for row in drawn_pairs(engine, 3000, 1)]
    verdicts = {
        _pair_id(row): "different" if int(row[4]) % 10 == 0 and row[1] == "linked" else "same"
        for row in drawn
    }
    linked = [row for row in drawn if row[1] == "linked"]
    right = sum(verdicts[_pair_id(row)] == "same" for row in linked)
    told = estimated("run", drawn, verdicts)
    assert told.waiting == 0
    assert told.precision[0] == pytest.approx(right / len(linked))
    assert told.recall[0] == pytest.approx(right / (right + len(drawn) - len(linked)))
    assert told.precision[1] < told.precision[0] < told.precision[2]


def test_pairs_that_nobody_decided_leave_everything_open(tmp_path: Path) -> None:
    told = estimated("run", [["linked model 8", "linked", 100, "s", "1", "t", "1"]], {})
    assert told.waiting == 1
    assert told.precision == (0.5, 0.0, 1.0)
