"""A component in which vetoes stand, parted edge by edge so that no group holds a vetoed pair.

Edges join the strongest first; one that would bring a vetoed pair together is left out. So are
the edges about as strong that hold the other half of that pair: it cannot be told which of them
is the wrong one.

Sets of identities are the bits of a number, for dirt makes components of hundreds that are all
tied to each other: as many as have one name, one birth date and nothing else.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

#: By how many bits a model's edge must outweigh a rival that a veto keeps out.
MARGIN = 6.0
#: The rule that keeps two persons apart whom the registry already knows as two.
BRIDGE = "bridge"
_MODEL, _NUMBERS = 1, (3, 4)

Pair = tuple[int, int]
Bits = int


class Edge(NamedTuple):
    """Two identities that belong together, and how strongly."""

    left: int
    right: int
    strength: int
    weight: float

    @property
    def pair(self) -> Pair:
        """Its two identities."""
        return self.left, self.right


class Group:
    """Identities that are together, and all whom a veto keeps away from one of them."""

    def __init__(self, members: Bits, foes: Bits) -> None:
        self.members = members
        self.foes = foes
        self.edges: list[Edge] = []
        self._ties: dict[tuple[int, int, int], tuple[list[Bits], list[Bits]]] = {}

    @cached_property
    def _weights(self) -> list[float]:
        return sorted({edge.weight for edge in self.edges})

    def ties(self, strength: int, low: float, high: float) -> tuple[list[Bits], list[Bits]]:
        """Whom each identity is tied to: by its edges of a strength and with weights between two,
        and by all the others.
        """
        key = strength, bisect_right(self._weights, low), bisect_left(self._weights, high)
        if key not in self._ties:
            size = self.members.bit_length()
            weak, strong = [0] * size, [0] * size
            for edge in self.edges:
                like = edge.strength == strength and low < edge.weight < high
                ties = weak if like else strong
                ties[edge.left] |= 1 << edge.right
                ties[edge.right] |= 1 << edge.left
            self._ties[key] = weak, strong
        return self._ties[key]


class Pull(NamedTuple):
    """The edges between two groups that a veto keeps apart, and the veto."""

    groups: tuple[Group, Group]
    rule: str
    edges: list[Edge]

    def rivalled(self) -> dict[tuple[int, int], list[Edge]]:
        """Its edges that another may outweigh, by an end and their strength."""
        found: dict[tuple[int, int], list[Edge]] = {}
        for edge in self.edges:
            if edge.strength == _MODEL or (self.rule == BRIDGE and edge.strength in _NUMBERS):
                for end in edge.pair:
                    found.setdefault((end, edge.strength), []).append(edge)
        return found


def part(edges: list[Edge], vetoes: dict[Pair, str]) -> tuple[dict[int, int], dict[Pair, str]]:
    """Group a component's identities so that no group holds a vetoed pair.

    `edges` come strongest first. Gives the group of each identity (its least member) and the edges
    left out, with the veto. Where two edges pull to sides that a veto keeps apart and neither is
    clearly the stronger, both are left out.
    """
    ids = sorted({end for edge in edges for end in edge.pair})
    place = {identity: number for number, identity in enumerate(ids)}
    placed = [e._replace(left=place[e.left], right=place[e.right]) for e in edges]
    apart = {
        (place[left], place[right]): rule
        for (left, right), rule in vetoes.items()
        if left in place and right in place
    }
    groups, blocked = _parted(placed, apart, len(ids))
    return (
        {ids[member]: ids[next(_ones(group.members))] for member, group in enumerate(groups)},
        {(ids[left], ids[right]): rule for (left, right), rule in blocked.items()},
    )


def _parted(
    edges: list[Edge], vetoes: dict[Pair, str], size: int
) -> tuple[list[Group], dict[Pair, str]]:
    contested: dict[Pair, str] = {}
    while True:
        groups = _grown(edges, vetoes, contested, size)
        left_out = [edge for edge in edges if groups[edge.left] is not groups[edge.right]]
        blocked = {edge.pair: contested.get(edge.pair, "") for edge in left_out}
        doubtful: dict[Pair, str] = {}
        for pull in _pulls(left_out, groups, vetoes):
            blocked |= {edge.pair: pull.rule for edge in pull.edges}
            doubtful |= dict.fromkeys(sorted(_doubtful(pull)), pull.rule)
        if doubtful.keys() <= contested.keys():
            return groups, blocked
        contested = {**doubtful, **contested}


def _grown(
    edges: list[Edge], vetoes: dict[Pair, str], contested: dict[Pair, str], size: int
) -> list[Group]:
    """Join along the edges in order, but for contested ones and where a veto forbids it."""
    foes = [0] * size
    for left, right in vetoes:
        foes[left] |= 1 << right
        foes[right] |= 1 << left
    groups = [Group(1 << member, foes[member]) for member in range(size)]
    for edge in edges:
        one, other = groups[edge.left], groups[edge.right]
        if one is other or edge.pair in contested or one.foes & other.members:
            continue
        one.members |= other.members
        one.foes |= other.foes
        for member in _ones(other.members):
            groups[member] = one
    for edge in edges:
        if groups[edge.left] is groups[edge.right] and edge.pair not in contested:
            groups[edge.left].edges.append(edge)
    return groups


def _pulls(left_out: list[Edge], groups: list[Group], vetoes: dict[Pair, str]) -> list[Pull]:
    """The edges left out between groups that a veto keeps apart; where there are several vetoes,
    evidence names it before a mere bridge does.
    """
    rules: dict[frozenset[Group], tuple[bool, Pair]] = {}
    for (left, right), veto in vetoes.items():
        between = frozenset((groups[left], groups[right]))
        found = veto == BRIDGE, (left, right)
        rules[between] = min(rules.get(between, found), found)
    pulls: dict[frozenset[Group], Pull] = {}
    for edge in left_out:
        one, other = groups[edge.left], groups[edge.right]
        between = frozenset((one, other))
        if between in rules:
            pull = Pull((one, other), vetoes[rules[between][1]], [])
            pulls.setdefault(between, pull).edges.append(edge)
    return list(pulls.values())


def _doubtful(pull: Pull) -> set[Pair]:
    """A pull's edges that have rivals about as strong, and those rivals."""
    one, other = pull.groups
    found: set[Pair] = set()
    cut: dict[int, Bits] = {}
    for (end, strength), edges in pull.rivalled().items():
        home, away = (one, other) if one.members >> end & 1 else (other, one)
        weights = [edge.weight for edge in edges]
        weak, strong = home.ties(strength, min(weights) - MARGIN, max(weights) + MARGIN)
        rivals = _rivals(end, home.members & away.foes, weak, strong)
        for member, others in rivals:
            cut[member] = cut.get(member, 0) | others
        if rivals:
            found |= {edge.pair for edge in edges}
    for member, others in cut.items():
        found |= {(min(member, end), max(member, end)) for end in _ones(others)}
    return found


def _rivals(
    start: int, vetoed: Bits, weak: list[Bits], strong: list[Bits]
) -> list[tuple[int, Bits]]:
    """The weak edges of a group that hold vetoed members to another one: all those on a shortest
    way, and all where those who are nearer to the one meet those nearer to the others.
    """
    away = _layers(1 << start, weak, strong)
    ends = vetoed & ~away[0]
    if not ends:
        return []
    back = _layers(ends, weak, strong)
    shortest = next(steps for steps, layer in enumerate(back) if layer >> start & 1)
    found = []
    for steps, layer in enumerate(away[:shortest]):
        onward = away[steps + 1] & back[shortest - steps - 1]
        found += [(end, weak[end] & onward) for end in _ones(layer & back[shortest - steps])]
    for side in _sides(away, back):
        found += [(end, weak[end] & ~side) for end in _ones(side)]
    return [(end, others) for end, others in found if others]


def _sides(away: list[Bits], back: list[Bits]) -> tuple[Bits, Bits, Bits]:
    """Who is fewer steps away than back, as many, and more."""
    fewer = even = more = passed = 0
    for steps, layer in enumerate(away):
        here = back[steps] if steps < len(back) else 0
        more |= layer & passed
        even |= layer & here
        fewer |= layer & ~passed & ~here
        passed |= here
    return fewer, even, more


def _layers(starts: Bits, weak: list[Bits], strong: list[Bits]) -> list[Bits]:
    """Who is tied to the starts, by the number of weak edges between."""
    layers = [_tied(starts, strong, starts)]
    seen = layers[0]
    while True:
        onward = 0
        for end in _ones(layers[-1]):
            onward |= weak[end]
        if not onward & ~seen:
            return layers
        layers.append(_tied(onward & ~seen, strong, seen))
        seen |= layers[-1]


def _tied(starts: Bits, strong: list[Bits], seen: Bits) -> Bits:
    """The starts and all whom strong edges tie to them, but those seen before."""
    found = fresh = starts
    while fresh:
        onward = 0
        for end in _ones(fresh):
            onward |= strong[end]
        fresh = onward & ~found & ~seen
        found |= fresh
    return found


def _ones(bits: Bits) -> Iterator[int]:
    """The members of a set, the least first."""
    while bits:
        least = bits & -bits
        yield least.bit_length() - 1
        bits ^= least
