"""Identities made comparable: numbers read and checked, names folded, placeholders taken out."""

from importlib.resources import files

from link.clusters import components
from link.settings import LinkSettings
from minns.codes import NATIONAL_RESERVE, macros
from minns.engine import Engine, literal
from minns.step import Room

#: Of a mother and a day of birth, no source knows more than one child: no twins to confuse.
_STANDARD = """
select r.*, coalesce(b.children = 1, false) as only_child
from rooted r
left join (
    select mother_key, born, max(children) as children
    from (
        select mother_key, born,
            count(distinct coalesce(number_root, cast(id as varchar))) as children
        from rooted where mother_key is not null and born is not null
        group by mother_key, born, source
    )
    group by mother_key, born
) b using (mother_key, born)
order by r.id
"""


def load_macros(engine: Engine) -> None:
    """Make the macros for numbers, names, dates and homes known in a session."""
    engine.run(macros())
    engine.run(files("link").joinpath("macros.sql").read_text(encoding="utf-8"))


def standardise(room: Room, sources: tuple[str, ...], settings: LinkSettings) -> None:
    """Reads `patient`; writes `standard`, one row for each identity, numbered in source order."""
    engine = room.engine
    load_macros(engine)
    listed = ", ".join(f"({i}, {literal(source)})" for i, source in enumerate(sources))
    engine.run(
        f"create or replace temp table source_order as from (values {listed}) t(position, source)"
    )
    text = files("link").joinpath("standardise.sql").read_text(encoding="utf-8")
    text = text.replace("$national_reserve", literal(NATIONAL_RESERVE.oid))
    engine.run(text.replace("$shared_number_max", str(settings.shared_number_max)))
    _root_numbers(engine)
    room.write("standard", _STANDARD)


def _root_numbers(engine: Engine) -> None:
    """Numbers that documented changes tie together get one root; national ones can veto.

    A number whose century is a guess ties nothing together, and could be either of two.
    """
    engine.run(
        "create or replace table number_node as select distinct unnest([number_key, previous_key])"
        " as id from standard where number_key is not null or previous_key is not null;"
        "delete from number_node where id is null;"
        "create or replace table number_edge as select distinct number_key as id_l,"
        " previous_key as id_r from standard where number_key <> previous_key and century_certain"
    )
    components(engine, "number_node", "number_edge", "number_group")
    engine.run(
        "create or replace table rooted as select s.*,"
        " case when s.century_certain then g.cluster end as number_root,"
        " case when n.national and (s.century_certain or s.number_key not like '%@%')"
        " then g.cluster end as veto_root,"
        " case when not s.century_certain and s.number_key not like '%@%'"
        " then coalesce(h.cluster, century_earlier(s.number_key)) end as earlier_root"
        " from standard s"
        " left join number_group g on g.id = coalesce(s.number_key, s.previous_key)"
        " left join number_group h on h.id = century_earlier(s.number_key)"
        " left join (select cluster, bool_or(id not like '%@%') as national"
        " from number_group group by cluster) n on n.cluster = g.cluster"
    )
