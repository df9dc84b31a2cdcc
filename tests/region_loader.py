"""Loads a region's files into DuckDB as landing does, for tests of the mappings: each table under
its own name, with `_row_key` and `_row_hash`.
"""

import csv
import io
import sqlite3
from pathlib import Path

import duckdb
import pyarrow as pa

from minns.config import Source, SourceTable
from minns.engine import Engine, literal, quote, row_hash_sql

_TYPES = {"INTEGER": "BIGINT", "SMALLINT": "BIGINT", "BIGINT": "BIGINT", "DATETIME": "TIMESTAMP"}


def _sqlite(engine: Engine, path: Path, table: str) -> None:
    with sqlite3.connect(path) as database:
        columns = database.execute(f"pragma table_info({quote(table)})").fetchall()
        rows = database.execute(f"select * from {quote(table)}").fetchall()
    texts = [
        pa.array([None if v is None else str(v) for v in column], pa.string())
        for column in zip(*rows, strict=True)
    ]
    names = [column[1] for column in columns]
    loaded = (
        pa.table(texts, names=names)
        if rows
        else pa.table({n: pa.array([], pa.string()) for n in names})
    )
    casts = ", ".join(
        f"cast({quote(c[1])} as {_TYPES.get(c[2], c[2])}) as {quote(c[1])}" for c in columns
    )
    with engine.arrow("loaded", loaded):
        engine.run(f"create table raw_{table} as select {casts} from loaded")


def _texts(engine: Engine, table: str, names: list[str], rows: list[list[str]]) -> None:
    loaded = pa.table([pa.array(c, pa.string()) for c in zip(*rows, strict=True)], names=names)
    with engine.arrow("loaded", loaded):
        engine.run(f"create table raw_{table} as from loaded")


def _fixed(engine: Engine, folder: Path, name: str, table: SourceTable) -> None:
    lines = (folder / str(table.file)).read_bytes().decode(table.encoding).split("\r\n")[:-1]
    width = max(f.start + f.width - 1 for f in table.fields)
    assert {len(line) for line in lines} == {width}, "a line of another width"
    rows = [[line[f.start - 1 : f.start - 1 + f.width] for f in table.fields] for line in lines]
    _texts(engine, name, [f.name for f in table.fields], rows)


def _csv(engine: Engine, folder: Path, name: str, table: SourceTable) -> None:
    text = (folder / str(table.file)).read_bytes().decode(table.encoding)
    head, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=table.delimiter)
    assert tuple(head) == table.columns
    _texts(engine, name, head, rows)


def _keyed(engine: Engine, name: str, table: SourceTable) -> None:
    columns = [row[0] for row in engine.rows(f"describe raw_{name}")]
    key = ", ".join(f"cast({quote(c)} as varchar)" for c in table.key)
    engine.run(
        f"create view {quote(name)} as select *, concat_ws('|', {key}) as _row_key, "
        f"{row_hash_sql(columns)} as _row_hash from raw_{name}"
    )


def load_region(engine: Engine, project: Path, source: Source) -> None:
    """Make every table of a source readable in the session."""
    for name, table in source.tables.items():
        if source.kind == "sql":
            _sqlite(engine, project / str(source.url).removeprefix("sqlite:///"), name)
        else:
            load = _fixed if source.kind == "fixed" else _csv
            load(engine, project / str(source.folder), name, table)
        _keyed(engine, name, table)


def mapping(folder: Path, name: str) -> str:
    """The mapping SQL of a canonical table."""
    return (folder / f"{name}.sql").read_text(encoding="utf-8")


__all__ = ["duckdb", "literal", "load_region", "mapping"]
