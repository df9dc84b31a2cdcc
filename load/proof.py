"""What a load left is read again: the target itself says that it holds what is desired.

Of a table that was known before, the versions that the load began and ended are read and compared
with what it was to do: what others moved meanwhile shows in its seals, before the next load. Every
other table is compared anew, as a whole.
"""

from collections.abc import Mapping
from pathlib import Path

from load import seals
from load.apply import Loaded
from load.diff import Difference, compare_table
from load.relational import Target
from minns.engine import Engine

_FOUND = "row_id varchar, content_hash varchar, ended boolean"


def missed(
    engine: Engine,
    desired: Mapping[str, list[Path]],
    difference: Difference,
    loaded: Loaded,
    target: Target,
    folder: Path,
) -> int:
    """How many rows are not in the target as the difference has them: 0 after a whole load."""
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    for table in difference.tables:
        if not table.total:
            continue
        if table.table in loaded.reckoned and loaded.load_id is not None:
            left = _left(engine, target, table.table, difference.folder, loaded.load_id)
            total += left
            if left == 0:
                target.quiet.add(table.table)
        else:
            wanted = desired[table.table]
            total += compare_table(engine, table.table, wanted, target, folder).total
    return total


def _left(engine: Engine, target: Target, table: str, changes: Path, load_id: int) -> int:
    """How many versions that a load was to begin or to end are not as it should have left them, and
    how many it began or ended besides.
    """
    sql = (
        "select row_id, content_hash, "  # noqa: S608
        f"case when valid_to_load = {int(load_id)} then 1 else 0 end as ended "
        f"from {target.name(table)} "
        f"where valid_from_load = {int(load_id)} or valid_to_load = {int(load_id)}"
    )
    seals.take(engine, target, sql, "found_version", _FOUND)
    engine.view("due", changes / f"{table}.parquet")
    due, met, found = engine.rows("""
        with due_version as (
            select row_id, wanted as content_hash, false as ended from due where change <> 'closed'
            union all
            select row_id, held, true from due where change <> 'added')
        select (select count(*) from due_version),
            (select count(*) from due_version
                semi join found_version using (row_id, content_hash, ended)),
            (select count(*) from found_version)""")[0]
    # No version is due twice: when each is met and there are no more, each is there once.
    return int(due - met + max(found - met, 0))
