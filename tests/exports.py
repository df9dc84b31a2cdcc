"""Records to export, hand-made or of a small region, and questions asked of what was written."""

import datetime
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from canonical_rows import Row
from desired_rows import Desired, Place
from projects import build

from minns import pipeline
from minns.model import FACTS, KINDS
from minns.site import Site, open_site

DAY = datetime.date(2020, 3, 1)
MOMENT = datetime.datetime(2020, 3, 1, 8, 30)
_NEEDED: Mapping[str, Row] = {
    "care_contact": {"contact_id": "k", "category": "visit", "starts_at": MOMENT},
    "condition": {"diagnosed_on": DAY},
    "alert": {"category": "hypersensitivity", "valid_from": DAY},
    "medication": {"order_id": "o", "starts_on": DAY, "stage": "order", "order_type": "start"},
    "observation": {"observed_at": MOMENT, "value_kind": "number"},
    "procedure": {"performed_on": DAY},
    "immunization": {"given_on": DAY},
    "document": {"document_id": "d", "body": "x", "written_at": MOMENT, "standing": "valid"},
    "access_block": {"block_id": "b", "block_type": "inner"},
}


def fact(kind: str, fact_id: str, person_id: str = "P1", **said: Any) -> Row:
    """A fact of which a test says only what it is about."""
    usual = {"source": "melior", "status": "active", **_NEEDED[kind]}
    return {"fact_id": fact_id, "person_id": person_id, **usual, **said}


def someone(person_id: str, **said: Any) -> Row:
    """A person, born on a day."""
    born = {"birth_date": datetime.date(1950, 5, 17), "sex": "female", "protection": "none"}
    return {"person_id": person_id, **born, **said}


def site_with(folder: Path, desired: Desired) -> Site:
    """A project whose record holds these rows."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "minns.toml").write_text('work = "work"\n', encoding="utf-8")
    site = open_site(folder)
    Place(site.target("cutover").url, None).load(desired)
    return site


@contextmanager
def region() -> Iterator[Site]:
    """A small region, cut over in both waves."""
    with tempfile.TemporaryDirectory() as folder:
        site = open_site(build(Path(folder) / "region", persons=200))
        for wave in ("wave-1", "wave-2"):
            pipeline.run(site, wave, "cutover")
        yield site


class Files:
    """The Parquet files of an export, as tables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = sorted(path.stem for path in folder.glob("*.parquet"))
        self._session = duckdb.connect()
        for name in self.names:
            path = folder / f"{name}.parquet"
            self._session.execute(f"create view {name} as from read_parquet('{path}')")

    def rows(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        return self._session.execute(sql, parameters).fetchall()

    def column(self, sql: str) -> list[Any]:
        return [value for (value,) in self.rows(sql)]

    def types(self, table: str) -> dict[str, str]:
        return {name: kind for name, kind, *_ in self.rows(f"describe {table}")}

    def holding(self, words: Iterable[str]) -> list[str]:
        """The columns in which one of the words stands, alone or between blanks."""
        listed = sorted(set(words))
        return [
            f"{table}.{column}"
            for table in self.names
            for column in self.types(table)
            if self.rows(
                f'select 1 from (select cast("{column}" as varchar) as said from {table}) '
                "where list_has_any(string_split(said, ' '), $1) or list_contains($1, said) "
                "limit 1",
                [listed],
            )
        ]


class Held:
    """What the record of a region holds, asked by SQL."""

    def __init__(self, site: Site) -> None:
        self._path = site.target("cutover").url.removeprefix("sqlite:///")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self._path)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def column(self, sql: str) -> list[Any]:
        return [value for (value,) in self.rows(sql) if value is not None]

    def hidden(self) -> set[str]:
        """Ids of all that must not be found in an export."""
        protected = "select person_id from current_person where protection <> 'none'"
        found = set(self.column(protected))
        for kind in FACTS:
            which = "1 = 1" if kind == "access_block" else "blocked is not null"
            found |= set(
                self.column(
                    f"select fact_id from current_{kind} "
                    f"where {which} or person_id in ({protected})"
                )
            )
        return found

    def counts(self) -> dict[str, int]:
        return {k: self.column(f"select count(*) from current_{k}")[0] for k in KINDS}
