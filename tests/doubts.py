"""Finished runs for tests of the review: small tables written as a run leaves them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from minns.inquiry import EVIDENCE, keep_catalogue
from minns.ledger import Ledger
from minns.model import BY_NAME, PAIR
from minns.review import desk
from minns.runner import Runner
from minns.site import Mode, Site, open_site
from minns.store import Dataset, write_json

Rows = Sequence[Mapping[str, Any]]
WAVE = 'name = "wave-a"\nsources = ["melior", "asynja"]\n'


def clock() -> Iterator[str]:
    """A minute passes with each entry."""
    now = datetime(2026, 3, 1, 8, tzinfo=UTC)
    while True:
        now += timedelta(minutes=1)
        yield now.strftime("%Y-%m-%dT%H:%M:%SZ")


def a_site(folder: Path, review: str = "") -> Site:
    """A project with one wave; time in its ledger goes by the minute."""
    (folder / "runbooks").mkdir(parents=True)
    (folder / "minns.toml").write_text('work = "work"\n', encoding="utf-8")
    (folder / "runbooks" / "wave-a.toml").write_text(WAVE + review, encoding="utf-8")
    site = open_site(folder)
    moments = clock()
    site.__dict__["ledger"] = Ledger(site.project.ledger_url, now=lambda: next(moments))
    return site


def wrote(site: Site, folder: Path, tables: Mapping[str, Rows]) -> Dataset:
    """Tables of the model on disk; columns that are not given are empty."""
    with (
        site.store.publish(folder, folder.name) as draft,
        Runner(site.project, site.store).engine() as engine,
    ):
        for name, rows in tables.items():
            engine.empty(BY_NAME[name])
            for row in rows:
                columns, marks = ", ".join(row), ", ".join("?" for _ in row)
                engine.run(f"insert into {name} ({columns}) values ({marks})", [*row.values()])
            draft.describe(name, rows=engine.copy(f"from {name}", draft.part(name)))
    made = site.store.find(folder)
    assert made is not None
    return made


def ran(
    site: Site, steps: Mapping[str, Mapping[str, Rows]], run: str = "1", mode: Mode = "cutover"
) -> str:
    """A finished run of the wave that is made of these steps; gives its name."""
    name = f"wave-a-{mode}-{run}"
    tables = {
        step: wrote(site, site.store.step_folder(step, f"key{run}"), held)
        for step, held in steps.items()
    }
    about = {"wave": "wave-a", "mode": mode}
    site.ledger.append(name, "run_started", about)
    folder = site.store.folder / "runs" / name
    folder.mkdir(parents=True)
    keep_catalogue(folder, tables, site.store.folder)
    write_json(folder / EVIDENCE, {"about": {"thresholds": [2.0, 10.0]}})
    site.ledger.append(name, "run_finished", {**about, "verdict": "go"})
    return name


def placed(site: Site, run: str, number: int, events: Rows) -> None:
    """A segment of the registry."""
    folder = site.store.folder / "registry" / f"{number:04d}"
    rows = [
        {"segment": number, "sequence": at, "probability": 1, "method": "number", "wave": "wave-a"}
        | dict(event)
        for at, event in enumerate(events, start=1)
    ]
    made = wrote(site, folder, {"registry_event": rows})
    body = {"segment": number, "folder": folder.name, "key": made.key, "events": len(rows)}
    site.ledger.append(run, "registry", body)


def pair(left: str, right: str, rule: str | None, weight: float | None = 8.0, **more: Any) -> Any:
    """A row of `pair` that waits; identities written SOURCE:ID, the lesser one first."""
    (source_l, local_l), (source_r, local_r) = left.split(":"), right.split(":")
    values = (source_l, local_l, source_r, local_r, weight, None, "model", "review", rule)
    return dict(zip(PAIR.names, values, strict=True)) | more


def patient(identity: str, **values: Any) -> dict[str, Any]:
    """A canonical row of a patient."""
    source, local = identity.split(":")
    pointer = {"source": source, "source_table": "patient", "row_key": local}
    return {**pointer, "local_patient_id": local, "protection": "none", **values}


def row(identity: str, key: str, **values: Any) -> dict[str, Any]:
    """A canonical clinical row."""
    source, local = identity.split(":")
    pointer = {"source": source, "source_table": "t", "row_key": key, "local_patient_id": local}
    return {**pointer, "status": "active", **values}


def steps(
    pairs: Rows,
    patients: Sequence[Mapping[str, Any]],
    held: Rows = (),
    persons: Mapping[str, str] = {},
    **kinds: Rows,
) -> dict[str, dict[str, Rows]]:
    """What `ran` takes: the tables of `link`, and one shape that holds every source's rows.

    `persons`: the person of each identity that is not alone.
    """
    identities = [
        {
            "source": p["source"],
            "local_patient_id": p["local_patient_id"],
            "person_id": persons.get(key := f"{p['source']}:{p['local_patient_id']}", f"P-{key}"),
            "probability": 1,
            "method": "founder",
            "since": "wave-a",
        }
        for p in patients
    ]
    link = {"pair": pairs, "held": held, "identity": identities}
    return {"link": link, "shape-all": {"patient": patients, **kinds}}


ANNA, EVA, KIM = "anna", "eva", "kim"

#: Weights between the thresholds 2 and 10.
PAIRS = [
    pair("asynja:1", "melior:1", "weight", 3.0),
    pair("asynja:2", "melior:2", "weight", 9.0),
    pair("asynja:3", "melior:3", "given_names"),
    pair("asynja:4", "melior:4", "given_names"),
    pair("asynja:5", "melior:5", "overlay_suspect", None, decision="vetoed"),
    pair("asynja:6", "melior:6", "twins", decision="vetoed"),
    pair("asynja:7", "melior:7", "given_names"),
    pair("asynja:8", "melior:8", None, decision="linked"),
]
HELD = [{"source": "melior", "local_patient_id": "5", "rule": "overlay_suspect"}]
#: In the order of the queue.
ORDER = ["asynja:5", "asynja:4", "asynja:7", "asynja:3", "asynja:2", "asynja:1"]
HIDDEN = {"protection": "sekretessmarkering"}


def region() -> dict[str, dict[str, Rows]]:
    """A run in which six pairs wait, one of them of a protected person."""
    patients = [patient(f"{s}:{n}", surname="Berg") for s in ("asynja", "melior") for n in range(9)]
    alerts = [row("melior:4", "a1", category="disease"), row("asynja:3", "a2", negated=True)]
    protected = patients[7]
    protected |= HIDDEN
    return steps(PAIRS, patients, HELD, alert=alerts)


def asked(site: Site, reviewer: str = ANNA, **more: bool) -> Any:
    """What `review next` shows; protected pairs as well."""
    protected, adjudicate = more.get("protected", True), more.get("adjudicate", False)
    return desk.next_pair(site, None, reviewer, "en", protected=protected, adjudicate=adjudicate)


def decided(site: Site, pair_id: str, verdict: str, reviewer: str = ANNA) -> str:
    """Decide a pair; gives what came of it."""
    said = desk.decide_pair(site, None, [pair_id, verdict], reviewer, "read both records")
    return str(said["state"])
