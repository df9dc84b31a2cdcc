"""The commands of the review and of identities, as people and programs meet them."""

import json
from pathlib import Path
from typing import Any

import pytest
from doubts import a_site, pair, patient, placed, ran, row, steps
from typer.testing import CliRunner

from minns.cli import app

SIDES = ("asynja:1", "melior:1")
WHY = ("--reviewer", "anna", "--reason", "read both")
#: A value of a patient that no file may hold and only the pair itself shows.
SECRET = "Kvistdotter"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A run with one pair that waits, and two persons in the registry."""
    site = a_site(tmp_path / "project")
    patients = [patient(SIDES[0], surname=SECRET, sex="female"), patient(SIDES[1], surname="Ek")]
    alerts = [row(SIDES[1], "a", category="disease")]
    run = ran(site, steps([pair(*SIDES, "given_names")], patients, alert=alerts))
    names = {"event": "created", "local_patient_id": "1", "method": "founder"}
    events = [
        {**names, "source": s, "person_id": f"P-{s}:1", "earlier_person_id": None}
        for s in ("asynja", "melior")
    ]
    placed(site, run, 1, events)
    return site.project.root


def said(project: Path, *words: str, code: int = 0) -> str:
    ended = CliRunner().invoke(app, [*words, "--project", str(project)])
    assert ended.exit_code == code, ended.output
    return ended.stdout if code == 0 else ended.stderr


def document(project: Path, *words: str) -> Any:
    return json.loads(said(project, *words, "--json"))


def test_a_pair_is_shown_and_decided(project: Path) -> None:
    shown = said(project, "review", "next", "--reviewer", "anna", "--language", "en")
    assert SECRET in shown and "Waits because: The given names" in shown
    assert "≠" in shown and "of them active 1" in shown
    assert "Efternamn" in said(project, "review", "show", *SIDES), "in the project's language"
    pair_id = document(project, "review", "show", *SIDES)["pair"]
    assert "as a judgement" in said(project, "review", "decide", pair_id, "same", *WHY)
    assert "No pair to show" in said(project, "review", "next")
    assert document(project, "review", "next")["pair"] is None


def test_the_figures_are_shown(project: Path) -> None:
    shown = said(project, "review", "stats")
    assert "1 pair, about 1 minute" in shown and "given_names" in shown
    assert document(project, "review", "stats")["forecast"]["minutes"] == 1


def test_a_wrong_verdict_pair_or_language_is_told(project: Path) -> None:
    assert "same, different, unsure" in said(
        project, "review", "decide", *SIDES, "maybe", *WHY, code=2
    )
    assert "a pair and a verdict" in said(project, "review", "decide", "same", *WHY, code=2)
    assert "sv, en" in said(project, "review", "show", *SIDES, "--language", "fi", code=2)
    assert "two opinions" in said(project, "review", "adjudicate", *SIDES, "same", *WHY, code=2)


def test_no_value_of_a_patient_is_kept(project: Path) -> None:
    said(project, "review", "next")
    said(project, "review", "decide", *SIDES, "different", *WHY)
    said(project, "identity", "show", SIDES[0])
    kept = [p for p in (project / "work").rglob("*") if p.is_file() and p.suffix != ".parquet"]
    assert kept and not [p for p in kept if SECRET.encode() in p.read_bytes()]


def test_persons_are_shown_merged_and_split(project: Path) -> None:
    assert "P-asynja:1" in said(project, "identity", "show", SIDES[0])
    assert len(document(project, "identity", "show", "asynja:1")["open_pairs"]) == 1
    assert "1 judgements 'same'" in said(project, "identity", "merge", *SIDES, *WHY)
    assert document(project, "identity", "merge", *SIDES, *WHY)["judgements"] == 0
    told = said(project, "identity", "history", SIDES[0])
    assert "created" in told and "judged" in told and "anna" in told
    assert len(document(project, "identity", "history", SIDES[0])) == 2
    refused = ("identity", "split", SIDES[0], "--from", "melior:1", *WHY)
    assert "of another person" in said(project, *refused, code=2)


def test_changes_are_listed_or_written(project: Path, tmp_path: Path) -> None:
    assert "2 changes of ids" in said(project, "identity", "changes")
    assert document(project, "identity", "changes")["events"][0]["event"] == "created"
    files = ("--hl7", str(tmp_path / "out" / "a.hl7"), "--csv", str(tmp_path / "out" / "a.csv"))
    assert "a.csv, " in said(project, "identity", "changes", *files)
    assert [p.name for p in sorted((tmp_path / "out").iterdir())] == ["a.csv", "a.hl7"]
