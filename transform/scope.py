"""Which canonical rows the waves take: those of identities that are not held, of units in scope."""

from collections.abc import Mapping

from minns.engine import literal
from minns.model import FIRST, KINDS
from minns.step import Room

#: The rule under which a row of a care unit that its wave does not take is left out.
OUT_OF_SCOPE = "out_of_scope"
#: Whether the row `r` is of a unit that its source's wave takes, as SQL.
_IN_SCOPE = """(
            r.care_unit is null
            or not exists (select 1 from source_scope as s where s.source = r.source)
            or exists (
                select 1 from source_scope as s
                where s.source = r.source and s.care_unit = r.care_unit
            )
          )"""


def scope_tables(
    room: Room, sources: tuple[str, ...], scope: Mapping[str, tuple[str, ...]]
) -> None:
    """Make `source_order` (source, place) and `source_scope` (source, care_unit) in the session."""
    places = ", ".join(f"({literal(s)}, {place})" for place, s in enumerate(sources))
    room.engine.run(
        f"create table source_order as select * from (values {places}) as t (source, place)"  # noqa: S608
    )
    room.engine.run("create table source_scope (source varchar, care_unit varchar)")
    pairs = [f"({literal(s)}, {literal(unit)})" for s, units in scope.items() for unit in units]
    if pairs:
        room.engine.run(f"insert into source_scope values {', '.join(pairs)}")  # noqa: S608


def out_of_scope_sql(kind: str) -> str:
    """Rows of `kind` whose care unit is named and not one that their source's wave takes."""
    return f"""
        select source, source_table, row_key, '{OUT_OF_SCOPE}' as rule
        from {kind} as r
        where r.care_unit is not null
          and exists (select 1 from source_scope as s where s.source = r.source)
          and not exists (
              select 1 from source_scope as s
              where s.source = r.source and s.care_unit = r.care_unit
          )"""  # noqa: S608


def write_excluded(room: Room) -> None:
    """Write the rows that the waves leave out, each once."""
    # A block is never left out: whatever unit it was asked for at, it may cover what is taken.
    union = " union ".join(out_of_scope_sql(kind) for kind in KINDS if kind != FIRST)
    room.write("excluded", f"select * from ({union}) order by all")  # noqa: S608


def taken_sql(kind: str, identity: str = "identity") -> str:
    """Rows of `kind` that become facts, with their person and their source's place; of the
    identities of the table `identity` only.
    """
    everywhere = "true" if kind == FIRST else _IN_SCOPE
    return f"""
        select r.*, i.person_id, o.place
        from {kind} as r
        join {identity} as i using (source, local_patient_id)
        join source_order as o using (source)
        where not exists (
            select 1 from held as h
            where h.source = r.source and h.local_patient_id = r.local_patient_id
        )
          and {everywhere}"""  # noqa: S608
