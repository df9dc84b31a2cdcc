"""The chart of what another threshold would do: links that would be wrong against links missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 960.0, 250.0, 70.0, 170.0, 14.0, 44.0
#: What counts as none on the logarithmic axis, in pairs.
_LEAST = 0.1


@dataclass(frozen=True)
class Point:
    """What a threshold at this weight would do, in expected pairs, and where that is drawn."""

    weight: int
    wrong: float
    missed: float
    x: float
    wrong_y: float
    missed_y: float


@dataclass(frozen=True)
class TradeOff:
    """Expected wrong links and missed ones at each threshold, both on one logarithmic axis."""

    points: tuple[Point, ...]
    ticks: tuple[tuple[float, float], ...]
    thresholds: tuple[tuple[float, float], ...]
    width: float = _WIDTH
    height: float = _HEIGHT
    left: float = _LEFT
    right: float = _WIDTH - _RIGHT
    floor: float = _HEIGHT - _BOTTOM

    def line(self, name: str) -> str:
        """The points of one of the two lines, as SVG wants them."""
        return " ".join(f"{point.x},{getattr(point, f'{name}_y')}" for point in self.points)


def trade_off(
    trade: Sequence[tuple[int, int, float]], thresholds: tuple[float, float] | None
) -> TradeOff:
    """From pairs by match weight (weight, pairs, expected pairs of one person).

    Wrong: pairs from a threshold up that are two persons; missed: pairs below it that are one. Both
    by the model's own probability, of the pairs that no number decides and no veto keeps apart.
    """
    if len(trade) < 2:
        return TradeOff((), (), ())
    weights: list[float] = [trade[0][0], trade[-1][0], *(thresholds or ())]
    low, high = floor(min(weights)), ceil(max(weights))
    expected = {
        weight: (
            sum(pairs - same for at, pairs, same in trade if at >= weight),
            sum(same for at, _, same in trade if at < weight),
        )
        for weight in range(low, high + 1)
    }
    most = max(max(pair) for pair in expected.values())
    decades = max(1, -int(-log10(max(most, 1)) // 1))

    def across(weight: float) -> float:
        share = (weight - low) / (high - low)
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)

    def down(pairs: float) -> float:
        share = (log10(max(pairs, _LEAST)) - log10(_LEAST)) / (decades - log10(_LEAST))
        return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP), 1)

    points = tuple(
        Point(weight, wrong, missed, across(weight), down(wrong), down(missed))
        for weight, (wrong, missed) in expected.items()
    )
    ticks = tuple((10.0**power, down(10.0**power)) for power in range(decades + 1))
    return TradeOff(points, ticks, tuple((limit, across(limit)) for limit in thresholds or ()))
