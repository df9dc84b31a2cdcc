"""One patient at a glance: what holds first, every line with its sources, nothing left out."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import disagreeing
import pytest
from journals import NUMBERS, project
from test_report_browser import browse
from typer.testing import CliRunner, Result

from minns.cli import app
from minns.conflicts import listing, sides
from minns.overview import desk
from minns.overview.page import render
from minns.site import Site, open_site


@pytest.fixture(scope="module")
def loaded() -> Iterator[Site]:
    with project(disagreeing.north(), disagreeing.south()) as site:
        disagreeing.load(site)
        yield site


def run(site: Site, *arguments: str) -> Result:
    return CliRunner().invoke(
        app, ["show", "person", *arguments, "--project", str(site.project.root)]
    )


def plain(page: str) -> str:
    return re.sub(r"<[^>]+>", " ", re.sub(r"<style.*?</style>", "", page, flags=re.S))


def test_an_alert_that_holds_stands_before_what_denies_it(loaded: Site) -> None:
    first = desk.person(loaded, "north:n1", "en")["alerts"]
    assert [line["text"] for line in first["active"]] == ["Penicillin"]
    assert [line["status"] for line in first["past"]] == ["refuted"]
    second = desk.person(loaded, "north:n2", "en")["alerts"]
    assert [line["text"] for line in second["active"]] == ["Penicillin"]
    assert [line["text"] for line in second["none_known"]] == ["Ingen känd"]
    assert second["active"][0]["disputed"]


def test_a_refuted_diagnosis_is_no_problem(loaded: Site) -> None:
    problems = desk.person(loaded, "north:n1", "en")["problems"]
    assert [line["status"] for line in problems["active"]] == ["active"]
    assert [line["status"] for line in problems["denied"]] == ["refuted"]


def test_the_last_value_of_an_analysis_is_shown_with_those_before_it(loaded: Site) -> None:
    [result] = desk.person(loaded, "north:n1", "en")["results"]
    assert (result["value"], result["day"]) == ("2,4", "2019-09-01 10:00")
    assert [each["value"] for each in result["trend"]] == ["1,8", "1,5"]
    assert result["curve"] == pytest.approx([0, 1 / 3, 1])


def test_every_line_has_the_sources_behind_it(loaded: Site) -> None:
    shown = desk.person(loaded, "north:n4", "en")
    [problem] = shown["problems"]["active"]
    assert sorted(source["source"] for source in problem["sources"]) == ["north", "south"]
    lines = [*shown["results"], *shown["alerts"]["active"], problem]
    assert all(line["sources"] for line in lines)


def test_a_protected_person_is_marked_and_has_no_address(loaded: Site) -> None:
    shown = desk.person(loaded, "south:s5", "sv")
    assert shown["protected"]
    page = render(shown, "sv")
    assert "Sekretessmarkering" in page
    assert disagreeing.STREET not in page and "Ån 1" not in page
    assert "Ån 1" in render(desk.person(loaded, "south:s4", "sv"), "sv")


def test_the_person_is_found_by_id_and_by_any_identity(loaded: Site) -> None:
    who = disagreeing.person(loaded, "north:n1")
    ids = {desk.person(loaded, w, "en")["person"]["person_id"] for w in (who, "south:s1")}
    assert ids == {who}


def test_who_looked_at_whom_is_in_the_ledger_and_nothing_else(loaded: Site) -> None:
    ended = run(loaded, "north:n1", "--by", "maj")
    assert (ended.exit_code, "Penicillin" in ended.output) == (0, True)
    entry = loaded.ledger.entries("read")[-1]
    assert set(entry.body) == {"person", "what", "by", "record"}
    assert (entry.body["by"], entry.body["what"]) == ("maj", "overview")
    assert NUMBERS[4] not in str([e.body for e in loaded.ledger.entries()])
    assert loaded.ledger.verify() > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((NUMBERS[4],), "may be a personal number"),
        ((f"{NUMBERS[4][:8]}-{NUMBERS[4][8:]}",), "may be a personal number"),
        ((f"north:{NUMBERS[4]}",), "may be a personal number"),
        (("P000000000000",), "found none"),
        (("north:nobody",), "found none"),
        (("'; drop table person; --",), "found none"),
        (("north:n1", "--language", "de"), "one of sv, en"),
        (("north:n1", "--rehearsal"), "a record that was loaded"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(
    loaded: Site, arguments: tuple[str, ...], said: str
) -> None:
    ended = run(loaded, *arguments)
    assert ended.exit_code == 2
    assert said in ended.output
    assert NUMBERS[4][-4:] not in ended.output
    assert len(ended.output.strip().splitlines()) == 1


def test_a_page_that_cannot_be_written_is_one_sentence_without_the_patient(
    loaded: Site, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    ended = run(loaded, "north:n1", "--html", str(tmp_path / "file" / "page.html"))
    assert (ended.exit_code, "cannot be written" in ended.output) == (2, True)
    assert "Anna" not in ended.output


def test_the_page_goes_to_the_file_that_was_asked_for_and_nowhere_else(
    loaded: Site, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    ended = run(loaded, "north:n1", "--html", str(page))
    assert ended.output.strip() == str(page)
    assert page.stat().st_mode & 0o077 == 0
    data = {".parquet", ".db", ".db-wal", ".db-shm", ".csv"}
    beside = [p for p in loaded.project.root.rglob("*") if p.is_file() and p.suffix not in data]
    assert all("Hypertoni" not in p.read_text(encoding="utf-8") for p in beside)


def test_json_is_one_document_of_the_same_sections(loaded: Site) -> None:
    ended = run(loaded, "north:n1", "--json")
    shown: dict[str, Any] = json.loads(ended.stdout)
    assert {"alerts", "problems", "medications", "results", "contacts", "conflicts"} <= set(shown)
    assert shown["conflicts"][0]["what"]


def test_a_browser_shows_alerts_first_and_asks_nobody_for_anything(
    loaded: Site, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    page.write_text(render(desk.person(loaded, "north:n1", "sv"), "sv"), encoding="utf-8")
    raw = page.read_text(encoding="utf-8")
    assert not re.findall(r"<script|<link|<img|https?://|@import|url\(", raw)
    shown = plain(browse(tmp_path, "--dump-dom", page.as_uri()))
    assert shown.index("Penicillin") < shown.index("Hypertoni") < shown.index("NPU02192")


@pytest.mark.parametrize("width", [1280, 794, 500])
def test_nothing_runs_out_of_the_window(loaded: Site, tmp_path: Path, width: int) -> None:
    probe = tmp_path / "probe.html"
    script = "<script>document.title = document.documentElement.scrollWidth</script></body>"
    page = render(desk.person(loaded, "north:n1", "sv"), "sv")
    probe.write_text(page.replace("</body>", script), encoding="utf-8")
    shown = browse(tmp_path, f"--window-size={width},900", "--dump-dom", probe.as_uri())
    found = re.search(r"<title>(\d+)</title>", shown)
    assert found and int(found[1]) <= width


def test_it_prints_on_a4(loaded: Site, tmp_path: Path) -> None:
    page, paper = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text(render(desk.person(loaded, "north:n1", "sv"), "sv"), encoding="utf-8")
    browse(tmp_path, f"--print-to-pdf={paper}", "--no-pdf-header-footer", page.as_uri())
    assert paper.read_bytes().startswith(b"%PDF")


def test_what_sources_wrote_is_text_and_never_markup(loaded: Site) -> None:
    shown = desk.person(loaded, "north:n1", "en")
    shown["alerts"]["active"][0]["text"] = "<script>alert(1)</script>"
    assert "<script>" not in render(shown, "en")


def test_both_languages_have_every_word(loaded: Site) -> None:
    shown = desk.person(loaded, "north:n1", "en")
    english, swedish = (plain(render(shown, language)) for language in ("en", "sv"))
    assert "Latest results" in english and "Latest results" not in swedish


def test_the_overview_is_the_same_from_postgresql(
    loaded: Site, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECORD", postgres_url)
    with project(disagreeing.north(), disagreeing.south()) as site:
        with (site.project.root / "minns.toml").open("a") as settings:
            settings.write('target = "${RECORD}"\n')
        elsewhere = open_site(site.project.root)
        disagreeing.load(elsewhere)
        for who in ("north:n1", "north:n3", "south:s5"):
            shown, told = (desk.person(each, who, "en") for each in (elsewhere, loaded))
            head = ("record", "moment")
            assert {k: v for k, v in shown.items() if k not in head} == {
                k: v for k, v in told.items() if k not in head
            }
        asked = listing.Asked(person="north:n3")
        [conflict] = listing.conflicts(elsewhere, asked, "en")["conflicts"]
        assert conflict["rule"] == "observation_value_text_differs"
        assert sides.conflict(elsewhere, conflict["conflict"], "en")["fields"][0]["disputed"]
