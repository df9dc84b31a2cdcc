"""The last step: edges from all that is known, clusters without vetoes, persons, open questions."""

from importlib.resources import files

from link.clusters import components, resolve
from link.registry import register
from link.settings import LinkSettings
from link.standardise import load_macros
from link.vetoes import REPLACED, features_sql, guess_unmet_sql, hard_sql, unmet_sql, veto_sql
from minns.engine import Engine
from minns.step import Room

_PERSON_PAIR = (
    "(select l.id as id_l, r.id as id_r from placed l"
    " join placed r on l.person_id = r.person_id and l.id < r.id)"
)
_HELD = (
    "select s.source, s.local_patient_id, 'overlay_suspect' as rule from suspect u"
    " join standard s using (id)"
    " where u.id in (select unnest([c.id_l, c.id_r]) from clash c"
    " left join verdict v using (id_l, id_r) where v.verdict is null)"
    " order by s.source, s.local_patient_id"
)


def persons(room: Room, wave: str, segment: int, settings: LinkSettings) -> None:
    """Reads `standard`, `score`, `registry_event`, `judgement`; writes the stage's results."""
    engine = room.engine
    load_macros(engine)
    _edges(engine, settings)
    resolve(engine)
    register(room, wave, segment)
    room.write("pair", files("link").joinpath("pairs.sql").read_text(encoding="utf-8"))
    room.write("held", _HELD)


def _edges(engine: Engine, settings: LinkSettings) -> None:
    before = files("link").joinpath("edges.sql").read_text(encoding="utf-8")
    before = before.replace("$veto", veto_sql()).replace("$guess_unmet", guess_unmet_sql())
    engine.run(before.replace("$number_features", features_sql("number_pair")))
    components(engine, "root_node", "root_edge", "root_group")
    after = files("link").joinpath("edges_after.sql").read_text(encoding="utf-8")
    for name, sql in (
        ("$veto", veto_sql()),
        ("$unmet", unmet_sql(settings)),
        ("$replaced", REPLACED),
        ("$hard", hard_sql()),
        ("$score_features", features_sql("score")),
        ("$person_features", features_sql(_PERSON_PAIR)),
    ):
        after = after.replace(name, sql)
    engine.run(after)
