"""Persons as groups that agree on the whole, for records without a number that settles anything.

Pairs linked one by one make chains: A is like B and B like C, and soon strangers are one person.
Here two groups are joined as long as the pairs between them speak on average for one person. A pair
that blocking did not find, or that scored too low to be kept, speaks against it like the lowest
that is kept; none speaks for it more than that either, so that one strong likeness does not outvote
all others.
"""

import heapq
from collections.abc import Iterable

import pyarrow as pa

from link.sections import LinkModel
from minns.engine import Engine

Pair = tuple[int, int, float]


def average(engine: Engine, model: LinkModel) -> None:
    """Replace `score` by what holds the groups together, and by what would link two of them: such a
    pair is put below the upper threshold, so that it waits for a judgement.
    """
    bound = model.upper - model.lower
    pairs = engine.rows(
        "select id_l, id_r, greatest(least(cast(match_weight as double) -"  # noqa: S608
        f" {model.upper!r}, {bound!r}), -{bound!r}) from score order by id_l, id_r"
    )
    groups = agreed(pairs, bound)
    table = pa.table(
        {
            "id": pa.array(list(groups), pa.int64()),
            "party": pa.array(list(groups.values()), pa.int64()),
        }
    )
    with engine.arrow("agreed", table):
        engine.run(
            "create or replace table settled_score as select s.* replace (case when l.party"  # noqa: S608
            f" = r.party then match_weight else {model.upper!r} - 0.000001 end as match_weight)"
            " from score s join agreed l on l.id = s.id_l join agreed r on r.id = s.id_r"
            f" where match_weight >= {model.upper!r};"
            "create or replace view score as from settled_score"
        )


def agreed(pairs: Iterable[Pair], bound: float) -> dict[int, int]:
    """The group of every identity in `pairs`, named by its least member.

    A pair is its two identities and how much it speaks for one person (below 0: against it). The
    two groups that agree most are joined first; of two that agree alike, those with lesser names.
    """
    ties: dict[int, dict[int, float]] = {}
    for left, right, value in pairs:
        ties.setdefault(left, {})[right] = ties.setdefault(right, {})[left] = value + bound
    size = dict.fromkeys(ties, 1)
    parent = {identity: identity for identity in ties}
    heap = [
        (bound - tie, left, right, 1, 1)
        for left, others in ties.items()
        for right, tie in others.items()
        if left < right and tie >= bound
    ]
    heapq.heapify(heap)
    while heap:
        _, left, right, *then = heapq.heappop(heap)
        if [size.get(left), size.get(right)] == then:
            _join(left, right, ties, size)
            parent[right] = left
            for candidate in _open(left, ties, size, bound):
                heapq.heappush(heap, candidate)
    return {identity: _top(identity, parent) for identity in parent}


def _join(left: int, right: int, ties: dict[int, dict[int, float]], size: dict[int, int]) -> None:
    """Lay the group `right` to the group `left`."""
    size[left] += size.pop(right)
    own, others = ties[left], ties.pop(right)
    own.pop(right)
    others.pop(left)
    for other, tie in others.items():
        del ties[other][right]
        own[other] = ties[other][left] = own.get(other, 0.0) + tie


def _open(
    group: int, ties: dict[int, dict[int, float]], size: dict[int, int], bound: float
) -> list[tuple[float, int, int, int, int]]:
    """The groups that `group` could now be joined with."""
    found = []
    for other, tie in ties[group].items():
        mean = tie / (size[group] * size[other]) - bound
        if mean >= 0:
            left, right = min(group, other), max(group, other)
            found.append((-mean, left, right, size[left], size[right]))
    return found


def _top(identity: int, parent: dict[int, int]) -> int:
    while parent[identity] != identity:
        identity = parent[identity]
    return identity
