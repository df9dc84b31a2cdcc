"""Where editions stand: `work/terminology/<system>/<version>/`, a manifest the mark of each."""

import datetime
from collections.abc import Sequence
from pathlib import Path

from minns.engine import literal
from minns.store import MANIFEST, Dataset, Store
from minns.terminology.concept import Edition

TABLE = "concept"


def folder(store: Store) -> Path:
    """The folder of all editions."""
    return store.folder / "terminology"


def edition_of(dataset: Dataset) -> Edition:
    """An edition as its manifest describes it."""
    notes = dataset.manifest["notes"]
    day = notes["valid_from"]
    return Edition(
        system=notes["system"],
        version=notes["version"],
        valid_from=datetime.date.fromisoformat(day) if day else None,
        format=notes["format"],
        concepts=dataset.rows(TABLE),
        retired=int(notes["retired"]),
        refused=notes["refused"],
        folder=dataset.folder,
    )


def edition_at(place: Path) -> Edition | None:
    """The edition in a folder, if it is whole."""
    dataset = Store(place).find(place)
    return edition_of(dataset) if dataset is not None else None


def manifests(store: Store) -> list[Path]:
    """The marks of all editions: what depends on the store's content depends on them."""
    return sorted(folder(store).glob(f"*/*/{MANIFEST}"))


def editions(store: Store, system: str | None = None) -> list[Edition]:
    """Editions in the store by system, the newest of each last."""
    found = (edition_at(path.parent) for path in manifests(store))
    chosen = [e for e in found if e is not None and system in (None, e.system)]
    first = datetime.date.min
    return sorted(chosen, key=lambda e: (e.system, e.valid_from or first, e.version))


def edition_parts(edition: Edition) -> list[Path]:
    """The Parquet files of an edition."""
    return sorted((edition.folder / TABLE).glob("*.parquet"))


def concepts_sql(chosen: Sequence[Edition]) -> str:
    """SQL for the concepts of editions, each with `edition_day`, from when its edition holds."""
    selects = []
    for edition in chosen:
        paths = ", ".join(literal(str(path)) for path in edition_parts(edition))
        day = f"date '{edition.valid_from}'" if edition.valid_from else "cast(null as date)"
        selects.append(f"select *, {day} as edition_day from read_parquet([{paths}])")  # noqa: S608
    return " union all by name ".join(selects)


def known_codes_sql(concepts: str) -> str:
    """SQL for each code of `concepts` once: in the newest edition that has it in use, else the
    newest that has it at all; a code of an old record is known by the edition that it is from.
    """
    return f"""
        select system, version as system_version, code, display from ({concepts})
        qualify row_number() over (
            partition by system, upper(code)
            order by active desc, edition_day desc nulls last, version desc, code
        ) = 1"""  # noqa: S608
