"""Conflicts before a clinician: the most dangerous first, settled without losing anything."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import disagreeing
import pytest
from journals import NUMBERS, project, record, rows_of, write_journal
from typer.testing import CliRunner

import transform
from minns import disputes, pipeline
from minns.cli import app
from minns.conflicts import judging, listing, sides
from minns.model import KINDS
from minns.recorded import holds_personal_number
from minns.site import Site
from transform.rules import RULES

STATUS, NONE_KNOWN = "condition_status_differs", "alert_none_known_but_known"
RESULT, REFUTED = "observation_value_text_differs", "alert_status_differs"
DASHED = f"{NUMBERS[4][:8]}-{NUMBERS[4][8:]}"
FACTS = "select * from current_{} order by fact_id"


@pytest.fixture(scope="module")
def loaded() -> Iterator[Site]:
    with project(disagreeing.north(), disagreeing.south()) as site:
        disagreeing.load(site)
        yield site


def told(site: Site, **asked: Any) -> list[dict[str, Any]]:
    found = listing.conflicts(site, listing.Asked(**asked), "en")
    return list(found["conflicts"])


def run(site: Site, *arguments: str) -> tuple[int, str]:
    ended = CliRunner().invoke(app, [*arguments, "--project", str(site.project.root)])
    return ended.exit_code, ended.output


def test_every_disagreement_is_listed_by_patient_the_most_dangerous_first(loaded: Site) -> None:
    lines = told(loaded)
    assert sorted(line["rule"] for line in lines) == sorted([STATUS, NONE_KNOWN, REFUTED, RESULT])
    assert [line["danger"] for line in lines] == [1, 5, 1, 4]


@pytest.mark.parametrize(
    ("asked", "rules"),
    [
        ({"kind": "observation"}, [RESULT]),
        ({"rule": STATUS}, [STATUS]),
        ({"person": "north:n3"}, [RESULT]),
        ({"page": 4, "size": 1}, [RESULT]),
        ({"page": 5, "size": 1}, []),
        ({"state": "settled"}, []),
    ],
)
def test_the_list_can_be_narrowed_and_paged(
    loaded: Site, asked: dict[str, Any], rules: list[str]
) -> None:
    assert [line["rule"] for line in told(loaded, **asked)] == rules


def test_both_sides_are_shown_with_their_sources_and_what_differs(loaded: Site) -> None:
    shown = sides.conflict(loaded, disagreeing.conflict(loaded, STATUS), "sv", by="anna")
    first = shown["fields"][0]
    assert (first["field"], first["disputed"], first["differs"]) == ("status", True, True)
    assert sorted(first["values"]) == ["active", "refuted"]
    sources = [[row["source"] for row in side["sources"]] for side in shown["sides"]]
    assert sorted(sources) == [["north"], ["south"]]
    assert shown["what"] == "aktiv i en källa, inte i den andra"


def test_who_looks_is_in_the_ledger_and_what_they_saw_is_not(loaded: Site) -> None:
    sides.conflict(loaded, disagreeing.conflict(loaded, STATUS), "en", by="maj")
    entry = loaded.ledger.entries("read")[-1]
    who = disagreeing.person(loaded, "north:n1")
    assert (entry.body["by"], entry.body["person"]) == ("maj", who)
    assert "Hypertoni" not in str(entry.body)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("conflict", "show", "nosuch"), "none of that id"),
        (("conflict", "list", "--kind", "allergy"), "one of patient"),
        (("conflict", "list", "--state", "closed"), "one of open"),
        (("conflict", "list", "--person", DASHED), "may be a personal number"),
        (("conflict", "list", "--person", "north:nobody"), "found none"),
        (("conflict", "settle", "x", "--verdict", "yes", "--reason", "r", "--by", "a"), "both"),
        (("conflict", "settle", "x", "--verdict", "both", "--reason", " ", "--by", "a"), "reason"),
        (("conflict", "settle", "x", "--verdict", "both", "--reason", "r", "--by", ""), "--by"),
        (
            ("conflict", "settle", "x", "--verdict", "both", "--reason", DASHED, "--by", "a"),
            "personal number",
        ),
    ],
)
def test_a_mistake_is_told_in_one_sentence(
    loaded: Site, arguments: tuple[str, ...], said: str
) -> None:
    code, output = run(loaded, *arguments)
    assert code == 2
    assert said in output
    assert NUMBERS[4][-4:] not in output
    assert len(output.strip().splitlines()) == 1


def test_a_judgement_settles_and_removes_nothing_until_a_side_changes() -> None:
    with project(disagreeing.north(), disagreeing.south()) as site:
        disagreeing.load(site)
        chosen = disagreeing.conflict(site, STATUS)
        before = rows_of(record(site), FACTS.format("condition"))
        judging.settle(site, chosen, "first", "asked the patient", "anna")
        assert [ln["next_run"] for ln in told(site, rule=STATUS)] == ["first"]
        pipeline.run(site, "second", "cutover")
        assert rows_of(record(site), FACTS.format("condition")) == before
        assert told(site, rule=STATUS) == []
        [settled] = told(site, state="settled")
        assert (settled["conflict"], settled["verdict"]) == (chosen, "first")
        assert settled["settled_by"] == "anna"
        evidence = pipeline.plan(site, "second", "cutover").evidence
        counted = {c.rule: (c.open, c.settled) for c in evidence.conflicts}
        assert counted == dict.fromkeys((NONE_KNOWN, REFUTED, RESULT), (1, 0)) | {STATUS: (0, 1)}
        changed = disagreeing.south()
        changed["condition"][0] = (*disagreeing.DENIED[:5], "nullified")
        write_journal(site.project.root, "south", changed)
        pipeline.run(site, "second", "cutover")
        assert [line["state"] for line in told(site, rule=STATUS)] == ["open"]
        assert site.ledger.verify() > 0


def test_a_judgement_can_be_withdrawn() -> None:
    with project(disagreeing.north(), disagreeing.south()) as site:
        disagreeing.load(site)
        chosen = disagreeing.conflict(site, RESULT)
        code, output = run(
            site,
            "conflict",
            "settle",
            chosen,
            "--verdict",
            "withdrawn",
            "--reason",
            "r",
            "--by",
            "a",
        )
        assert (code, "a judgement that can be withdrawn" in output) == (2, True)
        judging.settle(site, chosen, "both", "two samples", "anna")
        pipeline.run(site, "second", "cutover")
        judging.settle(site, chosen, "withdrawn", "one sample after all", "bo")
        pipeline.run(site, "second", "cutover")
        assert [line["state"] for line in told(site, rule=RESULT)] == ["open"]
        assert [j["verdict"] for j in sides.conflict(site, chosen, "en")["judgements"]] == [
            "both", "withdrawn",
        ]  # fmt: skip


def planted_rules() -> set[str]:
    """Every name of a conflict rule in transform: those of the table of rules, and those written
    out in its SQL.
    """
    found = {f"{kind}_{name}_differs" for kind, rule in RULES.items() for name in rule.disputed}
    kinds = "|".join(("patient", *KINDS))
    written = re.compile(rf"'((?:{kinds})_[a-z_]+)'")
    for path in sorted(Path(transform.__file__).parent.rglob("*")):
        if path.suffix in (".py", ".sql"):
            found |= set(written.findall(path.read_text(encoding="utf-8")))
    return found | {f"patient_{name}_differs" for name in ("birth_date", "sex", "deceased_date")}


def test_every_rule_of_transform_has_a_word_in_both_languages() -> None:
    rules = planted_rules()
    assert len(rules) > 20
    assert {rule for rule in rules if not disputes.known(rule)} == set()
    for rule in rules:
        assert disputes.said(rule, "sv") != disputes.said(rule, "en")


@pytest.mark.parametrize(
    ("rule", "level"),
    [
        ("alert_anything", 1),
        ("medication_duplicate", 2),
        ("condition_after_death", 3),
        ("observation_unit_against_range", 4),
        ("procedure_anything", 5),
        ("never_heard_of", 6),
    ],
)
def test_an_unknown_rule_falls_to_its_kinds_danger(rule: str, level: int) -> None:
    assert disputes.danger(rule).level == level
    assert disputes.said("never_heard_of", "sv") == "never heard of"


def test_a_dispute_between_what_holds_no_more_is_the_least_dangerous() -> None:
    assert disputes.danger("alert_severity_differs", active=False).level == 6


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (DASHED, True),
        (NUMBERS[4], True),
        (f"wrong: {DASHED[2:]}, says she", True),
        (DASHED[:-1] + str((int(DASHED[-1]) + 1) % 10), False),
        ("2019-03-01 10:00", False),
        ("melior 4711", False),
    ],
)
def test_a_personal_number_is_known_by_its_form_and_check_digit(text: str, holds: bool) -> None:
    assert holds_personal_number(text) is holds
