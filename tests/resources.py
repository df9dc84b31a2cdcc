"""Hand-made records as FHIR resources, in memory."""

import tempfile
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
from desired_rows import Desired, write_desired

from load.fhir.step import fhir_step
from minns.codes import CODE_SYSTEMS
from minns.engine import Engine
from minns.model import BY_NAME, FACTS
from minns.step import Room
from minns.store import Store

Resource = dict[str, Any]
#: What a fact says when a test does not care.
USUAL: dict[str, Any] = {
    "person_id": "P1",
    "source": "melior",
    "status": "active",
    "category": "visit",
    "contact_id": "1",
    "order_id": "1",
    "document_id": "1",
    "body": "x",
    "block_id": "1",
    "block_type": "inner",
}
CATEGORY = {"condition": "main", "alert": "hypersensitivity"}


def fact(kind: str, fact_id: str = "f1", **said: Any) -> dict[str, Any]:
    """A fact of P1, with what a row of its kind must say."""
    names = FACTS[kind].names
    usual = {name: value for name, value in USUAL.items() if name in names}
    if "category" in names:
        usual["category"] = CATEGORY.get(kind, "visit")
    return {**usual, "fact_id": fact_id, **said}


def behind(kind: str, fact_id: str, **said: Any) -> dict[str, Any]:
    """The row behind a fact."""
    pointer = {"source": "melior", "source_table": "t", "row_key": fact_id}
    return {"fact_id": fact_id, "kind": kind, "role": "loaded", **pointer, **said}


def composed(desired: Desired, base: str = "urn:minns") -> tuple[list[Resource], list[Resource]]:
    """The resources of a record and what was refused; P1 and lineage are made up if need be."""
    kinds = [kind for kind in desired if kind in FACTS]
    given = {
        "person": [{"person_id": "P1", "protection": "none"}],
        "lineage": [
            behind("patient", person["person_id"]) for person in desired.get("person", [USUAL])
        ]
        + [behind(kind, row["fact_id"]) for kind in kinds for row in desired[kind]],
        **desired,
    }
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with Engine(folder / "engine", memory_limit="500MB", threads=1) as engine:
            for name, parts in write_desired(engine, given, folder / "desired").items():
                engine.view(name, parts)
            engine.empty(BY_NAME["standard"])
            with Store(folder).publish(folder / "made", "key") as draft:
                fhir_step((), CODE_SYSTEMS, base).do(Room(engine, draft))
        made = pq.read_table(folder / "made" / "resource").to_pylist()
        refused = pq.read_table(folder / "made" / "refused").to_pylist()
    return [orjson.loads(row["body"]) for row in made], refused


def one(kind: str, **said: Any) -> Resource:
    """What a single fact becomes."""
    made, refused = composed({kind: [fact(kind, **said)]})
    assert not refused
    return next(resource for resource in made if resource["id"] == "f1")


def kept(resource: Resource) -> dict[str, Any]:
    """A resource's extensions of our own, by name."""
    return {
        e["url"].rpartition(":")[2]: next(v for k, v in e.items() if k != "url")
        for e in resource.get("extension", [])
    }
