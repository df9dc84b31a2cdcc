"""Identities made comparable: numbers read and checked, names folded, placeholders taken out.

Each different name, street and telephone is read once; then every identity finds its own. Nothing
here looks beyond an identity, but for what tells how a source was read.
"""

from importlib.resources import files

from link import pages
from link.settings import LinkModel
from minns.codes import NATIONAL_RESERVE, NUMBER_KINDS, macros
from minns.engine import Engine, literal
from minns.step import Room

#: Identities of a batch: far more than one ever has.
_BATCH = 2**40
_NAMES = ("given_names", "surname", "called_name")
#: Are identities told more than once, or in another order than they are numbered in?
_DISORDERED = """
select bool_or(case when place = last_place then own <= last_own else place < last_place end) from (
    select place, own, lag(place) over () as last_place, lag(own) over () as last_own
    from (select $place as place, local_patient_id as own from told_patient)
)
"""


def load_macros(engine: Engine) -> None:
    """Make the macros for numbers, names, dates and homes known in a session."""
    engine.run(macros())
    engine.run(_sql("folding"))
    engine.run(pages.macros())
    engine.run(_sql("macros"))


def _sql(name: str) -> str:
    return files("link").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def standardise(room: Room, sources: tuple[str, ...], batch: int, model: LinkModel) -> None:
    """Reads `patient`; writes `standard`, one row for each identity, numbered in source order."""
    engine = room.engine
    load_macros(engine)
    _told(engine, sources, batch)
    kinds = "values " + ", ".join(f"({literal(kind)})" for kind in NUMBER_KINDS)
    engine.run(_sql("standardise_numbers").replace("$kinds", kinds))
    engine.run(_sql("standardise_names"))
    engine.run(_sql("standardise_homes"))
    room.write("standard", _sql("standardise").replace("$national_reserve", NATIONAL_RESERVE.oid))


def _told(engine: Engine, sources: tuple[str, ...], batch: int) -> None:
    """Make `batch_patient`: what is told of each identity last, a date for want of one left out,
    with its number: sources in the order given, then their own ids.
    """
    listed = ", ".join(literal(source) for source in sources)
    engine.run("set preserve_insertion_order = true")
    engine.run(
        "create or replace temp table told_patient as select * replace ("  # noqa: S608
        "case when not is_no_date(birth_date) then birth_date end as birth_date"
        f"{_mended(engine, listed)}) from patient where source in ({listed})"
    )
    place = f"list_position([{listed}], source)"
    if engine.value(_DISORDERED.replace("$place", place)):
        engine.run(
            "create or replace temp table told_patient as from told_patient"
            " qualify row_number() over (partition by source, local_patient_id"
            " order by recorded_at desc nulls last, source_table, row_key) = 1"
            f" order by {place}, local_patient_id"
        )
    engine.run("set preserve_insertion_order = false")
    engine.run(
        "create or replace temp view batch_patient as"  # noqa: S608
        f" select *, {batch * _BATCH + 1} + rowid as id from told_patient"
    )


def _mended(engine: Engine, listed: str) -> str:
    """Replacements for the names of sources that were read in a DOS page through and through.

    Letters of other languages are Swedish ones there; single names that show the damage are mended
    anyhow.
    """
    marked = f"strlen(name) > length(name) and regexp_matches(name, {literal(pages.DOS_MARKS)})"
    any_marked = " or ".join(marked.replace("name", name) for name in _NAMES)
    if not engine.rows(f"select 1 from patient where {any_marked} limit 1"):  # noqa: S608
        return ""
    told = f"select source, unnest([{', '.join(_NAMES)}]) as name from patient"  # noqa: S608
    letters = f"regexp_matches(name, {literal(pages.DOS_LETTERS)})"
    found = engine.rows(
        f"select source from (select distinct * from ({told} where source in ({listed})))"  # noqa: S608
        f" group by source having count(*) filter ({marked}) > 0 and 2 * count(*) filter ({marked})"
        f" >= count(*) filter ({letters} and not {marked}) order by source"
    )
    if not found:
        return ""
    damaged = ", ".join(literal(source) for (source,) in found)
    return "".join(
        f", case when source in ({damaged}) then {pages.undone_sql(name)} else {name} end as {name}"
        for name in _NAMES
    )
