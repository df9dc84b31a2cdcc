"""The desired record: every table of the target, each row with its id and its content's hash."""

from collections.abc import Mapping
from pathlib import Path

from minns.engine import hash_sql, literal, quote
from minns.model import CODED, CONFLICT, DUCKDB, FIRST, IDENTITY, KINDS, PERSON, TARGET, Table
from minns.step import Room
from transform.access import (
    USED_UNITS,
    count_units_sql,
    drop_access,
    load_units,
    shown_sql,
    stage_access,
    stage_blocks,
    unit_use_sql,
    united_sql,
)
from transform.alerts import grouped_sql
from transform.codes import code_patients_sql, code_use_sql, coded_sql, load_code_maps
from transform.conflicts import conflicts_sql
from transform.consolidate import facts_sql, lineage_sql, stage
from transform.dates import load_dates
from transform.evidence import note_conflicts, note_persons, open_conflicts_sql
from transform.groups import drop_groups, groups_sql, stage_groups
from transform.medicine import drop_picture, pictured_sql, stage_picture
from transform.persons import person_conflicts_sql, person_lineage_sql, persons_sql, stage_persons
from transform.scope import scope_tables, taken_sql, write_excluded
from transform.values import load_values, valued_sql
from transform.versions import VERSIONED, versioned_sql


def hashed_sql(table: Table, rows: str) -> str:
    """The rows of a target table in the model's columns and types, with `row_id` and
    `content_hash`, in the order of `row_id`.

    `row_id` is 20 hex digits of the md5 over the table's key, `content_hash` the md5 over all its
    columns; both over the rendering that `minns/macros.sql` defines.
    """
    typed = ", ".join(
        f"cast({quote(c.name)} as {DUCKDB[c.type]}) as {quote(c.name)}" for c in table.columns
    )
    key = [table.column(name) for name in table.key]
    return f"""
        select left({hash_sql(key)}, 20) as row_id, {hash_sql(table.columns)} as content_hash, *
        from (select {typed} from ({rows}))
        order by row_id"""  # noqa: S608


def desired_record(
    room: Room,
    *,
    sources: tuple[str, ...],
    scope: Mapping[str, tuple[str, ...]],
    code_maps: tuple[Path, ...],
) -> None:
    """Write the tables of `minns.model.TARGET` (hashed), `excluded`, and how codes were used."""
    scope_tables(room, sources, scope)
    room.engine.run(USED_UNITS)
    load_code_maps(room.engine, code_maps)
    write_excluded(room)
    _write_persons(room)
    load_dates(room.engine, sources, _read(room.draft.part("person")))
    # what a block covers is told on the facts of every other kind
    for number, kind in enumerate((FIRST, *(kind for kind in KINDS if kind != FIRST))):
        room.progress(number, len(KINDS))
        _write_kind(room, kind)
    described = [room.draft.part("lineage", n) for n in range(len(KINDS) + 1)]
    listed = ", ".join(literal(str(path)) for path in described)
    rows = room.engine.value(f"select count(*) from read_parquet([{listed}])")  # noqa: S608
    room.draft.describe("lineage", rows=int(rows))
    facts = {kind: room.draft.part(kind) for kind in (*KINDS, "person")}
    room.write("conflict", hashed_sql(CONFLICT, open_conflicts_sql(room.engine, facts)))
    for name, units in (("code_use", unit_use_sql()), ("code_patients", None)):
        counts = " union all ".join(f"select * from {name}_{kind}" for kind in CODED)  # noqa: S608
        counts += f" union all {units}" if units else ""
        room.write(name, f"select * from ({counts}) order by all")  # noqa: S608


def _read(path: Path) -> str:
    return f"read_parquet({literal(str(path))})"


def _part(room: Room, name: str, number: int, rows: str) -> None:
    """Write one part of a table that all kinds share."""
    room.engine.copy(hashed_sql(TARGET[name], rows), room.draft.part(name, number))


def _write_persons(room: Room) -> None:
    identity = hashed_sql(
        IDENTITY, "select * from identity anti join held using (source, local_patient_id)"
    )
    room.write("identity", identity)
    room.engine.run(
        "create view taken_patient as select p.*, i.person_id, i.method, o.place "
        "from patient as p join identity as i using (source, local_patient_id) "
        "join source_order as o using (source) "
        "where not exists (select 1 from held as h where h.source = p.source "
        "and h.local_patient_id = p.local_patient_id)"
    )
    stage_persons(room.engine)
    room.write("person", hashed_sql(PERSON, persons_sql()))
    _part(room, "lineage", 0, person_lineage_sql())
    note_conflicts(room.engine, person_conflicts_sql())
    note_persons(room.engine)
    room.engine.run("drop table known")


def _write_kind(room: Room, kind: str) -> None:
    """Facts, lineage, conflicts and use of codes of one kind."""
    rows = coded_sql(kind, f"({taken_sql(kind)})")
    if kind == "observation":
        load_values(room.engine)
        rows = valued_sql(rows)
    if kind == "care_contact":
        load_units(room.engine, kind)
        rows = united_sql(rows)
    stage(room.engine, kind, rows)
    if kind == FIRST:
        stage_blocks(room.engine)
    stage_access(room.engine, kind)
    room.engine.run(f"insert into used_unit {count_units_sql(kind)}")
    if kind in CODED:
        room.engine.run(f"create table code_use_{kind} as {code_use_sql(kind, 'coded')}")
        room.engine.run(f"create table code_patients_{kind} as {code_patients_sql(kind, 'coded')}")
    number = KINDS.index(kind) + 1
    facts = facts_sql(kind)
    if kind == "alert":
        facts = grouped_sql(facts)
    if kind in VERSIONED:
        facts = versioned_sql(kind, facts)
    if kind == "medication":
        stage_picture(room.engine)
        stage_groups(room.engine)
        facts = pictured_sql(facts)
        room.write("medication_group", hashed_sql(TARGET["medication_group"], groups_sql()))
    room.write(kind, hashed_sql(TARGET[kind], shown_sql(kind, facts)))
    _part(room, "lineage", number, lineage_sql(kind))
    note_conflicts(room.engine, conflicts_sql(kind))
    if kind == "medication":
        drop_groups(room.engine)
        drop_picture(room.engine)
    drop_access(room.engine)
    room.engine.run("drop table coded; drop table stated")
