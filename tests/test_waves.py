"""Two staged waves, end to end, over four legacy systems as they would be found."""

import csv
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from projects import build, copy, dump, minns

from minns import inquiry, pipeline
from minns.errors import ConfigError
from minns.model import FATES, TARGET
from minns.runner import Runner
from minns.site import Site, open_site


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("region"))


@pytest.fixture(scope="module")
def outcomes(region: Path) -> list[pipeline.Outcome]:
    """Both waves rehearsed and cut over, and the last cutover once more."""
    site = open_site(region)
    return [
        pipeline.run(site, "wave-1", "rehearsal"),
        pipeline.run(site, "wave-1", "cutover"),
        pipeline.run(site, "wave-2", "rehearsal"),
        pipeline.run(site, "wave-2", "cutover"),
        pipeline.run(site, "wave-2", "cutover"),
    ]


@pytest.fixture
def site(region: Path, outcomes: list[pipeline.Outcome]) -> Iterator[Site]:
    yield open_site(region)


def current(record: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(record)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_the_books_of_every_run_balance(outcomes: list[pipeline.Outcome]) -> None:
    for outcome in outcomes:
        totals = outcome.evidence.totals
        assert totals["unexplained"] == 0
        assert totals["extracted"] == sum(totals[fate] for fate in FATES)
        assert all(account.balanced for account in outcome.evidence.balance)


def test_every_gate_is_computed_and_passes(outcomes: list[pipeline.Outcome]) -> None:
    for outcome in outcomes:
        assert {g.verdict for g in outcome.evidence.gates if g.binding} == {"pass"}
        assert outcome.evidence.go


def test_every_fate_occurs(outcomes: list[pipeline.Outcome]) -> None:
    totals = outcomes[-1].evidence.totals
    assert [fate for fate in FATES if totals[fate] == 0] in ([], ["held"])


def test_a_second_run_loads_nothing(outcomes: list[pipeline.Outcome]) -> None:
    assert outcomes[-1].loaded.load_id is None
    assert outcomes[-1].loaded.total == 0


def test_ids_of_the_first_wave_stay_but_for_merges_that_are_told(region: Path, site: Site) -> None:
    moved = current(
        region / "work" / "record.db",
        """select source, local_patient_id from identity as old join current_identity as now
           using (source, local_patient_id)
           where old.valid_from_load = 1 and old.person_id <> now.person_id order by 1, 2""",
    )
    linked = inquiry.past_run(site, "wave-2", "rehearsal").tables["link"]
    with Runner(site.project, site.store).engine() as engine:
        engine.view("registry_event", linked.parts("registry_event"))
        told = engine.rows(
            "select source, local_patient_id from registry_event "
            "where event in ('merged', 'split') order by all"
        )
    assert moved == told
    assert len(moved) < 5


def test_persons_of_the_first_wave_gain_identities(region: Path, site: Site) -> None:
    gained = current(
        region / "work" / "record.db",
        """select count(distinct person_id) from current_identity
           where source in ('melior', 'elvis')
             and person_id in (select person_id from current_identity
                               where source in ('asynja', 'obstetrix'))""",
    )
    assert gained[0][0] > 50


def test_facts_of_the_first_wave_keep_their_ids_and_gain_sources(region: Path, site: Site) -> None:
    record = region / "work" / "record.db"
    lost = current(
        record, "select count(*) from condition where valid_from_load = 1 and valid_to_load = 2"
    )
    changed = current(
        record,
        """select count(*) from condition as a where valid_from_load = 1 and valid_to_load = 2
           and exists (select 1 from current_condition as b where b.fact_id = a.fact_id)""",
    )
    folded = current(
        record,
        """select count(*) from (
             select fact_id from current_lineage where kind <> 'patient'
             group by fact_id having count(distinct source) > 1)""",
    )
    assert lost == changed
    assert folded[0][0] > 0


def test_a_rehearsal_gives_the_record_that_the_cutover_gives(region: Path, site: Site) -> None:
    rehearsed = dump(region / "work" / "record-rehearsal.db")
    real = dump(region / "work" / "record.db")
    for table in TARGET:
        assert rehearsed[table] == real[table]


def test_every_identity_is_exported_once(region: Path, site: Site) -> None:
    path = region / "identities.csv"
    rows = inquiry.export_identities(site, path)
    with path.open(encoding="utf-8", newline="") as handle:
        lines = list(csv.DictReader(handle))
    assert list(lines[0]) == ["source", "local_id", "person_id", "probability", "method"]
    assert len(lines) == rows == len({(x["source"], x["local_id"]) for x in lines})


def test_a_row_is_traced_to_its_fact_and_back(region: Path, site: Site) -> None:
    record = region / "work" / "record.db"
    fact, source, table, key = current(
        record,
        """select fact_id, source, source_table, row_key from current_lineage
           where kind = 'condition' order by fact_id limit 1""",
    )[0]
    forth = inquiry.trace(site, [source, table, key])
    back = inquiry.trace(site, [fact])
    assert fact in {line["fact_id"] for line in forth}
    assert (source, table, key) in {(x["source"], x["source_table"], x["row_key"]) for x in back}


def test_a_row_is_found_by_the_mark_that_the_report_shows(region: Path, site: Site) -> None:
    shown = next(p for p in inquiry.evidence(site, "wave-2", "cutover")["pointers"] if p["marks"])
    found = inquiry.trace(site, [shown["source"], shown["source_table"], shown["marks"][0]])
    assert shown["fate"] in {line["fate"] for line in found}


def test_a_row_that_is_not_there_is_told_in_one_sentence(site: Site) -> None:
    with pytest.raises(ConfigError, match="a row with that key or mark in melior"):
        inquiry.trace(site, ["melior", "diagnos", "no such key"])


def test_a_plan_touches_nothing(tmp_path: Path, region: Path) -> None:
    project = copy(region, tmp_path / "project")
    found = pipeline.plan(open_site(project), "wave-1", "cutover")
    assert found.difference.total > 0
    assert not (project / "work" / "record.db").exists()
    assert not (project / "work" / "registry").exists()
    assert inquiry.status(open_site(project)) == []


def test_what_a_plan_shows_is_what_the_run_loads(tmp_path: Path, region: Path) -> None:
    site = open_site(copy(region, tmp_path / "project"))
    planned = pipeline.plan(site, "wave-1", "rehearsal").difference.tables
    assert pipeline.run(site, "wave-1", "rehearsal").loaded.tables == planned


def test_a_later_wave_is_not_cut_over_before_an_earlier_one(tmp_path: Path, region: Path) -> None:
    project = copy(region, tmp_path / "project")
    with pytest.raises(ConfigError, match="wave-1 in the record before wave-2"):
        pipeline.run(open_site(project), "wave-2", "cutover")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_reports_stand_by_themselves(site: Site, language: str) -> None:
    path = inquiry.report(site, "wave-2", "cutover", language, None)
    page = path.read_text(encoding="utf-8")
    assert f'lang="{language}"' in page
    assert "<svg" in page
    assert set(re.findall(r"https?://[^\"' ]+", page)) <= {"http://www.w3.org/2000/svg"}
    assert "src=" not in page


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("plan", "wave-1"),
        ("report", "wave-1"),
        ("ledger", "verify"),
        ("source", "check", "elvis"),
        ("export", "identities", "out.csv"),
    ],
    ids=" ".join,
)
def test_json_is_one_document_and_nothing_else(
    region: Path, site: Site, arguments: tuple[str, ...]
) -> None:
    ended = minns(region, *arguments, "--json")
    assert ended.returncode == 0, ended.stderr
    json.loads(ended.stdout)
