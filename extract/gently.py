"""A journal that people work in is read gently: at its hours, no faster than it bears."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from minns.config import Gently
from minns.errors import SourceError


def within(hours: str, now: datetime) -> bool:
    """Whether a moment lies in hours such as '19:00-06:00', which may go over midnight."""
    first, _, last = hours.partition("-")
    clock = now.strftime("%H:%M")
    if first <= last:
        return first <= clock < last
    return clock >= first or clock < last


@dataclass
class Pace:
    """Keeps the reading of one source to its hours and its pace.

    `clock`: the machine's own time of day; `sleep` and `counted`: seconds.
    """

    source: str
    gently: Gently
    clock: Callable[[], datetime] = datetime.now
    sleep: Callable[[float], None] = time.sleep
    counted: Callable[[], float] = time.monotonic
    _begun: float | None = field(default=None, init=False)
    _rows: int = field(default=0, init=False)

    def begin(self) -> None:
        """Raise `SourceError` outside the hours."""
        self._refuse("to be read at its hours")

    def keep(self, rows: int) -> None:
        """After a batch: wait until so many rows are not too many for the time they took.

        Raises `SourceError` when the hours have ended, for a snapshot cannot be held open till the
        next ones: what was not read then is read again.
        """
        self._refuse("to be read to its end within its hours")
        rate = self.gently.rows_a_second
        if rate is None:
            return
        if self._begun is None:
            self._begun = self.counted()
        self._rows += rows
        ahead = self._rows / rate - (self.counted() - self._begun)
        if ahead > 0:
            self.sleep(ahead)

    def _refuse(self, what: str) -> None:
        hours = self.gently.hours
        now = self.clock()
        if hours is not None and not within(hours, now):
            raise SourceError(
                f"{self.source} {what}, {hours}",
                found=f"that it is {now:%H:%M}",
                do="Run again within them, or change 'hours' under"
                f" [sources.{self.source}.gently] in minns.toml.",
            )
