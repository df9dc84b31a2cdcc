"""Hand-made resources, delivered to a FHIR server as a run does."""

import hashlib
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from load import delivery
from load.delivery import Delivered, Findings, Patience, place_of
from minns.engine import Engine

Body = dict[str, Any]
#: Entries of a bundle, so that there are many.
SMALL = 4
COLUMNS = ("resource_type", "resource_id", "person_id", "content_hash", "body")


def organization(name: str) -> Body:
    return {"resourceType": "Organization", "id": name, "name": "Vårdcentralen Bäcken"}


def patient(name: str, **said: Any) -> Body:
    return {
        "resourceType": "Patient",
        "id": name,
        "managingOrganization": {"reference": "Organization/unit"},
        **said,
    }


def observation(person: str, name: str, value: str = "första", **said: Any) -> Body:
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": {"text": "anteckning"},
        "subject": {"reference": f"Patient/{person}"},
        "valueString": value,
        **said,
    }


def region(persons: int = 6, each: int = 5, value: str = "första") -> list[Body]:
    """A unit, persons with an earlier number each, and results that follow one another."""
    made = [organization("unit")]
    for person in (f"p{n}" for n in range(persons)):
        old = {"other": {"reference": f"Patient/{person}"}, "type": "replaced-by"}
        new = {"other": {"reference": f"Patient/{person}-old"}, "type": "replaces"}
        made += [patient(person, link=[new]), patient(f"{person}-old", active=False, link=[old])]
        for n in range(each):
            earlier = {"reference": f"Observation/{person}-o{n + 1}"}
            follows = {"derivedFrom": [earlier]} if n + 1 < each else {}
            made.append(observation(person, f"{person}-o{n}", value, **follows))
    return made


def person_of(body: Body) -> str:
    if body["resourceType"] == "Organization":
        return ""
    return str(body["id"].split("-")[0])


def write(bodies: Sequence[Body], path: Path) -> Path:
    """The table `resource` as the step `fhir` writes it."""
    rows = []
    for body in sorted(bodies, key=lambda b: (b["resourceType"], b["id"])):
        text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
        hashed = hashlib.md5(text.encode()).hexdigest()
        rows.append((body["resourceType"], body["id"], person_of(body), hashed, text))
    columns = [pa.array([row[n] for row in rows], pa.string()) for n in range(len(COLUMNS))]
    pq.write_table(pa.table(columns, names=list(COLUMNS)), path)
    return path


def no_wait(seconds: float) -> None:
    """Patience that costs no time."""


class Receiver:
    """A server, and the journal of what was delivered to it."""

    def __init__(self, target: str, journal: Path, **patience: Any) -> None:
        self.place, self.path = place_of(target), journal
        given: dict[str, Any] = {"attempts": 4, "timeout": 5.0, "sleep": no_wait} | patience
        self.patience = Patience(**given)

    def journal(self) -> delivery.Journal:
        return delivery.Journal(self.path, self.place.base, "run-1")

    def deliver(self, bodies: Sequence[Body], **options: Any) -> Delivered:
        """Deliver these resources; what is not among them any more goes."""
        with (
            tempfile.TemporaryDirectory() as scratch,
            Engine(Path(scratch) / "engine", memory_limit="500MB", threads=1) as engine,
            delivery.Server(self.place, self.patience) as server,
            self.journal() as journal,
        ):
            path = write(bodies, Path(scratch) / "resource.parquet")
            return delivery.deliver(engine, [path], server, journal, **options)

    def read_back(self) -> Findings:
        with delivery.Server(self.place, self.patience) as server, self.journal() as journal:
            return delivery.read_back(server, journal)

    def refused(self) -> list[delivery.Refusal]:
        with self.journal() as journal:
            return journal.refused()


def by_key(bodies: Sequence[Body]) -> dict[str, Body]:
    """Resources as `FhirServer.resources` gives them."""
    return {f"{body['resourceType']}/{body['id']}": body for body in bodies}


if __name__ == "__main__":
    # Deliver in a process of its own, to be killed: TARGET JOURNAL VALUE.
    given = sys.argv[1:]
    Receiver(given[0], Path(given[1])).deliver(region(value=given[2]), entries=SMALL)
