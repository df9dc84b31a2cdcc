"""A project whose target is a FHIR server: planned, run, withdrawn, killed on the way."""

import json
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fhir_peer import FhirServer, running_server, swedish, validate
from projects import begin, build, minns

from minns.errors import DeliveryError

Held = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def server() -> Iterator[FhirServer]:
    with running_server(swedish()) as running:
        yield running


@pytest.fixture(scope="module")
def region(server: FhirServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A region that has been rehearsed: what follows finds all that is computed."""
    project = build(tmp_path_factory.mktemp("fhir"), persons=60)
    text = f'target = "{server.target}"\n[delivery]\ntoken = "${{FHIR_TOKEN}}"\n'
    (project / "minns.toml").write_text(text, encoding="utf-8")
    said(project, "run", "wave-1")
    return project


def said(project: Path, *arguments: str, code: int | None = None) -> dict[str, Any]:
    """What a command says in JSON; gates of so small a region may fail."""
    done = minns(project, *arguments, "--json", FHIR_TOKEN="hemlig-nyckel")
    assert done.returncode in ((0, 9) if code is None else (code,)), done.stderr
    assert "hemlig-nyckel" not in done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def delivered(region: Path, server: FhirServer) -> Held:
    """What the first wave's cutover brings to the server."""
    assert server.resources() == {}
    done = said(region, "run", "wave-1", "--cutover")["delivery"]
    assert (done["remaining"], done["refused"], done["missing"]) == (0, [], [])
    held = server.resources()
    assert sum(done["on_server"].values()) == len(held) > 500
    return held


@pytest.mark.parametrize("mode", ["rehearsal", "cutover"])
def test_a_server_that_anybody_could_listen_to_is_refused_before_anything_is_computed(
    tmp_path: Path, mode: str
) -> None:
    project = build(tmp_path / "p", persons=50)
    (project / "minns.toml").write_text(
        'target = "fhir+http://fhir.example.org"\n', encoding="utf-8"
    )
    for asked in (["plan"], ["run"]):
        cutover = ["--cutover"] if mode == "cutover" else []
        done = minns(project, *asked, "wave-1", *cutover)
        assert done.returncode == 2
        assert "found http, which anybody on the way can read" in done.stderr
    assert not (project / "work" / "steps").exists()


def test_a_rehearsal_delivers_to_a_folder_and_to_no_server(region: Path) -> None:
    folder = region / "work" / "rehearsal-ndjson"
    lines = [line for path in folder.glob("*.ndjson") for line in path.read_text().splitlines()]
    names = {json.loads(line)["resourceType"] for line in lines}
    assert names == {path.stem for path in folder.glob("*.ndjson")}
    assert len(lines) > 500


def test_what_is_delivered_is_valid_to_others(delivered: Held) -> None:
    found = validate(delivered.values(), profiles=swedish())
    assert (found["checked"], found["errors"]) == (len(delivered), [])


def test_the_token_goes_to_the_server_and_the_journal_knows_its_answers(
    region: Path, delivered: Held, server: FhirServer
) -> None:
    assert {line["authorization"] for line in server.log()} == {"Bearer hemlig-nyckel"}
    connection = sqlite3.connect(region / "work" / "record.db")
    rows = connection.execute(
        "select count(*) from delivery "
        "where status in (200, 201) and version <> '' and state = 'there'"
    ).fetchone()
    connection.close()
    assert rows == (len(delivered),)
    state = said(region, "delivery", code=0)
    assert (sum(state["delivered"].values()), state["refused"]) == (len(delivered), [])


def test_a_wave_comes_and_is_withdrawn_again(
    region: Path, delivered: Held, server: FhirServer
) -> None:
    waits = said(region, "plan", "wave-2", "--cutover", code=0)["delivery"]["waiting"]
    assert server.resources() == delivered
    done = said(region, "run", "wave-2", "--cutover")["delivery"]
    assert done["waiting"] == waits
    both = server.resources()
    assert len(both) > len(delivered)
    said(region, "withdraw", "wave-2", "--cutover", "--yes", code=0)
    said(region, "withdraw", "wave-1", "--cutover", "--yes", code=0)
    assert server.resources() == {}


@pytest.mark.parametrize("entries", [50, 500])
def test_a_run_killed_in_mid_delivery_is_gone_on_with(
    region: Path, delivered: Held, server: FhirServer, tmp_path: Path, entries: int
) -> None:
    project = shutil.copytree(region, tmp_path / "project")
    for path in (project / "work").glob("record.db*"):
        path.unlink()
    (project / "work" / "ledger.db").unlink()
    shutil.rmtree(project / "work" / "registry", ignore_errors=True)
    server.clear()
    server.faults({"kind": "slow", "seconds": 0.02, "times": 1000})
    process = begin(project, "run", "wave-1", "--cutover", FHIR_TOKEN="hemlig-nyckel")
    deadline = time.monotonic() + 60
    while len(server.resources()) < entries and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert entries <= len(server.resources()) < len(delivered)
    server.faults()
    assert said(project, "run", "wave-1", "--cutover")["resumed"]
    assert server.resources() == delivered
    assert set(server.versions().values()) == {1}


def test_a_refused_resource_fails_the_run_and_is_told(region: Path, server: FhirServer) -> None:
    server.clear()
    server.refuse("Immunization")
    done = said(region, "run", "wave-1", "--cutover", code=DeliveryError.exit_code)["delivery"]
    # What refers to a resource that is not there must wait for it.
    assert {(row["resource_type"], row["status"], row["code"]) for row in done["refused"]} == {
        ("Immunization", 400, "invalid"),
        ("Provenance", 409, "not-found"),
    }
    told = said(region, "delivery", code=DeliveryError.exit_code)
    assert told["refused"] == done["refused"]
    server.refuse(None)
    assert said(region, "run", "wave-1", "--cutover")["delivery"]["remaining"] == 0
