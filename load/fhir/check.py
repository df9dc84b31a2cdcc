"""Every resource against the schema of its type, every reference and fact against what there is.

What does not hold is our mistake, or data that no rule foresaw: it becomes a row that names the
resource, the rule and the place in it, never a value.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pyarrow as pa
from pyarrow import parquet

from minns.engine import Engine, literal

#: Resources of a batch: small beside what a part holds.
_BATCH = 20_000
REFUSED = pa.schema(
    [(name, pa.string()) for name in ("resource_type", "resource_id", "person_id", "rule", "path")]
)
#: References and resources by one name.
TARGETS = """regexp_extract_all(body, '"reference":"([^"]+)"', 1)"""
NAME = "resource_type || '/' || resource_id"
_LOST = f"""
    create or replace table lost as
    from (select distinct unnest({TARGETS}) as target from resource)
    anti join (select {NAME} as target from resource) using (target)"""  # noqa: S608
_UNRESOLVED = f"""
    select resource_type, resource_id, person_id, 'reference', ''
    from (select resource_type, resource_id, person_id, unnest({TARGETS}) as target from resource)
    semi join lost using (target)"""  # noqa: S608
_TWICE = """
    select resource_type, resource_id, min(person_id), 'unique id', '' from resource
    group by resource_type, resource_id having count(*) > 1"""
_MISSING = """
    with wanted as (
        select resource_type, resource_id, person_id from fact_of_resource
        union all
        select 'Provenance', 'pv-' || resource_id, person_id from fact_of_resource
    )
    select resource_type, resource_id, person_id, 'missing', '' from wanted
    where list_contains($types, resource_type) and not exists (
        from resource as r
        where r.resource_type = wanted.resource_type and r.resource_id = wanted.resource_id)"""


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


def check_part(path: Path, kind: str) -> list[dict[str, Any]]:
    """The refusals of one file of resources of one type."""
    fits, load, refused = validator(kind).is_valid, orjson.loads, []
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH, columns=["body"]):
            bodies = batch.column(0).cast(pa.binary()).to_pylist()
            unfit = [body for body in bodies if not fits(load(body))]
            refused += [row for body in unfit for row in _refusals(kind, load(body))]
    return refused


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
    listed = ", ".join(literal(kind) for kind in types)
    engine.run(f"insert into unfit {_MISSING.replace('$types', f'[{listed}]')}")
    if engine.value("select count(*) from lost"):
        engine.run(f"insert into unfit {_UNRESOLVED}")
