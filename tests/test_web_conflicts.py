"""Conflicts on pages: the worst first, both sides whole, settled by whoever was shown them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from fhir_peer import node_folder
from pages import CHECK, PASSWORD, Visitor, log_in, pictured, served
from playwright.sync_api import Browser
from projects import build

from minns import pipeline
from minns.conflicts import listing, sides
from minns.site import Site, open_site
from minns.web import access
from minns.web.users import add


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, int, Path]]:
    site = open_site(build(tmp_path_factory.mktemp("conflicts") / "region", persons=120))
    for wave in ("wave-1", "wave-2"):
        pipeline.run(site, wave, "rehearsal")
    protect(site, found(site)[-1]["person"])
    for name, role in (("ann", "clinician"), ("leo", "lead")):
        add(site.ledger, name, role, PASSWORD)
    add(site.ledger, "trusted", "clinician", PASSWORD, protected=True)
    with served(site) as (port, log):
        yield site, port, log


@pytest.fixture
def ann(place: tuple[Site, int, Path]) -> Visitor:
    visitor = Visitor(place[1])
    visitor.log_in("ann")
    return visitor


def listed(page: str) -> list[str]:
    return re.findall(r'name="conflict" value="([^"]+)"', page)


def settled(site: Site) -> list[dict[str, Any]]:
    return [e.body for e in site.ledger.entries("conflict_judgement")]


def found(site: Site) -> list[dict[str, Any]]:
    return list(listing.conflicts(site, listing.Asked(size=1000), "en")["conflicts"])


def chosen_of(site: Site, *, protected: bool) -> str:
    """A conflict that is, or is not, the last listed patient's, who is protected."""
    lines = found(site)
    return str(lines[-1]["conflict"] if protected else lines[0]["conflict"])


def protect(site: Site, person: str) -> None:
    """Mark a patient in the record, as a source's mark would have been loaded."""
    url = sqlalchemy.create_engine(site.target("rehearsal").url)
    with url.begin() as record:
        mark = "update person set protection = 'sekretessmarkering' where person_id = :person"
        assert record.execute(sqlalchemy.text(mark), {"person": person}).rowcount >= 1
    url.dispose()


def test_the_list_names_no_value_and_the_most_dangerous_stands_first(
    place: Any, ann: Visitor
) -> None:
    lines = found(place[0])
    page = ann.get("/conflicts")
    shown = listed(page.text)
    assert page.status == 200
    assert shown == [line["conflict"] for line in lines][:50]
    assert f"{len(lines)} konflikt" in page.text


def test_a_conflict_is_looked_at_settled_and_gone_from_the_list(place: Any, ann: Visitor) -> None:
    site = place[0]
    chosen = chosen_of(site, protected=False)
    ann.get("/conflicts")
    assert ann.post("/conflict/open", conflict=chosen).status == 303
    before = len(access.log(site.ledger, by="ann", kind="read"))
    page = ann.get("/conflict").text
    assert len(access.log(site.ledger, by="ann", kind="read")) == before + 1
    whole = sides.conflict(site, chosen, "sv", by="test")
    assert all(line["label"] in page for line in whole["fields"])
    answer = ann.post("/conflict", conflict=chosen, verdict="first", reason="bekräftat av läkare")
    assert answer.status == 303
    judged = settled(site)[-1]
    assert (judged["verdict"], judged["settled_by"]) == ("first", "ann")
    assert chosen not in listed(ann.get("/conflicts").text)


def test_nothing_is_settled_that_was_not_shown(place: Any, ann: Visitor) -> None:
    site = place[0]
    ann.get("/conflicts")
    before, refused = settled(site), len(access.log(site.ledger, by="ann", kind="refused"))
    other = chosen_of(site, protected=False)
    assert ann.post("/conflict", conflict=other, verdict="first", reason="x").status == 403
    assert settled(site) == before
    assert len(access.log(site.ledger, by="ann", kind="refused")) == refused + 1


@pytest.mark.parametrize(
    ("verdict", "reason"), [("withdrawn", "x"), ("'; drop", "x"), ("first", ""), ("first", " ")]
)
def test_a_verdict_of_no_button_or_without_a_reason_is_not_taken(
    place: Any, ann: Visitor, verdict: str, reason: str
) -> None:
    site = place[0]
    chosen = chosen_of(site, protected=False)
    ann.get("/conflicts")
    ann.post("/conflict/open", conflict=chosen)
    ann.get("/conflict")
    before = settled(site)
    assert ann.post("/conflict", conflict=chosen, verdict=verdict, reason=reason).status == 409
    assert settled(site) == before


def test_a_protected_persons_conflict_is_for_those_who_may(place: Any, ann: Visitor) -> None:
    site, port, _ = place
    chosen = chosen_of(site, protected=True)
    ann.get("/conflicts")
    ann.post("/conflict/open", conflict=chosen)
    assert sides.protected(site, chosen)
    looks = len(site.ledger.entries("read"))
    refusal = ann.get("/conflict")
    assert refusal.status == 403
    assert len(site.ledger.entries("read")) == looks
    trusted = Visitor(port)
    trusted.log_in("trusted")
    trusted.get("/conflicts")
    trusted.post("/conflict/open", conflict=chosen)
    assert trusted.get("/conflict").status == 200


def test_an_id_of_no_conflict_is_told_in_a_sentence(ann: Visitor) -> None:
    ann.get("/conflicts")
    ann.post("/conflict/open", conflict="' or 1=1 --<script>")
    answer = ann.get("/conflict")
    assert answer.status == 409
    assert "<script>alert" not in answer.text
    assert "' or 1=1" not in answer.text


def test_in_a_browser_a_conflict_is_settled_by_key_and_a_checker_finds_nothing(
    browser: Browser, place: tuple[Site, int, Path]
) -> None:
    site, port, _ = place
    axe = node_folder() / "node_modules" / "axe-core" / "axe.min.js"
    context = browser.new_context(base_url=f"http://127.0.0.1:{port}", bypass_csp=True)
    page = context.new_page()
    log_in(page, "ann")
    before, faults = len(settled(site)), {}
    page.goto("/conflicts")
    for name, leave in (("conflicts", "td button"), ("conflict", "h1")):
        page.add_script_tag(path=axe)
        faults[name] = page.evaluate(CHECK)
        pictured(page, name)
        page.locator(leave).first.click()
        page.wait_for_load_state("load")
    page.keyboard.press("1")
    assert page.locator("#reason").evaluate("e => e === document.activeElement"), "wants a reason"
    page.keyboard.type("båda är lästa")
    page.locator("h1").click()
    page.keyboard.press("1")
    page.wait_for_url("**/conflicts")
    context.close()
    assert not {where: what for where, what in faults.items() if what}
    assert [each["verdict"] for each in settled(site)][before:] == ["both"]
