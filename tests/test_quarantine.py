"""Rows in quarantine: by rule, age and owner, handed on, free when their cause is mended."""

import csv
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from projects import build
from typer.testing import CliRunner, Result

from minns.cli import app
from minns.quarantine.owners import Owner, owner_of

BAD = "2011-02-31x"
MENDED = "2011-02-28"
WHO = ("asynja", "diagnoser")
WAVE = "only"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A region that was run once with three dates of diagnoses that nobody can read."""
    folder = build(tmp_path_factory.mktemp("quarantine") / "region", persons=60)
    (folder / "runbooks").mkdir(exist_ok=True)
    wave = f'name = "{WAVE}"\nsources = ["asynja"]\n'
    (folder / "runbooks" / f"{WAVE}.toml").write_text(wave, encoding="utf-8")
    _dates(folder, BAD, "where diagid in (select diagid from diagnoser order by diagid limit 3)")
    _run(folder)
    return folder


def _dates(project: Path, date: str, where: str) -> None:
    with sqlite3.connect(project / "region" / "asynja.db") as database:
        database.execute(f"update diagnoser set datum = ? {where}", [date])


def minns(project: Path, *arguments: str) -> Result:
    """The command line, in this process."""
    return CliRunner().invoke(app, [*arguments, "--project", str(project)])


def _run(project: Path) -> None:
    ran = minns(project, "run", WAVE)
    assert ran.exit_code in (0, 9), ran.output


def told(project: Path, *arguments: str) -> list[dict[str, Any]]:
    """What `minns quarantine` gives as JSON."""
    done = minns(project, "quarantine", *arguments, "--json")
    assert done.exit_code == 0, done.output
    return list(json.loads(done.stdout))


def dates(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The line of diagnoses whose date cannot be read."""
    [line] = [e for e in lines if (e["source"], e["table"]) == WHO and e["rule"] == "not_a_date"]
    return line


def test_rows_are_told_by_rule_and_by_key_and_never_by_value(project: Path) -> None:
    line = dates(told(project, "list"))
    assert line["rows"] >= 3
    assert line["field"] == "diagnosed_on"
    shown = told(project, "show", *WHO, "--rule", "not_a_date")
    assert len(shown) == line["rows"]
    assert {"key", "kind", "rule", "field", "since"} < set(shown[0])
    for arguments in (("list",), ("show", *WHO)):
        assert BAD not in minns(project, "quarantine", *arguments).stdout


def test_the_sum_of_rows_is_what_the_balance_says(project: Path) -> None:
    evidence = max((project / "work" / "runs").glob("*/evidence.json"), key=lambda p: p.parent.name)
    balance = json.loads(evidence.read_text(encoding="utf-8"))["balance"]
    quarantined = {
        (line["source"], line["source_table"]): line["quarantined"]
        for line in balance
        if line["quarantined"]
    }
    waiting: dict[tuple[str, str], set[str]] = {}
    for line in told(project, "list"):
        place = (line["source"], line["table"])
        rows = told(project, "show", *place, "--size", "10000")
        waiting[place] = {row["key"] for row in rows}
    assert quarantined
    assert {place: len(keys) for place, keys in waiting.items()} == quarantined


def test_pages_hold_every_row_once(project: Path) -> None:
    whole = told(project, "show", *WHO)
    pages = [
        told(project, "show", *WHO, "--size", "2", "--page", str(page))
        for page in range(1, len(whole) // 2 + 2)
    ]
    assert [row for page in pages for row in page] == whole


def test_a_file_for_the_source_holds_values_only_when_asked_and_says_who_took_it(
    project: Path, tmp_path: Path
) -> None:
    place = ["--source", WHO[0], "--table", WHO[1], "--rule", "not_a_date"]
    bare, full = tmp_path / "bare.csv", tmp_path / "full.csv"
    assert minns(project, "quarantine", "export", str(bare), *place).exit_code == 0
    taken = minns(
        project, "quarantine", "export", str(full), *place, "--values", "--by", "anna", "--json"
    )
    with full.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert BAD not in bare.read_text(encoding="utf-8")
    assert [row["datum"] for row in rows].count(BAD) == 3
    assert json.loads(taken.stdout)["rows"] == len(rows)
    with sqlite3.connect(project / "work" / "ledger.db") as ledger:
        query = "select body from ledger_entry where kind = 'quarantine_exported' order by sequence"
        said = [json.loads(body) for (body,) in ledger.execute(query)]
    assert [(each["values"], each["by"]) for each in said][-1] == (True, "anna")
    assert BAD not in json.dumps(said)


def test_values_of_more_than_one_table_are_refused_in_a_sentence(project: Path) -> None:
    done = minns(project, "quarantine", "export", "x.csv", "--values")
    assert done.exit_code == 2
    assert "--source and --table" in done.stderr
    assert not (project / "x.csv").exists()


def test_an_owner_is_found_with_what_waits(project: Path) -> None:
    assert minns(project, "quarantine", "assign", "asynja", "leo").exit_code == 0
    named = ("asynja", "anna", "--table", "diagnoser", "--rule", "not_a_date")
    assert minns(project, "quarantine", "assign", *named).exit_code == 0
    assert dates(told(project, "list", "--owner", "anna"))["owner"] == "anna"
    assert all(line["source"] == "asynja" for line in told(project, "list", "--owner", "leo"))
    wrong = minns(project, "quarantine", "assign", "asynja", "anna", "--table", "nothing")
    assert wrong.exit_code == 2
    assert "diagnoser" in wrong.stderr


def test_a_mended_source_frees_its_rows_and_the_rest_keeps_its_age(project: Path) -> None:
    before = dates(told(project, "list"))
    _dates(project, MENDED, f"where datum = '{BAD}'")
    same = dates(told(project, "replay", "asynja"))
    assert (same["before"], same["solved"]) == (before["rows"], 0)
    freed = dates(told(project, "replay", "asynja", "--land"))
    assert (freed["before"], freed["solved"], freed["new"]) == (before["rows"], 3, 0)
    assert dates(told(project, "list"))["rows"] == before["rows"], "replay leaves the record be"
    _run(project)
    after = [line for line in told(project, "list") if (line["source"], line["table"]) == WHO]
    assert sum(line["rows"] for line in after) == before["rows"] - 3
    assert all(line["since"] == before["since"] for line in after)


_PARTS = st.sampled_from([None, "a", "b"])
_NAMED = st.builds(Owner, st.sampled_from(["s", "t"]), _PARTS, _PARTS, st.sampled_from("xyz"))


@given(st.lists(_NAMED), st.sampled_from("ab"), st.sampled_from("ab"))
def test_nobody_owns_what_they_were_not_named_for(
    named: list[Owner], table: str, rule: str
) -> None:
    fitting = [
        o for o in named if o.source == "s" and o.table in (None, table) and o.rule in (None, rule)
    ]
    exact = [o for o in fitting if o.table and o.rule]
    found = owner_of(named, "s", table, rule)
    assert found in {o.owner for o in fitting} or (found == "" and not fitting)
    assert not exact or found == exact[0].owner, "the latest, most narrowly named"
