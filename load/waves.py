"""Which waves are in a record, as its own table `load` tells."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

#: What a load did for its wave: brought it in (or up to date), or took it out.
Action = Literal["load", "withdraw"]


@dataclass(frozen=True)
class LoadRow:
    """One line of the target's table `load`."""

    load_id: int
    run_id: str
    wave: str
    action: Action
    state: str


class _Row(Protocol):
    """A line of the table `load`, as far as it tells of waves."""

    @property
    def wave(self) -> str: ...

    @property
    def action(self) -> Action: ...

    @property
    def state(self) -> str: ...


def standing_waves(loads: Iterable[_Row]) -> list[str]:
    """The waves that are wholly in the record, in the order in which they came.

    `loads`: the lines of the table `load` in their order. A load that was broken off brings no wave
    in, and a withdrawal that was broken off takes none out.
    """
    found: dict[str, None] = {}
    for row in loads:
        if row.state == "done" and row.action == "load":
            found.setdefault(row.wave)
        elif row.state == "done":
            found.pop(row.wave, None)
    return list(found)


def touched_waves(loads: Iterable[_Row]) -> list[str]:
    """The waves of which the record may hold rows: those above, and those that came in part."""
    found: dict[str, None] = {}
    for row in loads:
        if row.action == "load":
            found.setdefault(row.wave)
        elif row.state == "done":
            found.pop(row.wave, None)
    return list(found)
