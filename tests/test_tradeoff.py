"""What another threshold would do, as the report draws it."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from validation.tradeoff import trade_off

_BIN = st.tuples(st.integers(1, 5000), st.floats(0, 1))


@given(st.dictionaries(st.integers(-5, 40), _BIN, min_size=2))
def test_a_higher_threshold_is_never_wrong_more_often_nor_misses_less(
    bins: dict[int, tuple[int, float]],
) -> None:
    trade = [(weight, pairs, pairs * share) for weight, (pairs, share) in sorted(bins.items())]
    points = trade_off(trade, (2.0, 10.0)).points
    for lower, higher in pairwise(points):
        assert higher.wrong <= lower.wrong + 1e-9
        assert higher.missed >= lower.missed - 1e-9
        assert higher.wrong_y >= lower.wrong_y
    assert points[0].missed == 0


def test_too_few_pairs_make_no_chart() -> None:
    assert trade_off([(3, 10, 5.0)], None).points == ()
