"""The general model: people of whom a project only says which column is of which kind."""

import json
import random
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standards import Bench, Row, identity

from link.average import agreed
from link.settings import load_model

MODEL = """
extends = "general"

[[comparison]]
name = "whole_name"
kind = "words"
column = "trait_name"

[[comparison]]
name = "born"
kind = "date"
column = "trait_born"

[[comparison]]
name = "town"
kind = "text"
column = "trait_town"
"""
GIVEN = ("thomas", "maria", "henry", "alice", "james", "emma", "george", "clara")
SURNAMES = ("clifford", "brightman", "burn", "chudleigh", "moore", "hunter", "taylor", "pratt")
TOWNS = ("exeter", "derby", "york", "bristol", "eden", "london")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "link.toml").write_text(MODEL)
    return Bench(tmp_path, load_model(tmp_path / "link.toml"))


def told(place: int, **traits: str | None) -> Row:
    return identity(place, "x", "y", "19000101", traits=json.dumps(traits))


def people(seed: int, persons: int = 150) -> tuple[list[Row], list[int]]:
    """Each person told two or three times, and who each row is."""
    draw = random.Random(seed)
    rows: list[Row] = []
    who: list[int] = []
    for person in range(persons):
        name = f"{draw.choice(GIVEN)} {draw.choice(SURNAMES)} {draw.choice(SURNAMES)}"
        born = f"{draw.randrange(1700, 1900)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"
        for _ in range(draw.randrange(2, 4)):
            slip = draw.random() < 0.2
            day = (
                None
                if draw.random() < 0.1
                else born[:-1] + str(draw.randrange(10))
                if slip
                else born
            )
            town = TOWNS[person % len(TOWNS)] if draw.random() < 0.9 else None
            rows.append(told(len(rows) + 1, name=name, born=day, town=town))
            who.append(person)
    return rows, who


def test_the_kinds_of_columns_are_all_that_a_project_has_to_say(bench: Bench) -> None:
    rows, who = people(1)
    bench.train(rows)
    weights = bench.score(rows)
    above = {pair for pair, weight in weights.items() if weight >= 0}
    ids = [row["id"] for row in rows]
    true = {(a, b) for (a, p), (b, q) in combinations(zip(ids, who, strict=True), 2) if p == q}
    assert len(above & true) >= 0.8 * len(true)
    assert len(above & true) >= 0.95 * len(above)


def test_the_prior_is_learned_without_labels(bench: Bench) -> None:
    rows, who = people(2)
    prior = next(p for p in bench.train(rows)["parameter"] if p["comparison"] == "prior")["m"]
    true = sum(who.count(person) * (who.count(person) - 1) // 2 for person in set(who))
    assert prior == pytest.approx(true / (len(rows) * (len(rows) - 1) / 2), rel=0.2)


def test_a_rare_word_in_common_tells_more_than_a_common_one(bench: Bench) -> None:
    rows, _ = people(3)
    n = len(rows)
    rare = [told(n + 1, name="ann zouche"), told(n + 2, name="bob zouche")]
    often = [told(n + 3, name="ann clifford"), told(n + 4, name="bob clifford")]
    bench.train(rows)
    weights = bench.score([*rows, *rare, *often])
    assert weights[rare[0]["id"], rare[1]["id"]] > weights.get(
        (often[0]["id"], often[1]["id"]), bench.model.lower
    )


def test_neither_order_nor_threads_change_what_is_learned(tmp_path: Path) -> None:
    rows, files = people(4)[0], []
    (tmp_path / "link.toml").write_text(MODEL)
    model = load_model(tmp_path / "link.toml")
    for threads in (1, 4):
        bench = Bench(tmp_path / str(threads), model, threads)
        random.Random(threads).shuffle(rows)
        bench.train(rows)
        learned = bench.files
        bench.score(rows)
        files.append({**learned, **bench.files})
    assert files[0] == files[1]


def test_a_weak_bridge_joins_no_two_groups() -> None:
    left, right = range(3), range(3, 6)
    firm = [(a, b, 8.0) for side in (left, right) for a, b in combinations(side, 2)]
    assert agreed([*firm, (2, 3, 8.0)], 8.0) == {n: 0 if n < 3 else 3 for n in range(6)}


def test_two_of_three_may_speak_for_the_third() -> None:
    assert set(agreed([(1, 2, 8.0), (2, 3, 5.0), (1, 3, -4.0)], 8.0).values()) == {1}


WEIGHTS = st.dictionaries(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]),
    st.integers(-8, 8).map(float),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(WEIGHTS, st.randoms(use_true_random=False))
def test_the_order_of_pairs_changes_no_group(
    weights: dict[tuple[int, int], float], draw: random.Random
) -> None:
    pairs = [(a, b, weight) for (a, b), weight in weights.items()]
    shuffled = draw.sample(pairs, len(pairs))
    assert agreed(pairs, 8.0) == agreed(shuffled, 8.0)


@settings(max_examples=60, deadline=None)
@given(WEIGHTS)
def test_a_pair_above_the_threshold_holds_each_group_together(
    weights: dict[tuple[int, int], float],
) -> None:
    groups = agreed([(a, b, weight) for (a, b), weight in weights.items()], 8.0)
    for name in set(groups.values()):
        reached, members = {name}, {n for n, group in groups.items() if group == name}
        while (
            more := {
                n
                for pair, weight in weights.items()
                for n in pair
                if weight >= 0 and set(pair) <= members and set(pair) & reached
            }
            - reached
        ):
            reached |= more
        assert reached == members
