"""Builds the region: four legacy systems and the population register's copy on disk and, beside
them, the truth.
"""

from collections.abc import Callable
from pathlib import Path

from minns.demo import asynja, befreg, elvis, melior, obstetrix, truth
from minns.demo.population import STEPS, population
from minns.demo.tables import write_database, write_sqlite
from minns.step import Progress, silent


def build_region(
    folder: Path,
    persons: int = 2000,
    seed: int = 1,
    progress: Progress = silent,
    *,
    canary: bool = False,
) -> None:
    """Write `region/` (melior.db, asynja.db, elvis/, obstetrix/, befreg/) and `truth/` into
    `folder`.

    Same persons, seed and canary: same bytes. `canary` makes one person the one of canary.py, in
    all four journals.
    """
    place = folder / "region"
    place.mkdir(parents=True, exist_ok=True)
    total = len(STEPS) + 6
    with population(
        persons, seed, plant_canary=canary, progress=lambda done, _=None: progress(done, total)
    ) as region:
        writers: tuple[Callable[[], None], ...] = (
            lambda: write_sqlite(place / "melior.db", region, "melior", melior.METADATA),
            lambda: write_sqlite(place / "asynja.db", region, "asynja", asynja.METADATA),
            lambda: elvis.write(place / "elvis", region),
            lambda: obstetrix.write(place / "obstetrix", region),
            lambda: befreg.write(place / "befreg", region),
            lambda: truth.write(folder / "truth", region),
        )
        for done, write in enumerate(writers, len(STEPS) + 1):
            write()
            progress(done, total)


def write_melior(url: str, persons: int = 2000, seed: int = 1, *, canary: bool = False) -> None:
    """Write the same melior journal as `build_region` into any database (SQLAlchemy URL)."""
    with population(persons, seed, plant_canary=canary) as region:
        write_database(url, region, "melior", melior.METADATA)
