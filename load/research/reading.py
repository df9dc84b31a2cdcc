"""The record as it stood after one load, copied from the target into the engine's reach.

Versions are never overwritten, so what held after a load reads the same while another is under way.
"""

from pathlib import Path

import sqlalchemy as sa

from load.relational import Target
from minns.engine import Engine, quote
from minns.model import DUCKDB, TARGET, Table
from minns.step import Progress, silent


def take(
    engine: Engine, target: Target, load_id: int, folder: Path, progress: Progress = silent
) -> None:
    """Make `record_<table>` for each table of the record, over Parquet written to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for done, table in enumerate(TARGET.values()):
        progress(done, len(TARGET))
        path = folder / f"{table.name}.parquet"
        sql = _statement(target, table, load_id)
        with target.stream(sql) as reader, engine.arrow("read_row", reader):
            engine.copy(_typed(table), path)
        engine.view(f"record_{table.name}", path)
    progress(len(TARGET), len(TARGET))


def _statement(target: Target, table: Table, load_id: int) -> str:
    """Every value as text with a mark before it: NULL is told from empty, and no driver guesses
    a type from the first rows.
    """
    span = ("valid_from_load", "valid_to_load")
    columns: list[sa.ColumnClause[str]] = [sa.column(name) for name in (*table.names, *span)]
    held = sa.table(table.name, *columns, schema=target.schema)
    marked = [
        sa.case(
            (held.c[name].is_(None), sa.literal_column("'-'", sa.Text)),
            else_=sa.literal_column("'='", sa.Text) + sa.cast(held.c[name], sa.Text),
        ).label(name)
        for name in table.names
    ]
    then: sa.ColumnClause[int] = sa.literal_column(str(int(load_id)))
    ended = held.c.valid_to_load
    chosen = sa.select(*marked).where(
        held.c.valid_from_load <= then, sa.or_(ended.is_(None), ended > then)
    )
    return str(chosen.compile(dialect=target.url.get_dialect()()))


def _typed(table: Table) -> str:
    values = ", ".join(
        # A table without rows comes without types.
        f"case when cast({quote(c.name)} as varchar) <> '-' "
        f"then cast(substr(cast({quote(c.name)} as varchar), 2) as {DUCKDB[c.type]}) end "
        f"as {quote(c.name)}"
        for c in table.columns
    )
    return f"select {values} from read_row"  # noqa: S608
