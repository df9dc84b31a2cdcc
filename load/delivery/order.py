"""The order of delivery: no reference may lead nowhere, not even for a moment.

Organizations and the like go first, then Patients, then the rest, each after what it refers to;
deletions come last and go the other way round. A person's resources stay together where they fit.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from load.delivery.items import Item

#: Resources that refer to one another in a circle, and so go or stay together.
Unit = tuple[Item, ...]


def units(items: Sequence[Item]) -> list[Unit]:
    """Items in an order in which each comes after those it refers to (Tarjan's algorithm)."""
    by_key = {item.key: item for item in items}
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[Unit] = []
    for start in by_key:
        if start in number:
            continue
        path = [(start, _inner(by_key, start))]
        _enter(start, number, low, stack, on_stack)
        while path:
            key, targets = path[-1]
            target = next(targets, None)
            if target is None:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[key])
                if low[key] == number[key]:
                    found.append(_circle(by_key, key, stack, on_stack))
            elif target not in number:
                _enter(target, number, low, stack, on_stack)
                path.append((target, _inner(by_key, target)))
            elif target in on_stack:
                low[key] = min(low[key], number[target])
    return found


def _inner(by_key: dict[str, Item], key: str) -> Iterator[str]:
    return iter([ref for ref in by_key[key].refs if ref in by_key])


def _enter(
    key: str, number: dict[str, int], low: dict[str, int], stack: list[str], on_stack: set[str]
) -> None:
    number[key] = low[key] = len(number)
    stack.append(key)
    on_stack.add(key)


def _circle(by_key: dict[str, Item], key: str, stack: list[str], on_stack: set[str]) -> Unit:
    circle = []
    while True:
        member = stack.pop()
        on_stack.discard(member)
        circle.append(by_key[member])
        if member == key:
            return tuple(sorted(circle, key=lambda item: item.key))


def bundles(
    items: Iterable[tuple[int, Item]], entries: int, size: int
) -> Iterator[tuple[bool, list[Unit]]]:
    """Cut ordered items into bundles: whether it deletes, and its units in order.

    `items`: with their phase, ordered by phase and person. A bundle holds at most `entries` items
    and `size` bytes of bodies, unless a single unit is more.
    """
    for deletes, phases in groupby(items, key=lambda pair: not pair[1].body):
        waiting: list[Unit] = []
        for _, group in groupby(phases, key=lambda pair: (pair[0], pair[1].person_id)):
            ordered = units([item for _, item in group])
            if deletes:
                ordered.reverse()
            if waiting and not _fits([*waiting, *ordered], entries, size):
                yield deletes, waiting
                waiting = []
            for unit in ordered:
                if waiting and not _fits([*waiting, unit], entries, size):
                    yield deletes, waiting
                    waiting = []
                waiting.append(unit)
        if waiting:
            yield deletes, waiting


def _fits(ordered: Sequence[Unit], entries: int, size: int) -> bool:
    items = [item for unit in ordered for item in unit]
    return len(items) <= entries and sum(len(item.body) for item in items) <= size
