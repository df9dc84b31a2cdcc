"""What a load left in the target, as files that are still at hand: the next difference is then
found without reading the target's rows.

The note of it belongs to one state of one record: it tells the sums of the seals which that load
left there. Where they differ, or where the files are gone, nothing is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from load.relational import Target
from minns.model import TARGET

#: One state of a record: of each table the sums of its seals, and its last load.
Sums = list[list[str]]


@dataclass(frozen=True)
class Known:
    """The Parquet parts of each table that a load was of, and the state in which it left the
    record.
    """

    parts: Mapping[str, list[Path]]
    state: Sums


def state(target: Target) -> Sums:
    """What tells the state of a sealed record from any other."""
    if not target.is_sealed():
        return []
    listed = ", ".join(
        f"cast(sum({name}) as text)" for name in ("versions", "content", "ended", "marks")
    )
    loads = [[str(row.load_id), row.run_id, row.state] for row in target.loads()[-1:]]
    return loads + target.texts(
        f"select table_name, {listed} from {target.name('seal')} "  # noqa: S608
        "group by table_name order by table_name"
    )


def recall(target: Target, known: Known) -> Mapping[str, list[Path]]:
    """The parts of what is true now in the target; none, when it is in another state."""
    there = all(part.is_file() for parts in known.parts.values() for part in parts)
    if not there or set(known.parts) != set(TARGET) or known.state != state(target):
        return {}
    return known.parts


__all__ = ["Known", "recall", "state"]
