"""Who and what research does not get, and why: told of every row that is left out.

Left out: protected persons with all that is theirs, facts that a block covers, and the blocks
themselves (each says where a patient was who asked that it be closed). What only tells of these
goes with them: identities, lineage, conflicts, and the groups of the medication picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from minns.engine import Engine
from minns.model import CONFLICT, FACTS, FIRST, IDENTITY, LINEAGE, MEDICATION_GROUP, PERSON, TARGET

_PROTECTED = "t.person_id in (from gone_person)"
_PROTECTED_FACT = (
    "t.kind = 'patient' and t.fact_id in (from gone_person) "
    "or t.fact_id in (select fact_id from gone_fact where reason = 'protected')"
)
_SHUT_GROUP = (
    "t.blocked is not null "
    "or t.group_id in (select group_id from record_medication where blocked is not null)"
)
_HIDDEN = "(select fact_id from gone_fact where reason <> 'protected')"


@dataclass(frozen=True)
class Count:
    """Rows of one table: in the record, and left out by reason."""

    record: int
    left_out: Mapping[str, int]

    @property
    def kept(self) -> int:
        return self.record - sum(self.left_out.values())


def stage_kept(engine: Engine) -> dict[str, Count]:
    """Make, of `record_<table>`: `kept_<table>`, and what is gone: `gone_person`, `gone_fact`
    (kind, fact_id, reason) and `gone_group`.
    """
    engine.run(
        "create table gone_person as select person_id from record_person where protection <> 'none'"
    )
    gone = " union all ".join(
        f"select '{kind}' as kind, fact_id, {_reason(kind)} as reason from record_{kind} as t "  # noqa: S608
        "where reason is not null"
        for kind in FACTS
    )
    engine.run(f"create table gone_fact as {gone}")
    engine.run(
        "create table gone_group as select group_id from record_medication_group as t "  # noqa: S608
        f"where {_reason(MEDICATION_GROUP.name)} is not null"
    )
    return {table: _keep(engine, table) for table in TARGET}


def _keep(engine: Engine, table: str) -> Count:
    engine.run(
        f"create view kept_{table} as select * from record_{table} as t "  # noqa: S608
        f"where {_reason(table)} is null"
    )
    rows = engine.rows(
        f"select {_reason(table)} as reason, count(*) from record_{table} as t "  # noqa: S608
        "group by all order by all"
    )
    return Count(sum(n for _, n in rows), {why: n for why, n in rows if why is not None})


def _reason(table: str) -> str:
    """SQL for why a row `t` of a table is left out; NULL: it is kept."""
    if table == PERSON.name:
        return "case when t.protection <> 'none' then 'protected' end"
    if table == FIRST:
        return f"case when {_PROTECTED} then 'protected' else 'block' end"
    if table in FACTS:
        return f"case when {_PROTECTED} then 'protected' {_when('t.blocked is not null')} end"
    return f"case when {_BESIDES[table]} end"


def _when(condition: str) -> str:
    return f"when {condition} then 'blocked'"


#: Of a table that holds no facts of its own: whose rows tell of somebody or something left out.
_BESIDES = {
    IDENTITY.name: f"{_PROTECTED} then 'protected'",
    MEDICATION_GROUP.name: f"{_PROTECTED} then 'protected' {_when(_SHUT_GROUP)}",
    CONFLICT.name: f"{_PROTECTED} then 'protected' "
    + _when(f"t.fact_id in {_HIDDEN} or t.other_fact_id in {_HIDDEN}"),
    LINEAGE.name: f"{_PROTECTED_FACT} then 'protected' when t.kind = '{FIRST}' then 'block' "
    + _when(f"t.blocked is not null or t.fact_id in {_HIDDEN}"),
}
