"""What people judged is laid over the conflicts: settled, as long as both sides say the same.

Nothing else of the record depends on these judgements: no fact goes, none wins.
"""

from pathlib import Path

from minns.model import CONFLICT
from minns.step import Room, Step
from transform.record import hashed_sql

_JUDGED = ("state", "verdict", "settled_by", "settled_at")


def settle_step(judgements: tuple[str, ...]) -> Step:
    """The step `settle`: the conflicts of `transform`, with their state.

    `judgements`: references to tables of `minns.model.CONFLICT_JUDGEMENT`.
    """
    return Step(
        name="settle",
        reads={"found": ("transform.conflict",), "conflict_judgement": judgements},
        writes=("conflict",),
        do=settle,
        code=(Path(__file__), Path(__file__).with_name("record.py")),
    )


def settle(room: Room) -> None:
    """Write `conflict`. The last judgement on what a conflict rests on counts; a conflict whose
    facts have changed since is open again.
    """
    kept = ", ".join(f"f.{name}" for name in CONFLICT.names if name not in _JUDGED)
    judged = f"""
        with last as (
            select * from conflict_judgement
            qualify row_number() over (
                partition by conflict_id, evidence_hash order by sequence desc) = 1
        )
        select {kept}, case when l.verdict is null then 'open' else 'settled' end as state,
            l.verdict, l.settled_by, l.settled_at
        from found as f
        left join last as l on l.conflict_id = f.conflict_id
            and l.evidence_hash = f.evidence_hash and l.verdict <> 'withdrawn'"""  # noqa: S608
    room.write("conflict", hashed_sql(CONFLICT, judged))
