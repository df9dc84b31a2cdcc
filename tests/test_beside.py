"""Persons beside what the next run makes of them: what is told is what the run then does."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import disagreeing
import pytest
from journals import NUMBERS, persons, project, record, rows_of, standing, write_journal
from typer.testing import CliRunner

from minns import identity, pipeline
from minns.beside import comparing
from minns.cli import app
from minns.conflicts import judging
from minns.errors import ConfigError
from minns.model import FACTS
from minns.site import Site

WHY = ("anna", "read both records")


def later(site: Site) -> None:
    """After the merge the north journal tells more of both, and corrects itself."""
    journal = disagreeing.north()
    journal["condition"][1] = ("n2", "n2", "J06.9", "Förkylning", "2019-03-01", "active")
    journal["observation"].append(
        ("t9", "n2", "NPU02192", "2020-01-01 10:00", "3,3", "mmol/L"),
    )
    write_journal(site.project.root, "north", journal)


@pytest.fixture(scope="module")
def split() -> Iterator[Site]:
    """Two patients were taken for one, edited since, a conflict settled; then judged to be two."""
    with project(disagreeing.north(), disagreeing.south()) as site:
        disagreeing.load(site)
        identity.merge(site, "north:n1", "north:n2", *WHY)
        pipeline.run(site, "second", "cutover")
        later(site)
        pipeline.run(site, "first", "cutover")
        found = disagreeing.conflict(site, "alert_none_known_but_known")
        judging.settle(site, found, "second", "asked", "anna")
        pipeline.run(site, "second", "cutover")
        identity.split(site, ["north:n2", "south:s2"], "north:n1", *WHY)
        yield site


@pytest.fixture(scope="module")
def told(split: Site) -> dict[str, Any]:
    return comparing.compare(split, [], by="anna")


def held(site: Site) -> dict[str, str]:
    return {
        fact: person
        for kind in FACTS
        for fact, person in rows_of(record(site), f"select fact_id, person_id from current_{kind}")
    }


def test_who_is_concerned_is_found_without_being_named(told: dict[str, Any], split: Site) -> None:
    places = {line["identity"]: (line["before"], line["after"]) for line in told["identities"]}
    assert set(places) == {"north:n1", "north:n2", "south:s1", "south:s2"}
    assert len({before for before, _ in places.values()}) == 1
    assert len({after for _, after in places.values()}) == 2
    assert [p["after"] for p in told["persons"]] == [True, True]
    for who in ("north:n1", "south:s2"):
        assert comparing.compare(split, [who])["identities"] == told["identities"]


def test_every_fact_has_a_place_on_each_side(told: dict[str, Any]) -> None:
    fates = {line["fate"] for line in told["facts"]}
    assert {"stays", "moves", "unfolded"} <= fates
    for line in told["facts"]:
        assert (line["before"] is None) == (line["fate"] == "comes")
        assert (line["after"] is None) == (line["fate"] == "leaves")
        assert bool(line["others"]) == (line["fate"] in ("folded", "unfolded"))
    assert sum(told["counts"].values()) == len(told["facts"])


def test_what_was_edited_since_goes_with_whom_it_is_about(told: dict[str, Any]) -> None:
    places = {line["identity"]: line["after"] for line in told["identities"]}
    edited = [f for f in told["facts"] if f["value"] == "3,3 mmol/L" or f["text"] == "Förkylning"]
    assert [(f["fate"], f["after"]) for f in edited] == [("moves", places["north:n2"])] * 2


def test_what_was_judged_of_a_conflict_is_kept_or_told(told: dict[str, Any]) -> None:
    lines = {line["rule"]: line for line in told["conflicts"]}
    judged = lines["alert_none_known_but_known"]
    assert judged["fate"] in ("stays", "reopened", "gone")
    assert judged["verdict"] == "second"


def test_nothing_is_touched_and_who_looked_is_in_the_ledger(split: Site) -> None:
    before = standing(split)
    comparing.compare(split, ["north:n1"], by="maj")
    assert standing(split) == before
    read = [e.body for e in split.ledger.entries("read") if e.body["by"] == "maj"]
    assert {(e["what"], e["record"]) for e in read} == {("compare", "cutover")}
    assert len(read) == 2


def test_the_page_and_the_terminal_show_both_sides(split: Site, tmp_path: Path) -> None:
    def said(*arguments: str) -> str:
        command = ["identity", "compare", *arguments, "--project", str(split.project.root)]
        ended = CliRunner().invoke(app, command)
        assert ended.exit_code == 0, ended.output
        return ended.stdout

    assert "står för sig själv igen" in said()
    shown = said("north:n2", "--language", "en")
    assert "stands by itself again" in shown
    assert "Nothing has been changed." in shown
    assert json.loads(said("--json"))["counts"]["moves"] > 0
    page = tmp_path / "beside.html"
    said("--html", str(page))
    text = page.read_text(encoding="utf-8")
    assert page.stat().st_mode & 0o077 == 0
    assert text.count("<h3>") == 3, "one person now, two next"
    assert NUMBERS[4] not in text


def test_nobody_who_moves_is_told_so() -> None:
    with project(disagreeing.north(), disagreeing.south()) as site:
        pipeline.run(site, "first", "cutover")
        with pytest.raises(ConfigError, match=r"identities change places.*found none"):
            comparing.compare(site, [])


def test_the_next_run_does_what_was_told(told: dict[str, Any], split: Site) -> None:
    """Last, for it changes the record."""
    assert all(
        line["before"] in (None, person)
        for line in told["facts"]
        for person in [held(split).get(line["fact"], line["before"])]
    )
    pipeline.run(split, "second", "cutover")
    after = held(split)
    for line in told["facts"]:
        gone = line["fate"] in ("folded", "leaves")
        assert after.get(line["fact"]) == (None if gone else line["after"])
    places = {line["identity"]: line["after"] for line in told["identities"]}
    now = {":".join(who): person for who, person in persons(split).items()}
    assert places.items() <= now.items()
    assert comparing.compare(split, ["north:n1"])["counts"]["moves"] == 0
