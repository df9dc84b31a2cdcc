"""The datasets of one run, and how they become readable in a session."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from minns.engine import Engine, literal
from minns.model import BY_NAME, FACTS
from minns.store import Dataset


@dataclass(frozen=True)
class Books:
    """What the stages of a run wrote: landings and shapes by source, then link, transform and
    fates.
    """

    landings: Mapping[str, Dataset]
    shapes: Mapping[str, Dataset]
    link: Dataset
    transform: Dataset
    fates: Dataset
    #: The conflicts with what people judged of them; without, as transform found them.
    settled: Dataset | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(sorted(self.landings))


def show(engine: Engine, books: Books) -> None:
    """Make the books readable: a view a table, a fact's as `desired_<kind>`, `landed` for the
    landings' keys.
    """
    for table in ("row", "quarantine", "patient"):
        _view(engine, table, _parts(books.shapes.values(), table))
    _view(
        engine,
        "excluded",
        _parts(books.shapes.values(), "excluded") + books.transform.parts("excluded"),
    )
    for table in ("identity", "pair", "held", "registry_event"):
        _view(engine, table, books.link.parts(table))
    for table in ("lineage", "code_use", "code_patients"):
        _view(engine, table, books.transform.parts(table))
    _view(engine, "conflict", (books.settled or books.transform).parts("conflict"))
    for table in ("person", *FACTS, "medication_group"):
        _view(engine, table, books.transform.parts(table), f"desired_{table}")
    for table in books.fates.tables:
        engine.view(table, books.fates.parts(table))
    engine.run(f"create or replace view landed as {_landed(books)}")


def _parts(datasets: Iterable[Dataset], table: str) -> list[Path]:
    return [path for dataset in datasets for path in dataset.parts(table)]


def _view(engine: Engine, table: str, parts: list[Path], name: str | None = None) -> None:
    if parts:
        engine.view(name or table, parts)
    else:
        engine.empty(FACTS.get(table) or BY_NAME[table], name)


def _landed(books: Books) -> str:
    """Pointers as the landing itself has them, not as a later stage copied them."""
    selects = ["select null::text as source, null::text as source_table, null::text as row_key"]
    selects[0] += " where false"
    for source, landing in sorted(books.landings.items()):
        for table in landing.tables:
            if parts := landing.parts(table):
                files = ", ".join(literal(str(path)) for path in parts)
                selects.append(
                    f"select {literal(source)}, {literal(table)}, cast(_row_key as varchar) "  # noqa: S608
                    f"from read_parquet([{files}])"
                )
    return " union all ".join(selects)
