"""Hand-made desired records, compared with and loaded into a target."""

import tempfile
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from canonical_rows import Row, arrow_table

import load
from load.opening import open_target
from minns.engine import Engine, hash_sql
from minns.model import TARGET

Desired = Mapping[str, list[Row]]
FILLED: dict[str, Any] = {"probability": 1}


def person(person_id: str, **said: Any) -> Row:
    return {"person_id": person_id, "protection": "none", **said}


def document(fact_id: str, body: str = "x", **said: Any) -> Row:
    return {
        "fact_id": fact_id,
        "person_id": "p",
        "source": "melior",
        "status": "active",
        "document_id": "d",
        "body": body,
        **said,
    }


def write_desired(engine: Engine, desired: Desired, folder: Path) -> dict[str, list[Path]]:
    """The tables as the transform step writes them: hashed, in Parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    parts: dict[str, list[Path]] = {}
    for name, table in TARGET.items():
        path = folder / f"{name}.parquet"
        with engine.arrow("given", arrow_table(table, desired.get(name, []))):
            key = hash_sql([table.column(c) for c in table.key])
            engine.copy(
                f"select left({key}, 20) as row_id, {hash_sql(table.columns)} as content_hash, * "
                "from given order by row_id",
                path,
            )
        parts[name] = [path]
    return parts


class Place:
    """A target and what is asked of it."""

    def __init__(self, url: str, schema: str | None, *, portable: bool = False) -> None:
        self.url, self.schema, self.portable = url, schema, portable

    def load(
        self, desired: Desired, *, run_id: str = "run-1", batch: int = 1000, progress: Any = None
    ) -> load.Loaded:
        """Compare and apply, as a run does."""
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            with Engine(folder / "engine", memory_limit="500MB", threads=1) as engine:
                parts = write_desired(engine, desired, folder / "desired")
                with load.open_target(self.url, self.schema, portable=self.portable) as target:
                    difference = load.compare(engine, parts, target, folder / "difference")
                    return load.apply(
                        engine,
                        parts,
                        difference,
                        target,
                        run_id=run_id,
                        wave="wave-1",
                        batch=batch,
                        **({"progress": progress} if progress else {}),
                    )

    def foreign(self, *, accept: bool = False) -> dict[str, tuple[int, int, int, int]]:
        """What others changed: edited, added, removed and moved versions by table."""
        with tempfile.TemporaryDirectory() as scratch:
            with (
                Engine(Path(scratch) / "engine", memory_limit="500MB", threads=1) as engine,
                load.open_target(
                    self.url, self.schema, make=accept, portable=self.portable
                ) as target,
            ):
                found = load.inspect(engine, target, Path(scratch) / "foreign")
                if accept:
                    load.settle(engine, target, found)
        return {t.table: (t.edited, t.added, t.removed, t.moved) for t in found.tables}

    def by_hand(self, statement: str) -> None:
        """Somebody else writes: `{name}` is the name of a table."""
        with self.connected() as connection, connection.begin():
            quoted = connection.dialect.identifier_preparer.quote
            prefix = f"{self.schema}." if self.schema else ""
            named = {table: prefix + quoted(table) for table in ("load", "seal", *TARGET)}
            assert connection.exec_driver_sql(statement.format(**named)).rowcount > 0

    @contextmanager
    def connected(self) -> Any:
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def rows(self, table: str) -> list[Row]:
        """All rows of a table or view, in a fixed order, read by SQLAlchemy with its types."""
        with self.connected() as connection:
            described = sa.Table(table, sa.MetaData(schema=self.schema), autoload_with=connection)
            found = [dict(row._mapping) for row in connection.execute(sa.select(described))]
        return sorted(found, key=lambda row: [str(value) for value in row.values()])

    def current(self, table: str) -> list[Row]:
        """What is true now of a table, in the model's columns."""
        names = TARGET[table].names
        return [{n: row[n] for n in names} for row in self.rows(f"current_{table}")]

    def everything(self) -> dict[str, list[Row]]:
        return {name: self.rows(name) for name in ("load", *TARGET)}


__all__ = ["Desired", "Place", "document", "open_target", "person", "write_desired"]
