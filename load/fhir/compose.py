"""Resources put together by SQL, one query a type, in the order of types and ids."""

from collections.abc import Mapping
from importlib.resources import files

from minns.codes import NUMBER_KINDS, CodeSystem, macros
from minns.engine import Engine, literal
from minns.step import Room

#: The types of resources, each with the query of its name in `resources/`; in order.
TYPES = ("Condition", "Patient")
_REFUSED = (
    "resource_type varchar, resource_id varchar, person_id varchar, rule varchar, path varchar"
)


def load_macros(engine: Engine, systems: Mapping[str, CodeSystem], base: str) -> None:
    """Make FHIR's macros known in a session."""
    engine.run(macros())
    uris = " ".join(
        f"when {literal(name)} then {literal(system.uri)}"
        for name, system in sorted(systems.items())
        if system.uri
    )
    numbers = " ".join(
        f"when {literal(kind.name)} then {literal(kind.uri)}"
        for kind in NUMBER_KINDS.values()
        if kind.uri
    )
    text = _sql("macros.sql").replace("$uris", uris).replace("$numbers", numbers)
    separator = ":" if base.startswith("urn:") else "/"
    beginning = base.rstrip(separator).replace("'", "''") + separator
    engine.run(text.replace("$base", beginning).replace("$sep", separator))


def _sql(*path: str) -> str:
    return files("load.fhir").joinpath(*path).read_text(encoding="utf-8")


def composed_sql(kind: str) -> str:
    """The resources of one type, with the hash of each body, by id."""
    return f"""
        select {literal(kind)} as resource_type, resource_id, person_id,
            md5(body) as content_hash, body
        from ({_sql("resources", f"{kind.lower()}.sql")})
        order by resource_id"""  # noqa: S608


def compose(room: Room, systems: Mapping[str, CodeSystem], base: str) -> None:
    """Write `resource`: a part for each type, in order."""
    engine = room.engine
    load_macros(engine, systems, base)
    engine.run(_sql("staged.sql"))
    engine.run("set preserve_insertion_order = true")
    rows = 0
    for number, kind in enumerate(TYPES, 1):
        rows += engine.copy(composed_sql(kind), room.draft.part("resource", number))
        room.progress(number, len(TYPES))
    room.draft.describe("resource", rows=rows)
    engine.run(f"create or replace table unfit ({_REFUSED})")
    room.write("refused", "from unfit")
