"""Who may see a fact: the blocks (spärr) that cover it, and the unit that owns it from now on.

In: `coded` and `stated` of one kind (transform.consolidate), and the reviewed map of care units.
Out: the derived columns model.ACCESS of its facts and of each row behind them.

A block covers a row of its person when it stands (nothing says that it was taken back), does not
exempt the row's kind, its days hold the row's own (when it was written, else when it was so; a row
without a day is covered), and the row is its unit's, else its care giver's. A unit is the same by
the source's own id, or when the map led both to one unit of the shared record: a block follows its
unit. A row that names no owner may be the blocked one's: a block of its own source covers it; a
block that names nobody covers all that its source says.

A fact takes the strictest of the rows behind it: every kind of block that covers one of them covers
it (inner and outer close towards different readers, so both are kept). Each row keeps its own word
in lineage: what an open unit wrote stays open to who may see that row.
"""

from minns.engine import Engine, literal
from minns.model import CARE_UNIT, FIRST, RECORD_UNIT
from transform.dates import WHEN

#: Kinds that a block may leave open, as blocks name them: medicines and alerts.
_EXEMPT = {"medication": "lak", "alert": "upp"}
_STANDS = "status in ('active', 'unknown')"

_UNITS = f"""
    create or replace table unit_now as
    select u.care_unit, m.code as record_unit
    from (select distinct care_unit from ({{}})) as u
    join code_map as m on m.local_system = '{CARE_UNIT}' and m.system = '{RECORD_UNIT}'
        and m.equivalence in ('equal', 'equivalent', 'wider')
        and m.local_code = upper(trim(u.care_unit))"""  # noqa: S608
_BLOCKS = f"""
    create or replace table block as
    select c.person_id, c.source, coalesce(s.fact_id, c.own_id) as block_id, block_type,
        blocked_care_unit as unit, u.record_unit, blocked_care_giver as giver,
        coalesce(information_from, date '0001-01-01') as first_day,
        coalesce(information_to, date '9999-12-31') as last_day,
        string_split(coalesce(exempt, ''), ' ') as exempt
    from coded as c
    left join stated as s on s.place_in_coded = c.rowid
    left join unit_now as u on u.care_unit = c.blocked_care_unit
    where {_STANDS}"""  # noqa: S608
_OWNER = """case
    when b.unit is not null and c.care_unit is not null
        then b.unit = c.care_unit or b.record_unit = u.record_unit
    when b.unit is not null
        then b.source = c.source and coalesce(b.giver = c.care_giver, true)
    when b.giver is not null and c.care_giver is not null then b.giver = c.care_giver
    else b.source = c.source end"""


#: The units that rows name, kind by kind.
USED_UNITS = """
    create table used_unit (
        source varchar, care_unit varchar, occurrences bigint, patients bigint
    )"""


def load_units(engine: Engine, rows: str, column: str = "care_unit") -> None:
    """Make `unit_now` in the session: the care units that rows name and that a map leads on."""
    engine.run(_UNITS.format(f"select {column} as care_unit from {rows}"))  # noqa: S608


def united_sql(rows: str) -> str:
    """The rows with the unit of the shared record that owns them (`record_unit`)."""
    return f"select r.*, u.record_unit from ({rows}) as r left join unit_now as u using (care_unit)"  # noqa: S608


def stage_blocks(engine: Engine) -> None:
    """Make `block` and `blocked_unit` in the session, of `coded` and `stated` of the blocks."""
    load_units(engine, "coded", "blocked_care_unit")
    engine.run("create table blocked_unit as from unit_now")
    engine.run(_BLOCKS)


def stage_access(engine: Engine, kind: str) -> None:
    """Make, of `coded` and `stated`: `unit_now`, `shut_row` and `shut_fact`, what is blocked."""
    load_units(engine, "coded")
    engine.run(f"create or replace table shut as {_covered_sql(kind)}")
    engine.run(
        "create or replace table shut_row as select place_in_coded, "  # noqa: S608
        f"{_strictest('block_type')} as blocked from shut group by place_in_coded"
    )
    engine.run(
        f"create or replace table shut_fact as select fact_id, {_strictest('block_type')} "  # noqa: S608
        f"as blocked, {_strictest('block_id')} as blocked_by from shut group by fact_id"
    )
    engine.run("drop table shut")


def _strictest(column: str) -> str:
    return f"string_agg(distinct {column}, ' ' order by {column})"


def _covered_sql(kind: str) -> str:
    """Each row that a block covers, with its fact and that block."""
    if kind == FIRST:
        none = "cast(null as varchar)"
        return (
            f"select 0 as place_in_coded, {none} as fact_id, {none} as block_type, "
            f"{none} as block_id where false"
        )
    day = f"cast(coalesce(c.recorded_at, c.{WHEN[kind]}) as date)"
    word = literal(_EXEMPT.get(kind, "-"))
    return f"""
        select c.rowid as place_in_coded, coalesce(s.fact_id, c.own_id) as fact_id,
            b.block_type, b.block_id
        from coded as c
        join block as b on b.person_id = c.person_id
        left join stated as s on s.place_in_coded = c.rowid
        left join unit_now as u on u.care_unit = c.care_unit
        where coalesce({day} between b.first_day and b.last_day, true)
          and not list_contains(b.exempt, {word})
          and {_OWNER}"""  # noqa: S608


def shown_sql(kind: str, facts: str) -> str:
    """The facts of the query `facts` with who may see them (model.ACCESS)."""
    if kind == FIRST:
        return f"""
            select f.*, u.record_unit, b.record_unit as blocked_record_unit {_facts(facts)}
            left join blocked_unit as b on b.care_unit = f.blocked_care_unit"""
    return f"""
        select f.*, u.record_unit, a.blocked, a.blocked_by {_facts(facts)}
        left join shut_fact as a using (fact_id)"""


def _facts(facts: str) -> str:
    return f"from ({facts}) as f left join unit_now as u using (care_unit)"


def drop_access(engine: Engine) -> None:
    """Drop what `stage_access` made."""
    for table in ("unit_now", "shut_row", "shut_fact"):
        engine.run(f"drop table {table}")


def unit_sql(kind: str) -> str:
    """The unit that a row of a kind names; of a block, the one that it blocks."""
    return "coalesce(blocked_care_unit, care_unit)" if kind == FIRST else "care_unit"


def count_units_sql(kind: str) -> str:
    """The units that the rows of a kind name."""
    unit = unit_sql(kind)
    return f"""
        select source, {unit}, count(*), count(distinct local_patient_id) from coded
        where tidy({unit}) is not null group by all"""  # noqa: S608


def unit_use_sql() -> str:
    """How often each unit occurs and what it became (model.CODE_USE, kind `care_unit`); patients:
    at least so many. Nothing where nobody has begun a map of units.
    """
    return f"""
        select 'care_unit' as kind, source, '{CARE_UNIT}' as local_system,
            care_unit as local_code, cast(sum(occurrences) as bigint) as occurrences,
            max(patients) as patients, min(m.system) as system, min(m.code) as code
        from used_unit
        left join code_map as m on m.local_system = '{CARE_UNIT}' and m.system = '{RECORD_UNIT}'
            and m.local_code = upper(trim(care_unit))
            and m.equivalence in ('equal', 'equivalent', 'wider')
        where exists (select 1 from every_map where local_system = '{CARE_UNIT}')
        group by source, care_unit"""  # noqa: S608
