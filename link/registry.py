"""Persons with stable ids: what the clusters change in the registry, told as events."""

from link.clusters import components
from link.roots import sql
from minns.engine import literal
from minns.step import Room

_IDENTITY = """
select s.source, s.local_patient_id, t.person_id,
    cast(case when e.id is null then k.probability else e.probability end as decimal(18, 6))
        as probability,
    case when e.id is null then k.method else e.method end as method,
    case when e.id is null then k.wave else $wave end as since
from target t
join standard s using (id)
left join told e using (id)
left join placed k using (id)
order by t.id
"""

_EVENT = """
select cast($segment as bigint) as segment, e.sequence, e.event, s.source, s.local_patient_id,
    e.person_id, e.earlier_person_id, cast(e.probability as decimal(18, 6)) as probability,
    e.method, $wave as wave
from told e
join standard s using (id)
order by e.sequence
"""


def register(room: Room, wave: str, segment: int) -> None:
    """Reads `cluster`, `edge`, `star`, `placed`, `layer`, `registry_event`; writes `identity`,
    `registry_event`.
    """
    engine = room.engine
    engine.run(sql("ties.sql"))
    components(engine, "judged_node", "judged_edge", "judged_group")
    engine.run(sql("registry.sql"))
    room.write("identity", _IDENTITY.replace("$wave", literal(wave)))
    text = _EVENT.replace("$wave", literal(wave)).replace("$segment", str(segment))
    room.write("registry_event", text)
