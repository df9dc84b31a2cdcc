"""Resources are delivered by difference; the server then holds them, and no others of ours."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from delivering import Receiver, by_key, observation, patient, region
from fhir_peer import FhirServer, running_server

from load import delivery
from load.delivery.items import Item
from load.delivery.order import bundles, units
from load.delivery.place import place_of
from minns.errors import ConfigError, TargetError


@pytest.fixture(scope="module")
def running() -> Iterator[FhirServer]:
    with running_server() as server:
        yield server


@pytest.fixture
def server(running: FhirServer) -> FhirServer:
    running.clear()
    return running


@pytest.fixture
def receiver(server: FhirServer, tmp_path: Path) -> Receiver:
    return Receiver(server.target, tmp_path / "record.db")


def test_all_is_delivered_once_and_read_back(server: FhirServer, receiver: Receiver) -> None:
    wanted = region()
    done = receiver.deliver(wanted, entries=7)
    assert (done.put, done.refused, done.remaining) == (len(wanted), 0, 0)
    assert server.resources() == by_key(wanted)
    assert receiver.read_back().whole
    posts = [line for line in server.log() if line.get("type") == "transaction"]
    assert max(line["entries"] for line in posts) <= 7
    again = receiver.deliver(wanted)
    assert (again.put, again.bundles, again.requests) == (0, 0, 0)
    assert set(server.versions().values()) == {1}


def test_only_what_changed_is_sent_and_what_is_gone_is_deleted(
    server: FhirServer, receiver: Receiver
) -> None:
    receiver.deliver(region())
    wanted = [*region(persons=4), patient("p9"), observation("p9", "p9-o0")]
    wanted[3] = {**wanted[3], "valueString": "andra"}
    done = receiver.deliver(wanted)
    assert (done.put, done.deleted, done.remaining) == (3, 14, 0)
    assert server.resources() == by_key(wanted)
    assert receiver.read_back().whole


def test_nothing_wanted_deletes_all_in_an_order_that_the_server_takes(
    server: FhirServer, receiver: Receiver
) -> None:
    receiver.deliver(region())
    done = receiver.deliver([], entries=3)
    assert (done.deleted, done.refused, server.resources()) == (len(region()), 0, {})


def test_a_fact_that_moves_to_another_person_keeps_its_id(
    server: FhirServer, receiver: Receiver
) -> None:
    before = [*region(persons=1), observation("p0", "p0-moved")]
    receiver.deliver(before)
    after = [*region(persons=0), patient("p1"), observation("p1", "p0-moved")]
    assert receiver.deliver(after).refused == 0
    assert server.resources() == by_key(after)
    assert server.versions()["Observation/p0-moved"] == 2


def test_one_refused_resource_keeps_no_other_back(server: FhirServer, receiver: Receiver) -> None:
    server.refuse("Observation", "p2-o0")
    done = receiver.deliver(region())
    assert (done.put, done.refused, done.remaining) == (len(region()) - 1, 1, 1)
    (row,) = receiver.refused()
    assert (row.resource_type, row.resource_id, row.action) == ("Observation", "p2-o0", "put")
    assert (row.status, row.code, row.path) == (400, "invalid", "Observation")
    server.refuse(None)
    assert receiver.deliver(region()).remaining == 0
    assert (receiver.refused(), server.resources()) == ([], by_key(region()))


def test_what_others_changed_is_told_and_not_overwritten(
    server: FhirServer, receiver: Receiver
) -> None:
    receiver.deliver(region())
    theirs = observation("p1", "p1-o4", "skrivet av andra")
    server.ask("/fhir/Observation/p1-o4", "PUT", theirs)
    server.ask("/fhir/Observation/p3-o0", "DELETE")
    found = receiver.read_back()
    assert (found.foreign, found.missing) == (("Observation/p1-o4",), ("Observation/p3-o0",))
    done = receiver.deliver(region(value="andra"))
    assert done.refused == 2
    assert {(r.resource_id, r.code) for r in receiver.refused()} == {
        ("p1-o4", "foreign-change"),
        ("p3-o0", "foreign-change"),
    }
    assert server.resources()["Observation/p1-o4"]["valueString"] == "skrivet av andra"
    assert receiver.deliver(region(value="andra"), accept_foreign=True).remaining == 0
    assert server.resources() == by_key(region(value="andra"))


def test_what_is_missing_is_put_again_when_asked_for(
    server: FhirServer, receiver: Receiver
) -> None:
    receiver.deliver(region())
    server.ask("/fhir/Observation/p1-o4", "PUT", observation("p1", "p1-o4", "skrivet av andra"))
    server.ask("/fhir/Observation/p3-o0", "DELETE")
    found = receiver.read_back()
    with receiver.journal() as journal:
        assert delivery.restore(journal, found)
    assert receiver.deliver(region(), accept_foreign=True).put == 2
    assert server.resources() == by_key(region())


def test_another_version_with_the_same_content_is_ours(
    server: FhirServer, receiver: Receiver
) -> None:
    receiver.deliver(region())
    server.ask("/fhir/Patient/p1", "PUT", by_key(region())["Patient/p1"])
    assert receiver.read_back().whole
    changed = [b if b["id"] != "p1" else {**b, "gender": "other"} for b in region()]
    assert receiver.deliver(changed).refused == 0
    assert server.resources() == by_key(changed)


def test_another_server_is_delivered_to_from_the_beginning(
    server: FhirServer, receiver: Receiver
) -> None:
    receiver.deliver(region())
    with running_server() as second:
        other = Receiver(second.target, receiver.path)
        assert other.deliver(region()).put == len(region())
        assert second.resources() == server.resources()


def test_a_server_that_is_none_is_told(server: FhirServer, tmp_path: Path) -> None:
    wrong = Receiver(f"fhir+http://127.0.0.1:{server.port}/control", tmp_path / "r.db")
    with pytest.raises(TargetError, match="a FHIR R4 server at"):
        wrong.deliver(region())
    nobody = Receiver("fhir+http://127.0.0.1:1/fhir", tmp_path / "r.db")
    with pytest.raises(TargetError, match="found no answer after 4 attempts"):
        nobody.deliver(region())


def test_only_this_machine_is_spoken_to_in_plain_text() -> None:
    assert place_of("fhir+https://fhir.example.se/r4/").base == "https://fhir.example.se/r4"
    assert place_of("fhir+http://localhost:8080/fhir").base == "http://localhost:8080/fhir"
    for wrong in ("fhir+http://fhir.example.se/r4", "fhir+https://a:b@host/r4", "fhir+ftp://x"):
        with pytest.raises(ConfigError):
            place_of(wrong)
    assert "hemlig" not in repr(place_of("fhir+https://fhir.example.se", "hemlig"))


def item(key: str, *refs: str) -> Item:
    kind, name = key.split("/")
    return Item(kind, name, "p", "", refs, "{}")


def test_each_comes_after_what_it_refers_to() -> None:
    ordered = units(
        [item("A/1", "B/1"), item("B/1", "C/1"), item("C/1", "D/1"), item("D/1", "C/1")]
    )
    assert [[i.key for i in unit] for unit in ordered] == [["C/1", "D/1"], ["B/1"], ["A/1"]]


def test_a_circle_is_never_cut() -> None:
    ring = [item(f"A/{n}", f"A/{(n + 1) % 5}") for n in range(5)]
    cut = list(bundles(((2, i) for i in [*ring, item("B/1", "A/0")]), 3, 1000))
    assert [[len(unit) for unit in ordered] for _, ordered in cut] == [[5], [1]]
