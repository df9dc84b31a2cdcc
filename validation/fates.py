"""What became of every row: one line a statement, one fate a row, and the books that must balance.

Comes in: the shapes' rows, quarantine and canonical tables, the link's held identities, the
transform's lineage. Goes out: `fate`, `row_fate`, the balances, and two tables that must be empty:
`unexplained` and `fault`. Nothing is ever given a fate here that no stage gave it.
"""

from importlib.resources import files
from pathlib import Path

from minns.engine import literal, quote
from minns.model import CANONICAL, FATE, FATE_ORDER, FATES
from minns.step import Room, Step

_HERE = Path(__file__).parent
POINTER = "source, source_table, row_key"
WRITES = ("fate", "row_fate", "balance", "balance_kind", "unexplained", "fault")


def steps(sources: tuple[str, ...]) -> tuple[Step, ...]:
    """The step `fates` over these sources' shapes, the link and the transform."""
    shapes = {name: tuple(f"shape-{source}.{name}" for source in sources) for name in _SHAPED}
    reads = {
        **shapes,
        "excluded": (*shapes["excluded"], "transform.excluded"),
        "held": ("link.held",),
        "lineage": ("transform.lineage",),
    }
    code = (_HERE / "fates.py", _HERE / "fates.sql")
    return (Step("fates", reads, WRITES, fates, code),)


_SHAPED = ("row", "quarantine", "excluded", *CANONICAL)


def fates(room: Room) -> None:
    """Give every row its fate and write the books."""
    room.engine.run(_statement_view())
    room.engine.run(_rank_macro())
    room.engine.run(files("validation").joinpath("fates.sql").read_text(encoding="utf-8"))
    columns = ", ".join(quote(name) for name in FATE.names)
    room.write("fate", f"select {columns} from line order by all")  # noqa: S608
    room.write("row_fate", "from row_fate order by all")
    room.write("unexplained", "from unexplained order by all")
    room.write("fault", "from fault order by all")
    room.write("balance", _balance())
    room.write("balance_kind", _balance_kind())


def _statement_view() -> str:
    parts = " union all ".join(
        f"select {POINTER}, {literal(kind)} as kind, "  # noqa: S608
        f"{'local_patient_id' if 'local_patient_id' in table.names else 'null'} as local_patient_id"
        f" from {quote(kind)}"
        for kind, table in CANONICAL.items()
    )
    return f"create or replace temp view statement as {parts}"


def _rank_macro() -> str:
    order = ", ".join(literal(fate) for fate in FATE_ORDER)
    return f"create or replace temp macro fate_rank(fate) as list_position([{order}], fate)"


def _sums(counted: str) -> str:
    return ", ".join(f"{counted} filter (fate = {literal(fate)}) as {fate}" for fate in FATES)


def _balance() -> str:
    """Landed rows by source and table, beside the fates that were posted for them."""
    return f"""
        select source, source_table, sum(landed)::bigint as extracted, {_sums("count(*)")},
            sum(lost)::bigint as unexplained
        from (
            select source, source_table, 1 as landed, null as fate, 0 as lost from "row"
            union all
            select source, source_table, 0, fate, 0 from row_fate
            union all
            select source, source_table, 0, null, 1
            from (select distinct {POINTER} from unexplained)
        )
        group by source, source_table
        order by source, source_table
    """  # noqa: S608


def _balance_kind() -> str:
    """Statements by kind and source, each under its first fate."""
    return f"""
        select kind, source, count(*) as statements, {_sums("count(*)")},
            count(*) filter (fate is null) as unexplained
        from (
            select {POINTER}, kind, arg_min(fate, fate_rank(fate)) as fate
            from (
                select {POINTER}, kind, fate from line where kind <> ''
                union all
                select {POINTER}, kind, null from unexplained where kind <> ''
            )
            group by {POINTER}, kind
        )
        group by kind, source
        order by kind, source
    """  # noqa: S608
