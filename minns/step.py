"""The one shape that all stages share: a step reads named tables, writes named tables, and says
how.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from minns.engine import Engine
from minns.store import Draft


class Progress(Protocol):
    """Where long work reports how far it is; never a value of a row."""

    def __call__(self, done: int, total: int | None = None) -> None: ...


def silent(done: int, total: int | None = None) -> None:
    """No progress shown."""


@dataclass(frozen=True)
class Room:
    """What a step gets to work with: a session in which the tables it reads are views, and a
    draft to write to.
    """

    engine: Engine
    draft: Draft
    progress: Progress = silent

    def write(self, table: str, sql: str) -> int:
        """Write a query's rows as a table of the step; gives their number."""
        rows = self.engine.copy(sql, self.draft.part(table))
        self.draft.describe(table, rows=rows)
        return rows


@dataclass(frozen=True)
class Step:
    """A pure step: same tables, same parameters, same code, same result.

    `reads` maps a view's name in the session to the tables that it is the union of, each
    `<step>.<table>`; none means an empty table of the model under that name. `writes` lists the
    tables of the result; `parameters` is all else that the result depends on (JSON values); `code`
    lists the files and folders that make the step's code.
    """

    name: str
    reads: Mapping[str, tuple[str, ...]]
    writes: tuple[str, ...]
    do: Callable[[Room], None]
    code: tuple[Path, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
