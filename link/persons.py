"""The last step: edges from all that is known, clusters without vetoes, persons, open questions."""

from link.average import average
from link.clusters import components, resolve
from link.registry import register
from link.roots import root_numbers, sql
from link.settings import LinkModel
from link.vetoes import doubtful_sql, facts_sql, guess_unmet_sql, hard_sql, unmet_sql, veto_sql
from minns.engine import Engine
from minns.step import Room

#: Bases that edges tie together, and who of them has not been looked at.
_MEMBER = """
create or replace table member as
select b.id, b.base, b.firm, g.cluster from base b join base_group g on g.id = b.base;
create or replace table wanted as select id from member where id not in (select id from face);
"""


def persons(room: Room, wave: str, segment: int, bridges: str, model: LinkModel) -> None:
    """Reads `standard`, `score`, `timeline`, `register_link`, `registry_event`, `judgement`;
    writes the stage's results.

    `bridges`: 'propose' or 'act', what a link between two persons that the registry knows comes
    to.
    """
    engine = room.engine
    engine.run(sql("macros.sql"))
    if model.grouping == "average":
        average(engine, model)
    engine.run(sql("known.sql"))
    components(engine, "unit_node", "unit_edge", "unit_group")
    root_numbers(engine, model)
    engine.run(sql("mistaken.sql"))
    engine.run(sql("lived.sql"))
    _edges(engine, model)
    _members(engine, veto_sql(model, bridges=bridges != "act"))
    resolve(engine)
    register(room, wave, segment)
    engine.run(sql("pairs.sql"))
    room.write("pair", sql("pair.sql"))
    room.write("held", sql("held.sql"))


def _edges(engine: Engine, model: LinkModel) -> None:
    veto = veto_sql(model)
    before = sql("edges.sql").replace("$veto", veto).replace("$guess_unmet", guess_unmet_sql())
    before = before.replace("$number_facts", facts_sql("number_pair"))
    before = before.replace("$face", sql("face.sql"))
    engine.run(before.replace("$features", sql("features.sql")))
    components(engine, "root_node", "root_edge", "root_group")
    after = sql("edges_after.sql").replace("$veto", veto).replace("$doubtful", doubtful_sql())
    after = after.replace("$unmet", unmet_sql(model)).replace("$upper", repr(model.upper))
    engine.run(after.replace("$score_facts", facts_sql("scored")))
    components(engine, "base_node", "base_edge", "base_group")


def _members(engine: Engine, veto: str) -> None:
    engine.run(_MEMBER)
    if engine.value("select count(*) from wanted"):
        engine.run("insert into face " + sql("face.sql"))
    text = sql("members.sql").replace("$veto", veto).replace("$hard", hard_sql("v.veto"))
    text = text.replace("$member_facts", facts_sql("member_pair"))
    engine.run(text.replace("$features", sql("features.sql")))
