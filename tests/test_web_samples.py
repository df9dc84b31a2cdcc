"""Samples on pages: one's own only, a fact at a time, undone until signed, settled, signed."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fhir_peer import node_folder
from pages import CHECK, PASSWORD, Visitor, log_in, pictured, served
from playwright.sync_api import Browser, Page
from sampled import HIDDEN_STREET, copied, drew

from minns.samples import reading
from minns.samples.figures import figures
from minns.samples.state import sample
from minns.site import Site
from minns.web import access

NASTY = ("' or 1=1 --", '"><script>alert(1)</script>', "{{ 7*7 }}", "\x00", "å" * 9000)
#: Milliseconds within which a page is there.
SOON = 300


@pytest.fixture(scope="module")
def place(
    sampled_region: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, int, Path]]:
    site = copied(sampled_region, tmp_path_factory.mktemp("pages") / "region")
    for name in ("anns", "nasty", "undone"):
        drew(site, name, ("ann",))
    drew(site, "whole", ("trusted",))
    drew(site, "browser", ("trusted",))
    drew(site, "twice", ("ann", "bo", "trusted", "leo"), ("cia", "leo"), double_blind=True)
    with served(site) as (port, log):
        yield site, port, log


def logged_in(place: Any, name: str, chosen: str = "", to: str = "read") -> Visitor:
    visitor = Visitor(place[1])
    visitor.log_in(name)
    visitor.get("/samples")
    if chosen:
        assert visitor.post("/samples/open", sample=chosen, to=to).status == 303
    return visitor


def fact_on(page: str) -> str:
    found = re.search(r'name="fact" value="(\d+)"', page)
    assert found, page
    return found[1]


def verdicts(site: Site, name: str) -> list[str]:
    return [
        e.body["verdict"] for e in site.ledger.entries("fact_verdict") if e.body["sample"] == name
    ]


def test_a_reader_sees_only_what_is_assigned_to_them(place: Any) -> None:
    site = place[0]
    ann = logged_in(place, "ann")
    shown = re.findall(r'name="sample" value="([^"]+)"', ann.get("/samples").text)
    assert set(shown) == {"anns", "nasty", "undone", "twice"}
    before = len(access.log(site.ledger, by="ann", kind="refused"))
    for others in ("whole", "no such", "' or 1=1 --"):
        assert ann.post("/samples/open", sample=others).status == 403
    assert len(access.log(site.ledger, by="ann", kind="refused")) == before + 3
    assert 'name="fact"' not in ann.get("/sample").text
    for path in ("/sample", "/sample/settle", "/sample/sign", "/sample/undo"):
        assert ann.post(path, fact="1", verdict="right", password=PASSWORD).status == 403
    assert not verdicts(site, "whole")


def test_a_fact_is_read_and_taken_back_and_each_look_is_written_down(place: Any) -> None:
    site = place[0]
    ann = logged_in(place, "ann", "undone")
    looks = len(access.log(site.ledger, by="ann", kind="read"))
    page = ann.get("/sample").text
    look = access.log(site.ledger, by="ann", kind="read")[looks:]
    first = fact_on(page)
    person = sample(site, "undone").facts[int(first)].person_id
    assert [(each["what"], each["patients"]) for each in look] == [("sample", [person])]
    assert "I den gamla journalen" in page and "I den nya journalen" in page
    assert ann.post("/sample", fact=first, verdict="date", reason="fel dag").status == 303
    second = ann.get("/sample").text
    assert fact_on(second) != first and "Fel datum" in second
    assert ann.post("/sample/undo").status == 303
    assert fact_on(ann.get("/sample").text) == first
    assert figures(sample(site, "undone"))["read"] == 0


def test_only_the_fact_that_was_shown_is_judged(place: Any) -> None:
    site = place[0]
    ann = logged_in(place, "ann", "anns")
    shown = fact_on(ann.get("/sample").text)
    before = verdicts(site, "anns")
    for other in (str(int(shown) + 1), "", "x", "-1"):
        assert ann.post("/sample", fact=other, verdict="right").status == 403
    assert verdicts(site, "anns") == before


def test_what_is_sent_is_neither_obeyed_nor_repeated(place: Any) -> None:
    site, _, log = place
    ann = logged_in(place, "ann", "nasty")
    for nasty in NASTY:
        shown = fact_on(ann.get("/sample").text)
        for fields in (
            {"fact": shown, "verdict": nasty},
            {"fact": nasty, "verdict": "right"},
        ):
            answer = ann.post("/sample", **fields)
            assert answer.status in (403, 409) and nasty not in answer.text
        answer = ann.post("/samples/open", sample="nasty", to=nasty)
        assert answer.status == 303 and answer.headers["location"] == "/sample"
        assert ann.post("/sample/sign", verdict=nasty, password=PASSWORD).status == 409
    shown = fact_on(ann.get("/sample").text)
    assert ann.post("/sample", fact=shown, verdict="right", reason="19121212-1212").status == 409
    assert not verdicts(site, "nasty")
    script = '"><script>alert(1)</script>'
    assert ann.post("/sample", fact=shown, verdict="other", reason=script).status == 303
    assert site.ledger.verify() > 0
    assert not any(nasty in log.read_text(encoding="utf-8") for nasty in NASTY)


def test_two_readers_differ_unseen_a_third_settles_and_it_is_signed(place: Any) -> None:
    site = place[0]
    found = sample(site, "twice")
    contested = reading.owed(found, "ann")[0].at
    said = "anns egna ord"
    for who in ("ann", "bo", "trusted", "leo"):
        for fact in reading.owed(sample(site, "twice"), who):
            wrong = who == "ann" and fact.at == contested
            reading.read(
                site, sample(site, "twice"), fact.at, who, "value" if wrong else "right", said
            )
            if who == "bo" and fact.at == contested:
                assert figures(sample(site, "twice"))["differ"] == 1
    bo = logged_in(place, "bo", "twice", "sign")
    assert "1 uppgift är inte läst än" in bo.get("/sample/sign").text
    refused = bo.post("/sample/sign", verdict="approved", password=PASSWORD)
    assert refused.status == 409
    assert 'name="fact"' not in bo.get("/sample/settle").text, "one of the two"
    cia = logged_in(place, "cia", "twice", "settle")
    page = cia.get("/sample/settle").text
    assert fact_on(page) == str(contested)
    assert f"Fel värde: {said}" in page and f"Rätt: {said}" in page
    assert not re.search(r"<li>[^<]*\b(bo|trusted|leo)\b", page)
    assert cia.post("/sample/settle", fact=str(contested), verdict="right").status == 303
    cia.get("/sample/sign")
    assert cia.post("/sample/sign", verdict="approved", password="not this one").status == 403
    assert not site.ledger.entries("signature")
    done = cia.post("/sample/sign", verdict="approved", password=PASSWORD)
    assert done.status == 200 and "Godkänt" in done.text and "kappa" in done.text
    body = site.ledger.entries("signature")[-1].body
    assert (body["by"], body["role"], body["sample"]) == ("cia", "clinician", "twice")
    assert f"{site.ledger.entries('signature')[-1].hash}" in done.text


def test_in_a_double_blind_sample_nobody_sees_the_others_verdict(place: Any) -> None:
    site = place[0]
    drew(site, "blind", ("ann", "bo"), double_blind=True)
    bos = reading.owed(sample(site, "blind"), "bo")[0].at
    reading.read(site, sample(site, "blind"), bos, "bo", "lost", "bos ord")
    ann = logged_in(place, "ann", "blind")
    for path in ("/sample", "/sample/sheet", "/samples"):
        page = ann.get(path).text
        assert "bos ord" not in page and "Senast avgjort" not in page


def test_protected_persons_are_read_by_those_who_may_and_have_no_address(place: Any) -> None:
    site = place[0]
    hidden = {f.person_id for f in sample(site, "whole").facts.values() if f.protected}
    assert hidden
    trusted = logged_in(place, "trusted", "whole")
    shown = sample(site, "whole").facts
    for fact in reading.owed(sample(site, "whole"), "trusted"):
        if not fact.protected:
            reading.read(site, sample(site, "whole"), fact.at, "trusted", "right", "")
    for _ in range(sum(fact.protected for fact in shown.values())):
        page = trusted.get("/sample").text
        assert HIDDEN_STREET not in page and "⛨" in page
        assert trusted.post("/sample", fact=fact_on(page), verdict="right").status == 303
    assert figures(sample(site, "whole"))["shown"]
    looked = {
        p for who in ("ann", "bo") for e in access.log(site.ledger, by=who) for p in e["patients"]
    }
    assert not hidden & looked


def test_every_page_is_there_at_once(place: Any) -> None:
    ann = logged_in(place, "ann", "anns")
    slow = {}
    for path in ("/samples", "/sample", "/sample/sheet", "/sample/settle", "/sample/sign"):
        ann.get(path)
        took = []
        for _ in range(3):
            begun = time.perf_counter()
            assert ann.get(path).status == 200
            took.append(1000 * (time.perf_counter() - begun))
        slow[path] = min(took)
    assert {path: ms for path, ms in slow.items() if ms > SOON} == {}


@pytest.fixture
def page(browser: Browser, place: tuple[Site, int, Path]) -> Iterator[Page]:
    """A reader's browser with a sample open; the checker is put in from outside."""
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{place[1]}",
        bypass_csp=True,
        viewport={"width": 1280, "height": 900},
    )
    page = context.new_page()
    log_in(page, "trusted")
    page.goto("/samples")
    page.locator('button[value="read"][aria-label$="browser"]').click()
    page.wait_for_url("**/sample")
    yield page
    context.close()


def test_a_checker_of_accessibility_finds_nothing(page: Page) -> None:
    axe = node_folder() / "node_modules" / "axe-core" / "axe.min.js"
    faults = {}
    for path in ("/samples", "/sample", "/sample/sheet", "/sample/settle", "/sample/sign"):
        page.goto(path)
        page.add_script_tag(path=axe)
        faults[path] = page.evaluate(CHECK)
        pictured(page, path.strip("/").replace("/", "-"))
    assert not {where: what for where, what in faults.items() if what}


def test_a_sheet_is_printed(page: Page, tmp_path: Path) -> None:
    page.goto("/sample/sheet")
    paper = tmp_path / "sheet.pdf"
    page.pdf(path=paper, format="A4")
    assert paper.read_bytes().startswith(b"%PDF") and paper.stat().st_size > 10_000
    page.emulate_media(media="print")
    assert not page.locator("header").is_visible()
    assert page.locator("article").count() == page.locator(".boxes").count() == 10
    pictured(page, "sample-paper")


def test_facts_are_judged_by_single_keys(page: Page, place: tuple[Site, int, Path]) -> None:
    site = place[0]
    page.wait_for_selector(".keys:not([hidden])")
    for at, key in enumerate("15"):
        shown = page.locator('input[name="fact"]').get_attribute("value")
        page.keyboard.press(key)
        page.wait_for_selector(f'[name="fact"]:not([value="{shown}"])', state="attached")
        page.wait_for_selector(".keys:not([hidden])")
        assert len(verdicts(site, "browser")) == at + 1
    given = [e.body["error"] for e in site.ledger.entries("fact_verdict")][-2:]
    assert given == [None, "code"]
    page.keyboard.press("z")
    page.wait_for_function("document.querySelector('.undo b').textContent === 'Rätt'")
