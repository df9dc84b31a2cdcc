"""Every resource against the schema of its type, every reference and fact against what there is.

What does not hold is our mistake, or data that no rule foresaw: it becomes a row that names the
resource, the rule and the place in it, never a value.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs
import orjson
import pyarrow as pa

from minns.engine import Engine, literal

#: Resources of a batch: small beside what a part holds.
_BATCH = 2_000
REFUSED = pa.schema(
    [(name, pa.string()) for name in ("resource_type", "resource_id", "person_id", "rule", "path")]
)
#: References and resources by one name.
REFERENCE = b'"reference":"'
TARGETS = f"""regexp_extract_all(body, '{REFERENCE.decode()}([^"]+)"', 1)"""
NAME = "resource_type || '/' || resource_id"
_LOST = f"""
    create or replace table lost as
    from (select distinct target from target)
    anti join (select {NAME} as target from resource) using (target)"""  # noqa: S608
_UNRESOLVED = f"""
    select resource_type, resource_id, person_id, 'reference', ''
    from (select resource_type, resource_id, person_id, unnest({TARGETS}) as target from resource)
    semi join lost using (target)"""  # noqa: S608
_TWICE = """
    select resource_type, resource_id, min(person_id), 'unique id', '' from resource
    group by resource_type, resource_id having count(*) > 1"""
_WANTED = """
    select resource_type, resource_id, person_id from fact_of_resource
    union all
    select 'Provenance', 'pv-' || resource_id, person_id from fact_of_resource"""
_COUNTED = (
    "select resource_type, count(*) as rows, sum(hash(resource_id)) as ids from ({}) group by all"
)
#: Types of which other ids are there than are wanted, by their number and the sum of their hashes:
#: most agree at once, and need no look at each resource.
_UNEVEN = f"""
    select resource_type
    from ({_COUNTED.format(_WANTED)} except {_COUNTED.format("from resource")})"""  # noqa: S608
_MISSING = f"""
    select resource_type, resource_id, person_id, 'missing', '' from ({_WANTED}) as wanted
    where list_contains($types, resource_type) and not exists (
        from resource as r
        where r.resource_type = wanted.resource_type and r.resource_id = wanted.resource_id)"""  # noqa: S608


def schema(name: str) -> dict[str, Any]:
    """One of the schemas beside this file: of a type of resource, or what they share."""
    text = files("load.fhir").joinpath("schemas", f"{name}.json").read_bytes()
    return dict(orjson.loads(text))


@cache
def validator(kind: str) -> jsonschema_rs.Draft202012Validator:
    """The validator of a type of resource."""
    common = schema("common")
    registry = jsonschema_rs.Registry([(common["$id"], common)])
    return jsonschema_rs.Draft202012Validator(
        schema(kind), registry=registry, pattern_options=jsonschema_rs.RegexOptions()
    )


def faults(kind: str, resource: object) -> Iterator[tuple[str, str]]:
    """What keeps a resource from its schema: the rule and the place, never a value."""
    for error in validator(kind).iter_errors(resource):
        place = "/".join(str(step) for step in error.instance_path)
        yield "/".join(str(step) for step in error.schema_path), place


@dataclass(frozen=True)
class Checked:
    """What came of a part: its refusals (rows of REFUSED), and all that it refers to, each once."""

    refused: list[dict[str, Any]]
    targets: pa.Array


def check(kind: str, bodies: pa.ChunkedArray) -> Checked:
    """Each body of one type against the type's schema; what they refer to is only collected."""
    fits, load, refused = validator(kind).is_valid, orjson.loads, []
    targets: set[bytes] = set()
    for chunk in bodies.chunks:
        for start in range(0, len(chunk), _BATCH):
            batch = chunk[start : start + _BATCH].cast(pa.binary()).to_pylist()
            unfit = [body for body in batch if not fits(load(body))]
            refused += [row for body in unfit for row in _refusals(kind, load(body))]
            targets |= _targets(batch)
    return Checked(refused, pa.array(targets, pa.binary()).cast(pa.string()))


def _targets(bodies: Sequence[bytes]) -> set[bytes]:
    """What stands after each `"reference":"` until the next quotation mark. Within a text of JSON
    no such mark stands alone, so that no note is taken for a reference.
    """
    return {after.partition(b'"')[0] for after in b"\n".join(bodies).split(REFERENCE)[1:]}


class Targets:
    """All that resources refer to, in the table `target`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        engine.run("create or replace table target (target varchar)")

    def take(self, checked: Checked) -> list[dict[str, Any]]:
        """Keep what a part refers to; gives its refusals."""
        with self.engine.arrow("part_target", pa.table({"target": checked.targets})):
            self.engine.run("insert into target from part_target")
        return checked.refused


def _refusals(kind: str, resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    subject = resource.get("subject") or resource.get("patient") or {}
    person = subject.get("reference", "").removeprefix("Patient/") or None
    named = {"resource_type": kind, "resource_id": str(resource.get("id")), "person_id": person}
    for rule, path in faults(kind, resource):
        yield {**named, "rule": rule, "path": path}


def unfit(engine: Engine, refused: list[dict[str, Any]], types: Sequence[str]) -> None:
    """Make the table `unfit`: what the schemas refused, what the view `resource` refers to in vain,
    has twice or, of the `types` that it holds, lacks: a fact without its resource or Provenance.
    """
    engine.run(_LOST)
    with engine.arrow("refusal", pa.Table.from_pylist(refused, schema=REFUSED)):
        engine.run("create or replace table unfit as from refusal")
    engine.run(f"insert into unfit {_TWICE}")
    uneven = sorted({kind for (kind,) in engine.rows(_UNEVEN)} & set(types))
    if uneven:
        listed = ", ".join(literal(kind) for kind in uneven)
        engine.run(f"insert into unfit {_MISSING.replace('$types', f'[{listed}]')}")
    if engine.value("select count(*) from lost"):
        engine.run(f"insert into unfit {_UNRESOLVED}")
