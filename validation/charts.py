"""The report's pictures as geometry: what goes where; the templates draw it and CSS colours it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from minns.model import FATES

SHOWN = (*FATES, "unexplained")
DECISIONS = ("linked", "review", "apart", "vetoed")

_FLOW_WIDTH, _LEFT, _RIGHT, _BAR = 960.0, 112.0, 806.0, 12.0
_FLOW_CONTENT, _LABEL_DISTANCE, _GAP, _THINNEST = 230.0, 36.0, 12.0, 1.25
_STRIP, _STRIP_GAP, _STRIP_LEFT, _STRIP_WIDTH = 44.0, 12.0, 126.0, 826.0


class Told(Protocol):
    """A line of the books: a source and its rows by fate."""

    @property
    def source(self) -> str: ...
    @property
    def extracted(self) -> int: ...


@dataclass(frozen=True)
class Node:
    """A bar at one side of the flow."""

    name: str
    rows: int
    y: float
    height: float

    @property
    def middle(self) -> float:
        return round(self.y + self.height / 2, 1)


@dataclass(frozen=True)
class Ribbon:
    """Rows of one source that met one fate."""

    source: str
    fate: str
    rows: int
    path: str


@dataclass(frozen=True)
class Flow:
    """Rows flowing from sources to fates."""

    width: float
    height: float
    left: tuple[Node, ...]
    right: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]
    left_x: float = _LEFT
    right_x: float = _RIGHT
    bar: float = _BAR


def flow(balance: Sequence[Told]) -> Flow:
    """Where the rows of each source went; none is too few to be seen."""
    rows = {
        (source, fate): sum(getattr(line, fate) for line in balance if line.source == source)
        for source in sorted({line.source for line in balance})
        for fate in SHOWN
    }
    rows = {ends: number for ends, number in rows.items() if number}
    scale = _FLOW_CONTENT / (sum(rows.values()) or 1)
    thick = {ends: max(number * scale, _THINNEST) for ends, number in rows.items()}
    left = _column(rows, thick, 0, sorted({source for source, _ in rows}))
    right = _column(rows, thick, 1, [f for f in SHOWN if any(f == fate for _, fate in rows)])
    height = max((n.y + n.height for n in (*left, *right)), default=0.0) + _LABEL_DISTANCE / 2
    left, right = _centred(left, height), _centred(right, height)
    ribbons = tuple(_ribbons(rows, thick, left, right))
    return Flow(_FLOW_WIDTH, round(height, 1), left, right, ribbons)


Ends = tuple[str, str]


def _column(
    rows: dict[Ends, int], thick: dict[Ends, float], side: int, names: Iterable[str]
) -> tuple[Node, ...]:
    """Nodes from the top down, far enough apart for their labels."""
    nodes: list[Node] = []
    for name in names:
        height = sum(t for ends, t in thick.items() if ends[side] == name)
        y = _LABEL_DISTANCE / 2
        if nodes:
            last = nodes[-1]
            apart = last.middle + _LABEL_DISTANCE - height / 2
            y = max(last.y + last.height + _GAP, apart)
        number = sum(n for ends, n in rows.items() if ends[side] == name)
        nodes.append(Node(name, number, round(y, 1), round(height, 1)))
    return tuple(nodes)


def _centred(nodes: tuple[Node, ...], height: float) -> tuple[Node, ...]:
    if not nodes:
        return nodes
    shift = (height - nodes[-1].y - nodes[-1].height - nodes[0].y) / 2
    return tuple(Node(n.name, n.rows, round(n.y + shift, 1), n.height) for n in nodes)


def _ribbons(
    rows: dict[Ends, int],
    thick: dict[Ends, float],
    left: tuple[Node, ...],
    right: tuple[Node, ...],
) -> Iterable[Ribbon]:
    starts = {node.name: node.y for node in left}
    ends = {node.name: node.y for node in right}
    for source in starts:
        for fate in ends:
            if (source, fate) in rows:
                high = thick[source, fate]
                path = _curve(starts[source], ends[fate], high)
                yield Ribbon(source, fate, rows[source, fate], path)
                starts[source] += high
                ends[fate] += high


def _curve(start: float, end: float, high: float) -> str:
    x0, x1 = _LEFT + _BAR, _RIGHT
    middle = (x0 + x1) / 2
    return (
        f"M{x0:g} {start:.1f}C{middle:g} {start:.1f} {middle:g} {end:.1f} {x1:g} {end:.1f}"
        f"V{end + high:.1f}C{middle:g} {end + high:.1f} {middle:g} {start + high:.1f} "
        f"{x0:g} {start + high:.1f}Z"
    )


@dataclass(frozen=True)
class Bar:
    """One bin of a strip."""

    weight: int
    rows: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Strip:
    """Match weights of the pairs with one decision, on a scale of their own."""

    decision: str
    rows: int
    most: int
    base: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Histogram:
    """A strip for each decision over one axis of weights, with the thresholds across."""

    width: float
    height: float
    strips: tuple[Strip, ...]
    ticks: tuple[tuple[int, float], ...]
    thresholds: tuple[tuple[float, float], ...]
    left: float = _STRIP_LEFT
    right: float = _STRIP_LEFT + _STRIP_WIDTH


def histogram(
    weights: Sequence[tuple[int, str, int]], thresholds: tuple[float, float] | None
) -> Histogram:
    """How the compared pairs lie by match weight, one strip for each decision."""
    limits = thresholds or ()
    bins = [weight for weight, _, _ in weights]
    low = int(min([*bins, *limits], default=0))
    high = int(max([*bins, *limits], default=1)) + 1
    step = _STRIP_WIDTH / (high - low)
    strips: list[Strip] = []
    for decision in DECISIONS:
        counts = {weight: rows for weight, name, rows in weights if name == decision}
        if counts:
            base = (len(strips) + 1) * (_STRIP + _STRIP_GAP)
            strips.append(_strip(decision, counts, low, step, base))
    every = max(1, round((high - low) / 12))
    ticks = tuple((w, _at(w, low, step)) for w in range(low, high + 1) if w % every == 0)
    lines = tuple((limit, _at(limit, low, step)) for limit in limits)
    height = len(strips) * (_STRIP + _STRIP_GAP) + 36
    return Histogram(960.0, height, tuple(strips), ticks, lines)


def _at(weight: float, low: int, step: float) -> float:
    return round(_STRIP_LEFT + (weight - low) * step, 1)


def _strip(decision: str, counts: dict[int, int], low: int, step: float, base: float) -> Strip:
    most = max(counts.values())
    bars = tuple(
        Bar(
            weight,
            rows,
            _at(weight, low, step),
            round(base - max(rows / most * _STRIP, 1), 1),
            round(max(step - 1, 1), 1),
            round(max(rows / most * _STRIP, 1), 1),
        )
        for weight, rows in sorted(counts.items())
    )
    return Strip(decision, sum(counts.values()), most, base, bars)


def shares(line: object, width: float) -> tuple[tuple[str, float, float], ...]:
    """A line of the books as a stacked bar: start and width of each fate that has rows."""
    rows = {fate: int(getattr(line, fate)) for fate in SHOWN}
    total = sum(rows.values()) or 1
    starts = [sum(list(rows.values())[:place]) / total * width for place in range(len(rows))]
    return tuple(
        (fate, round(start, 2), round(number / total * width, 2))
        for start, (fate, number) in zip(starts, rows.items(), strict=True)
        if number
    )
