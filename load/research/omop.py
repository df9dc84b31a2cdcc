"""The record as tables of the OMOP Common Data Model 5.4: what is kept, as events with concepts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from load.research.cdm import Field, tables
from load.research.columns import Choice
from load.research.concepts import stage_concepts
from load.research.ids import DIGITS, id_sql, make_macro, settle
from load.research.kept import Count
from load.research.occurrences import event_sql, stage_reasons
from load.research.rows import EVENTS, REFERENCES, others, source_row
from minns.engine import Engine, literal, quote
from minns.model import FACTS, FIRST
from minns.step import Progress, silent

_KINDS = tuple(kind for kind in FACTS if kind != FIRST)
#: Tables whose rows have an id of ours, by the column that holds it.
_OWN = {table: f"{table}_id" for table in tables()} | {"death": "", "cdm_source": ""}


@dataclass(frozen=True)
class About:
    """What cdm_source tells: the day of the last load, the vocabulary, who holds the data."""

    day: str
    vocabulary: str | None
    holder: str
    version: str


def write_tables(
    engine: Engine,
    folder: Path,
    scratch: Path,
    choice: Choice,
    about: About,
    progress: Progress = silent,
    digits: int = DIGITS,
) -> dict[str, Any]:
    """Write `<table>.parquet` for each table of the model that the record can fill.

    `kept_<table>` and the vocabulary are staged. Gives the rows of each table, what became of the
    facts by kind, persons, dates that were assumed, and ids that met.
    """
    make_macro(engine, digits)
    _stage_persons(engine)
    stage_concepts(engine)
    stage_reasons(engine, choice)
    for kind in _KINDS:
        engine.copy(event_sql(kind, choice), scratch / f"event_{kind}.parquet")
    engine.view("event", [scratch / f"event_{kind}.parquet" for kind in _KINDS])
    sources = _sources(choice, about)
    clashes = {table: _settle(engine, table, *sources[table]) for table in sources}
    rows = {}
    for done, (table, (place, said)) in enumerate(sources.items()):
        progress(done, len(sources))
        sql = _rows_sql(table, place, said, clashes)
        rows[table] = engine.copy(sql, folder / f"{table}.parquet")
    progress(len(sources), len(sources))
    return {
        "tables": {table: rows[table] for table in tables()},
        "concepts": _coverage(engine, EVENTS),
        "dates": _assumed(engine),
        "ids_hashed_again": {table: len(found) for table, found in clashes.items() if found},
    }


def _stage_persons(engine: Engine) -> None:
    """Make `omop_person`: who has a year of birth, else that of the number."""
    born = (
        "coalesce(year(birth_date), case when number_type in ('personal', 'coordination') "
        "then try_cast(left(number, 4) as integer) end)"
    )
    place = "concat_ws('|', street, postal_code, city)"
    engine.run(
        f"create table omop_person as select *, {born} as year, {place} as place "  # noqa: S608
        f"from kept_person where {born} is not null"
    )


def _sources(choice: Choice, about: About) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Of every table: what it is read from, and its columns of that."""
    events = {
        table: (f"(from event where target = '{table}')", said) for table, said in EVENTS.items()
    }
    vocabulary = about.vocabulary or "none"
    texts = (literal(t) for t in (about.day, vocabulary, about.holder, about.version))
    beside = others(choice)
    if not choice.with_identifiers:
        events = {t: (p, {**said, "provider_id": "null"}) for t, (p, said) in events.items()}
        place, said = beside["person"]
        beside["person"] = (place, {**said, "location_id": "null"})
    return {**beside, **events, "cdm_source": ("(select 1)", source_row(*texts))}


def _settle(engine: Engine, table: str, place: str, said: Mapping[str, str]) -> dict[str, int]:
    name = said.get(_OWN[table])
    if name is None:
        return {}
    return settle(engine, f"select {name} as name from {place} as e")  # noqa: S608


def _rows_sql(
    table: str, place: str, said: Mapping[str, str], clashes: Mapping[str, Mapping[str, int]]
) -> str:
    def value(field: Field) -> str:
        sql = said.get(field.name, "null")
        if field.own_id and sql != "null":
            of = table if field.name == _OWN[table] else REFERENCES[field.name]
            made = id_sql(f"({sql})", clashes[of])
            sql = made if field.required else f"case when {sql} <> '' then {made} end"
        if field.width is not None:
            sql = f"left(cast({sql} as varchar), {field.width})"
        return f"cast({sql} as {field.stored}) as {quote(field.name)}"

    values = ", ".join(value(field) for field in tables()[table])
    return f"select {values} from {place} as e order by 1, 2"  # noqa: S608


def balance(engine: Engine, counts: Mapping[str, Count]) -> dict[str, dict[str, Any]]:
    """What became of the facts of each kind: in the record, exported, left out by reason."""
    found = {}
    for kind in FACTS:
        left = dict(counts[kind].left_out)
        exported = 0
        if kind != FIRST:
            left |= dict(
                engine.rows(
                    f"select reason, count(*) from stated_{kind} "  # noqa: S608
                    "where reason is not null group by reason order by reason"
                )
            )
            exported = engine.value(
                "select count(distinct fact_id) from event where kind = ?", [kind]
            )
        if counts[kind].record != exported + sum(left.values()):
            raise RuntimeError(f"the facts of {kind} do not balance")
        found[kind] = {"record": counts[kind].record, "exported": exported, "left_out": left}
    return found


def persons(engine: Engine, count: Count) -> dict[str, Any]:
    """As `balance`, of persons."""
    exported = int(engine.value("select count(*) from omop_person"))
    nameless = count.kept - exported
    left = {**count.left_out, **({"no_birth_year": nameless} if nameless else {})}
    return {"record": count.record, "exported": exported, "left_out": left}


def _coverage(engine: Engine, of: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Rows of each event table, and those with concept 0."""
    rows = engine.rows(
        "select target, count(*), count(*) filter (where concept_id = 0) from event "
        "group by target order by target"
    )
    return {table: {"rows": n, "unmapped": zero} for table, n, zero in rows if table in of}


#: What was assumed of a day, by what makes it so.
_ASSUMED: Mapping[str, str] = {
    "by_recording": "by_recording",
    "first_day_of_period": "approximate",
    "end_by_days": "target = 'drug_exposure' and verbatim_end is null and days is not null",
    "end_is_start": "target = 'drug_exposure' and verbatim_end is null and days is null",
    "end_before_start": "target = 'drug_exposure' and verbatim_end < day",
    "end_unknown": "target = 'visit_occurrence' and end_moment is null",
}


def _assumed(engine: Engine) -> dict[str, dict[str, int]]:
    counts = ", ".join(f"count(*) filter (where {rule})" for rule in _ASSUMED.values())
    rows = engine.rows(f"select target, {counts} from event group by target order by target")  # noqa: S608
    found = {table: dict(zip(_ASSUMED, counts, strict=True)) for table, *counts in rows}
    return {table: {k: n for k, n in told.items() if n} for table, told in found.items()}


def unmapped_sql() -> str:
    """SQL for the codes without a standard concept: how many rows of which table say them."""
    return """
        select target as "table", local_system, source_value, system, code, count(*) as rows
        from event where concept_id = 0 and target not in ('visit_occurrence', 'note')
        group by all order by all"""
