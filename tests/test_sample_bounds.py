"""What a sample shows: the bounds agree with published ones, and with the definition itself."""

from fractions import Fraction
from math import ceil, comb, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.sample import kappa, most_errors, size_for, upper_bound
from validation.sample.bounds import at_most


@pytest.mark.parametrize(
    ("errors", "of", "confidence", "bound"),
    [
        # two-sided 95 % of Clopper and Pearson, as tables give it: one-sided 97.5 %
        (10, 100, 0.975, 0.1762),
        (1, 10, 0.975, 0.4450),
        (5, 50, 0.975, 0.2181),
        (0, 10, 0.975, 0.3085),
        # one-sided: 1 - 0.05^(1/n)
        (0, 300, 0.95, 1 - 0.05 ** (1 / 300)),
        (0, 10, 0.95, 0.2589),
        (1, 10, 0.95, 0.3942),
    ],
)
def test_the_bound_is_the_published_one(
    errors: int, of: int, confidence: float, bound: float
) -> None:
    assert upper_bound(errors, of, confidence) == pytest.approx(bound, abs=6e-5)


@pytest.mark.parametrize(("errors", "size"), [(0, 299), (1, 473), (2, 628), (3, 773)])
def test_the_size_for_one_per_cent_is_the_known_one(errors: int, size: int) -> None:
    assert size_for(0.01, 0.95, errors) == size


def test_none_wrong_in_three_hundred_is_below_one_per_cent() -> None:
    assert upper_bound(0, 300, 0.95) < 0.01
    assert size_for(0.01, 0.95) == ceil(log(0.05) / log(0.99))


def exact(errors: int, of: int, share: Fraction) -> Fraction:
    return sum(
        (comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(errors + 1)),
        Fraction(0),
    )


counts = st.integers(1, 120).flatmap(lambda of: st.tuples(st.integers(0, of - 1), st.just(of)))
confidences = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])


@given(counts, st.integers(1, 99))
def test_the_tail_is_that_of_whole_numbers(count: tuple[int, int], per_cent: int) -> None:
    errors, of = count
    share = Fraction(per_cent, 100)
    assert at_most(errors, of, float(share)) == pytest.approx(
        float(exact(errors, of, share)), rel=1e-9, abs=1e-12
    )


@given(counts, confidences)
def test_at_the_bound_so_few_errors_have_the_chance_that_is_left(
    count: tuple[int, int], confidence: float
) -> None:
    bound = upper_bound(*count, confidence)
    assert at_most(*count, bound) == pytest.approx(1 - confidence, abs=1e-6)


@given(counts, confidences)
def test_more_errors_show_less_and_more_facts_show_more(
    count: tuple[int, int], confidence: float
) -> None:
    errors, of = count
    bound = upper_bound(errors, of, confidence)
    assert upper_bound(errors + 1, of, confidence) > bound
    assert upper_bound(errors, of + 1, confidence) < bound


@given(st.floats(0.005, 0.4), confidences, st.integers(0, 4))
def test_the_size_is_enough_and_one_fact_fewer_is_not(
    share: float, confidence: float, errors: int
) -> None:
    size = size_for(share, confidence, errors)
    assert at_most(errors, size, share) <= 1 - confidence + 1e-12
    assert size == errors + 1 or at_most(errors, size - 1, share) > 1 - confidence - 1e-12


@given(st.floats(0.01, 0.3), confidences, st.integers(0, 4))
def test_what_is_allowed_is_what_it_was_sized_for(
    share: float, confidence: float, errors: int
) -> None:
    size = size_for(share, confidence, errors)
    allowed = most_errors(size, share, confidence)
    assert upper_bound(allowed + 1, size, confidence) > share
    assert allowed >= errors - 1, "rounding at the edge aside"


def test_where_all_were_read_nothing_is_estimated() -> None:
    assert upper_bound(0, 40, 0.95, population=40) == 0
    assert upper_bound(2, 40, 0.95, population=40) == 0.05
    assert most_errors(40, 0.05, 0.95, population=40) == 2
    assert most_errors(40, 0.05, 0.95, population=1000) == -1


def answers(both: int, first: int, second: int, neither: int) -> list[tuple[bool, bool]]:
    return (
        [(True, True)] * both
        + [(True, False)] * first
        + [(False, True)] * second
        + [(False, False)] * neither
    )


def test_kappa_is_the_textbooks() -> None:
    assert kappa(answers(20, 5, 10, 15)) == pytest.approx(0.4)
    assert kappa(answers(45, 15, 25, 15)) == pytest.approx(0.1304, abs=5e-5)
    assert kappa(answers(25, 35, 5, 35)) == pytest.approx(0.2593, abs=5e-5)


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_kappa_is_one_only_where_all_agree(pairs: list[tuple[bool, bool]]) -> None:
    found = kappa(pairs)
    assert found is None or -1 <= found <= 1
    if found is not None:
        assert (found == 1) == all(one == other for one, other in pairs)
