"""What the record held before stays readable: versions of facts, loads of a person, a day ago."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from projects import build, minns

from minns import history, pipeline, withdrawal
from minns.errors import ConfigError
from minns.overview import desk
from minns.site import Site, open_site

FOLDED = """
select fact_id, min(person_id) from current_condition join current_lineage using (fact_id)
group by fact_id having count(distinct current_lineage.source) > 1 order by fact_id limit 1
"""


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build(tmp_path_factory.mktemp("region"))
    for wave in ("wave-1", "wave-2"):
        pipeline.run(open_site(folder), wave, "cutover")
    return folder


@pytest.fixture
def site(region: Path, tmp_path: Path) -> Iterator[Site]:
    shutil.copytree(region, tmp_path / "project")
    yield open_site(tmp_path / "project")


def folded(site: Site) -> tuple[str, str]:
    """A diagnosis that both waves tell of, and its person."""
    connection = sqlite3.connect(site.target("cutover").url.removeprefix("sqlite:///"))
    try:
        found = connection.execute(FOLDED).fetchone()
    finally:
        connection.close()
    return str(found[0]), str(found[1])


def test_a_fact_tells_its_versions_and_the_rows_behind_it(site: Site) -> None:
    fact, _ = folded(site)
    found = history.fact(site, fact)
    assert found["kind"] == "condition"
    assert found["versions"][0]["load"] == 1
    assert found["versions"][0]["changed"]["person_id"][0] is None
    assert found["versions"][-1]["until"] is None
    assert {row["load"] for row in found["sources"]} == {1, 2}


def test_a_withdrawal_is_a_version_like_any_other(site: Site) -> None:
    fact, person = folded(site)
    withdrawal.withdraw(site, "wave-2", "cutover")
    found = history.fact(site, fact)
    ended = [row for row in found["sources"] if row["until"] == 3]
    assert ended
    assert {row["ended_by"] for row in ended} == {"wave-2-cutover-withdrawal-1"}
    loads = history.person(site, person)["loads"]
    assert [line["action"] for line in loads] == ["load", "load", "withdraw"]
    assert loads[-1]["tables"]["identity"]["closed"] > 0


def test_a_patient_is_shown_as_the_record_stood_then(site: Site) -> None:
    _, person = folded(site)
    now = desk.person(site, person, "en")
    first = desk.person(site, person, "en", as_of=1)
    assert {i["source"] for i in first["identities"]} < {i["source"] for i in now["identities"]}
    withdrawal.withdraw(site, "wave-2", "cutover")
    after = desk.person(site, person, "en")
    for part in ("identities", "alerts", "problems", "medications"):
        assert desk.person(site, person, "en", as_of=2)[part] == now[part]
        assert after[part] == first[part]


def test_the_page_of_another_day_says_so(site: Site, tmp_path: Path) -> None:
    _, person = folded(site)
    page = tmp_path / "then.html"
    ended = minns(site.project.root, "show", "person", person, "--as-of", "1", "--html", str(page))
    assert ended.returncode == 0, ended.stderr
    assert "Som det stod efter inläsning 1: inte som det är nu." in page.read_text("utf-8")


def test_a_load_that_never_was_is_told_with_those_that_were(site: Site) -> None:
    _, person = folded(site)
    with pytest.raises(ConfigError, match="found 7; there are 1, 2"):
        desk.person(site, person, "en", as_of=7)


def test_whoever_reads_a_history_is_written_down(site: Site) -> None:
    fact, person = folded(site)
    history.fact(site, fact, by="anna")
    assert site.ledger.entries("read")[-1].body["person"] == person
    assert site.ledger.entries("read")[-1].body["what"] == "history"


def test_a_person_who_left_with_a_wave_keeps_a_history(site: Site) -> None:
    connection = sqlite3.connect(site.target("cutover").url.removeprefix("sqlite:///"))
    (gone,) = connection.execute(
        "select person_id from person where valid_from_load = 2 and person_id not in "
        "(select person_id from person where valid_from_load = 1) order by 1 limit 1"
    ).fetchone()
    connection.close()
    withdrawal.withdraw(site, "wave-2", "cutover")
    loads = history.person(site, gone)["loads"]
    assert [line["tables"]["person"] for line in loads] == [
        {"added": 1, "changed": 0, "closed": 0},
        {"added": 0, "changed": 0, "closed": 1},
    ]


@pytest.mark.parametrize("what", [("fact", "0" * 20), ("person", "P000000000000")])
def test_what_was_never_there_is_told_in_one_sentence(site: Site, what: tuple[str, str]) -> None:
    ended = minns(site.project.root, "history", *what)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "record.db hold" in ended.stderr


def test_json_is_one_document(site: Site) -> None:
    fact, person = folded(site)
    for what in (("fact", fact), ("person", person)):
        ended = minns(site.project.root, "history", *what, "--json")
        assert json.loads(ended.stdout)["record"] == "record.db"
