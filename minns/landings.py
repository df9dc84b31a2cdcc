"""Landings looked at again: their files, their source, and how two of them differ."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import extract
from extract.delta import Delta, delta
from extract.verify import Fault, faults
from minns.errors import ConfigError
from minns.runner import Nobody, Runner, Watch
from minns.site import Site
from minns.store import Dataset, Store


@dataclass(frozen=True)
class Verified:
    """A landing, what is wrong with its files, and how its source differs from it by now (None:
    the source was not asked).
    """

    landing: Dataset
    faults: list[Fault]
    source: Delta | None

    @property
    def whole(self) -> bool:
        return not self.faults and (self.source is None or self.source.empty)

    def as_json(self) -> dict[str, Any]:
        notes = self.landing.manifest["notes"]
        return {
            "source": notes["source"],
            "snapshot": self.landing.folder.name,
            "moment": notes.get("moment"),
            "by": notes.get("by"),
            "driver": notes["driver"],
            "versions": notes.get("versions"),
            "rows": sum(self.landing.rows(table) for table in self.landing.tables),
            "faults": [fault.as_json() for fault in self.faults],
            "against_source": None if self.source is None else self.source.as_json(),
            "whole": self.whole,
        }


def landing_of(site: Site, name: str, snapshot: str | None = None) -> Dataset:
    """A landing of a source: the one of that number, or the latest."""
    landings = {landing.folder.name: landing for landing in site.store.snapshots(name)}
    wanted = snapshot or next(reversed(landings), None)
    if wanted is None or wanted not in landings:
        raise ConfigError(
            f"a landing {snapshot or ''} of {name}".replace("  ", " "),
            found=f"these: {', '.join(landings)}" if landings else "none",
            do=f"Run 'minns source check {name}' to land it, or name one that is there.",
        )
    return landings[wanted]


def verify(
    site: Site, name: str, snapshot: str | None, *, files_only: bool, watch: Watch | None = None
) -> Verified:
    """A landing against its own manifest, and against its source unless `files_only`."""
    landing = landing_of(site, name, snapshot)
    with Runner(site.project, site.store).engine() as engine:
        found = faults(engine, landing)
        if files_only:
            return Verified(landing, found, None)
        with _landed_aside(site, name, watch or Nobody()) as now:
            return Verified(landing, found, delta(engine, landing, now))


def between(
    site: Site, name: str, old: str | None, new: str | None, most: int = 100
) -> tuple[Dataset, Dataset, Delta]:
    """How a landing differs from an earlier one: by default the latest from the one before."""
    numbers = [landing.folder.name for landing in site.store.snapshots(name)]
    if old is None and new is None and len(numbers) < 2:
        raise ConfigError(
            f"two landings of {name}",
            found=str(len(numbers)),
            do="Land it again when it has changed ('minns source check').",
        )
    later = landing_of(site, name, new)
    before = [number for number in numbers if number < later.folder.name]
    earlier = landing_of(site, name, old or next(reversed(before), None))
    with Runner(site.project, site.store).engine() as engine:
        return earlier, later, delta(engine, earlier, later, most)


@contextmanager
def _landed_aside(site: Site, name: str, watch: Watch) -> Iterator[Dataset]:
    """The source as it is now, landed where nobody looks, and thrown away."""
    site.store.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=site.store.scratch) as aside:
        yield extract.land(
            site.source(name),
            Store(Path(aside)),
            root=site.project.root,
            progress=watch.begin(f"read-{name}"),
            memory_limit=site.project.memory_limit,
            threads=site.project.threads,
        )
