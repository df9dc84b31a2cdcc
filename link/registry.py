"""Persons with stable ids: what the clusters change in the registry, told as events."""

from link.clusters import components
from link.roots import sql
from minns.engine import literal
from minns.step import Room

_IDENTITY = "select source, local_patient_id, person_id, probability, method, since from outcome"

_EVENT = """
select cast($segment as bigint) as segment, row_number() over () as sequence, event, source,
    local_patient_id, person_id, earlier_person_id, probability, method, wave
from outcome where event is not null
"""


def register(room: Room, wave: str, segment: int) -> None:
    """Reads `cluster`, `edge`, `star`, `placed`, `layer`, `registry_event`; writes `identity`,
    `registry_event`.
    """
    engine = room.engine
    engine.run(sql("ties.sql"))
    components(engine, "judged_node", "judged_edge", "judged_group")
    # sorted once, and written as it stands
    engine.run("set preserve_insertion_order = true")
    engine.run(sql("registry.sql").replace("$wave", literal(wave)))
    room.write("identity", _IDENTITY)
    room.write("registry_event", _EVENT.replace("$segment", str(segment)))
    engine.run("set preserve_insertion_order = false")
