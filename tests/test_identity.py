"""Who is who: shown, changed only by judgements, told in order, and told to other systems."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doubts import a_site, pair, patient, placed, ran, steps
from hl7apy.parser import parse_message

from minns import adt, identity
from minns.changes import changes
from minns.errors import ConfigError
from minns.pairs import pair_in, standing
from minns.site import Site

WHY = ("anna", "read both records")
HELD = [{"source": "melior", "local_patient_id": "2", "rule": "overlay_suspect"}]
PAIRS = [
    pair("asynja:1", "melior:2", "given_names"),
    pair("asynja:1", "melior:1", None, decision="linked"),
    pair("asynja:2", "melior:2", "overlay_suspect", None, decision="vetoed"),
    pair("asynja:2", "melior:1", "twins", decision="vetoed"),
]
PERSONS = {"asynja:1": "P1", "melior:1": "P1", "asynja:2": "P2", "melior:2": "P2"}


def event(what: str, who: str, person: str, earlier: str | None = None) -> dict[str, Any]:
    source, local = who.split(":")
    names = {"person_id": person, "earlier_person_id": earlier}
    return {"event": what, "source": source, "local_patient_id": local, **names}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Three cutovers: two persons come, the second joins the first, and leaves it again."""
    made = a_site(tmp_path)
    tables = steps(PAIRS, [patient(each) for each in PERSONS], HELD, PERSONS)
    ran(made, tables, "1")
    placed(
        made,
        "wave-a-cutover-1",
        1,
        [
            event("created", "asynja:1", "P1"),
            event("joined", "melior:1", "P1"),
            event("created", "asynja:2", "P2"),
        ],
    )
    ran(made, tables, "2")
    merge = [event("merged", "asynja:2", "P1", "P2"), event("joined", "melior:2", "P1")]
    placed(made, "wave-a-cutover-2", 2, merge)
    ran(made, tables, "3")
    split = [event("split", "asynja:2", "P2", "P1"), event("split", "melior:2", "P2", "P1")]
    placed(made, "wave-a-cutover-3", 3, split)
    return made


# ----------------------------------------------------------------------------------------- persons
@pytest.mark.parametrize("who", ["P2", "melior:2", "asynja:2"])
def test_a_person_is_shown_with_identities_and_open_pairs(site: Site, who: str) -> None:
    found = identity.show(site, who)
    assert found["person"] == "P2"
    assert [(i["source"], i["local_id"], i["held"]) for i in found["identities"]] == [
        ("asynja", "2", None),
        ("melior", "2", "overlay_suspect"),
    ]
    assert [(p["rule"], p["judgement"]) for p in found["open_pairs"]] == [
        ("given_names", None),
        ("overlay_suspect", None),
    ]


@pytest.mark.parametrize("who", ["P404", "melior:404"])
def test_whom_nobody_knows_is_told(site: Site, who: str) -> None:
    for ask in (identity.show, identity.history):
        with pytest.raises(ConfigError, match="found none"):
            ask(site, who)


def test_a_merge_judges_every_pair_across(site: Site) -> None:
    assert identity.merge(site, "P1", "melior:2", *WHY)["judgements"] == 4
    told = standing(site).values()
    assert {(e.body["verdict"], e.body["reviewer"]) for e in told} == {("same", "anna")}
    assert identity.merge(site, "P2", "P1", *WHY)["judgements"] == 0, "nothing is said twice"


def test_a_split_judges_those_who_leave_apart_from_those_who_remain(site: Site) -> None:
    came = identity.split(site, ["melior:2"], "P2", *WHY)
    assert (came["leaving"], came["judgements"]) == (["melior:2"], 1)
    (told,) = standing(site).values()
    assert told.body["verdict"] == "different"
    assert {str(each) for each in vars(pair_in(told.body)).values()} == {"asynja:2", "melior:2"}


def test_the_last_judgement_counts(site: Site) -> None:
    identity.merge(site, "P1", "P2", *WHY)
    came = identity.split(site, ["asynja:2"], "P2", *WHY)
    assert came["overruled"] == 0
    again = identity.merge(site, "P1", "P2", *WHY)
    assert (again["judgements"], again["overruled"]) == (0, 0)


@pytest.mark.parametrize(
    ("leaving", "found"),
    [(["asynja:1"], "1 of another person"), (["asynja:2", "melior:2"], "found none")],
)
def test_a_split_that_cannot_be_is_refused(site: Site, leaving: list[str], found: str) -> None:
    with pytest.raises(ConfigError, match=found):
        identity.split(site, leaving, "P2", *WHY)
    with pytest.raises(ConfigError, match="one and the same"):
        identity.merge(site, "P2", "melior:2", *WHY)
    assert not site.ledger.entries("judgement")


def test_history_tells_events_and_judgements_in_order(site: Site) -> None:
    identity.merge(site, "P1", "P2", *WHY)
    lines = identity.history(site, "asynja:2")
    assert [line["event"] for line in lines] == ["created", "merged", "split", "judged", "judged"]
    assert [line["moment"] for line in lines] == sorted(line["moment"] for line in lines)
    assert [(line["old_person"], line["new_person"]) for line in lines[:3]] == [
        (None, "P2"),
        ("P2", "P1"),
        ("P1", "P2"),
    ]
    assert len(identity.history(site, "P1")) == 6 + 4


# ----------------------------------------------------------------------------------------- changes
def test_changes_since_a_run_are_those_that_came_after_it(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "out" / "changes.csv"
    assert changes(site, "wave-a-cutover-1", csv=path)["changes"] == 4
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["event", "source", "local_id", "old_person", "new_person", "wave"]
    assert lines[1] == ["merged", "asynja", "2", "P2", "P1", "wave-a"]
    listed = changes(site, None)
    assert (listed["changes"], len(listed["events"]), listed["segments"]) == (7, 7, 3)
    assert changes(site, "wave-a-cutover-3")["changes"] == 0
    with pytest.raises(ConfigError, match="wave-x"):
        changes(site, "wave-x")


def written(site: Site, folder: Path, since: str | None = None) -> str:
    path = folder / "changes.hl7"
    changes(site, since, hl7=path)
    return path.read_bytes().decode()


def parsed(text: str) -> Iterator[Any]:
    """The messages of a batch file, by a parser that others wrote, each valid in its version."""
    body = re.sub(r"(?m)^[FB][HT]S\|.*$", "", text.replace("\r", "\n"))
    for message in re.split(r"(?m)^(?=MSH\|)", body.strip())[1:]:
        found = parse_message(message.strip().replace("\n", "\r") + "\r", validation_level=1)
        assert found.validate()
        yield found


def told(message: Any) -> tuple[str, str, list[str]]:
    """Trigger, prior id, identifiers: as the parser understands them."""
    trigger = message.msh.msh_9.msh_9_2.value
    about = message.adt_a39_patient if trigger == "A40" else message
    prior = about.mrg.mrg_1.cx_1.value if trigger == "A40" else ""
    return trigger, prior, [each.cx_1.value for each in about.pid.pid_3]


def test_messages_are_valid_and_say_what_happened(site: Site, tmp_path: Path) -> None:
    assert [told(message) for message in parsed(written(site, tmp_path))] == [
        ("A28", "", ["P1", "1", "1"]),
        ("A28", "", ["P2", "2"]),
        # the survivor stands in PID, the id that is no more in MRG
        ("A40", "P2", ["P1"]),
        ("A31", "", ["P1", "1", "2", "1", "2"]),
        # no event of HL7 undoes a merge: a person stands again, another lost identifiers
        ("A28", "", ["P2", "2", "2"]),
        ("A31", "", ["P1", "1", "1"]),
    ]


def test_a_message_as_it_stands_in_the_file(site: Site, tmp_path: Path) -> None:
    text = written(site, tmp_path, "wave-a-cutover-1")
    (at,) = {e.moment for e in site.ledger.entries("registry") if e.body["segment"] == 2}
    moment = adt.stamp(at)
    assert moment == "20260301080600+0000"
    assert (
        f"BHS|^~\\&|MINNS||||{moment}||||2\r"
        f"MSH|^~\\&|MINNS||||{moment}||ADT^A40^ADT_A39|0002-00000001|P|2.5.1"
        "|||||SWE|UNICODE UTF-8\r"
        f"EVN|A40|{moment}\r"
        "PID|1||P1^^^MINNS^PI||^^^^^^U\r"
        "MRG|P2^^^MINNS^PI\r"
    ) in text
    assert text.startswith("FHS|^~\\&|MINNS|") and text.endswith("BTS|2\rFTS|2\r")
    assert "\n" not in text


def test_the_same_changes_give_the_same_bytes(site: Site, tmp_path: Path) -> None:
    first = written(site, tmp_path)
    assert written(site, tmp_path) == first
    later = written(site, tmp_path, "wave-a-cutover-2")
    shared = later[later.index("BHS") : later.index("FTS")]
    assert shared in first, "a message is the same, whatever else is in the file"


def test_where_nothing_changed_the_file_holds_no_message(site: Site, tmp_path: Path) -> None:
    text = written(site, tmp_path, "wave-a-cutover-3")
    assert text == "FHS|^~\\&|MINNS||||\rFTS|0\r"


HOSTILE = "a|b^c&d~e\\f\rg\nå"


def test_separators_within_a_value_are_escaped() -> None:
    assert adt.escape(HOSTILE) == "a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f\\X0D\\g\\X0A\\å"
    change = adt.Change("A31", "P1", [("melior", HOSTILE)])
    segments = list(adt.message(change, "2026-03-01T08:00:00Z", "1"))
    assert len(segments) == 4
    message = parse_message("\r".join(segments) + "\r", validation_level=1)
    assert message.validate()
    repeats = message.pid.pid_3
    assert [each.cx_4.value for each in repeats] == ["MINNS", "melior"]
    assert len(message.pid.pid_3[1].cx_1.to_er7().split("^")) == 1
