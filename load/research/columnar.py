"""The consolidated record as open columnar files: one Parquet file for each of its tables."""

from pathlib import Path

from load.research.columns import Choice, exported, left_out, value_sql
from minns.engine import Engine, quote
from minns.model import FIRST, TARGET
from minns.step import Progress, silent

#: The tables that are exported: all but the blocks.
TABLES = tuple(table for name, table in TARGET.items() if name != FIRST)


def write_tables(
    engine: Engine, folder: Path, choice: Choice, progress: Progress = silent
) -> dict[str, int]:
    """Write `<table>.parquet` of what is kept, in a fixed order; gives the rows of each."""
    rows = {}
    for done, table in enumerate(TABLES):
        progress(done, len(TABLES))
        values = ", ".join(value_sql(table, c.name, choice) for c in exported(table, choice))
        # What is left out of the key shows in no order either.
        open_key = not set(table.key) & set(left_out(table, choice))
        key = ", ".join(f"t.{quote(name)}" for name in table.key) if open_key else "all"
        sql = f"select {values} from kept_{table.name} as t order by {key}"  # noqa: S608
        rows[table.name] = engine.copy(sql, folder / f"{table.name}.parquet")
    progress(len(TABLES), len(TABLES))
    return rows
