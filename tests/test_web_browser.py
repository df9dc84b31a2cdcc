"""The pages in a browser: ten pairs by keyboard, nothing that a checker of accessibility finds."""

from collections.abc import Iterator

import pytest
from fhir_peer import node_folder
from pages import CHECK, log_in, pictured, reviewed, served
from playwright.sync_api import Browser, Page

from minns.site import Site

#: Shown by the script once it listens.
KEYS = ".keys:not([hidden])"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    site = reviewed(tmp_path_factory.mktemp("browser"))
    with served(site) as (port, _):
        yield site, f"http://127.0.0.1:{port}"


@pytest.fixture
def page(browser: Browser, place: tuple[Site, str]) -> Iterator[Page]:
    context = browser.new_context(base_url=place[1], viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def test_a_checker_of_accessibility_finds_nothing(
    browser: Browser, place: tuple[Site, str]
) -> None:
    axe = node_folder() / "node_modules" / "axe-core" / "axe.min.js"
    rounds = {"steward": ("/review", "/progress"), "admin": ("/access",), "": ("/login",)}
    found = {}
    for scheme in ("light", "dark"):
        for name, paths in rounds.items():
            # the checker is put in from outside, which the pages themselves forbid
            context = browser.new_context(base_url=place[1], bypass_csp=True, color_scheme=scheme)
            page = context.new_page()
            if name:
                log_in(page, name)
            for path in paths:
                page.goto(path)
                page.add_script_tag(path=axe)
                found[scheme, path] = page.evaluate(CHECK)
                pictured(page, f"{path.strip('/')}-{scheme}")
            context.close()
    assert not {where: what for where, what in found.items() if what}


def test_ten_pairs_are_reviewed_by_keyboard(page: Page, place: tuple[Site, str]) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    log_in(page, "clinician")
    for at in range(10):
        shown = page.locator('input[name="pair"]').get_attribute("value")
        page.keyboard.press("123"[at % 3])
        page.wait_for_selector(f'[name="pair"]:not([value="{shown}"])', state="attached")
        page.wait_for_selector(KEYS)
    made = [e.body for e in place[0].ledger.entries("judgement")]
    assert [each["verdict"] for each in made] == ["same", "different"] * 3 + ["same"]
    assert len(place[0].ledger.entries("opinion")) == 3
    page.keyboard.press("z")
    page.wait_for_selector(".undo", state="detached")
    assert place[0].ledger.last("judgement").body["verdict"] == "withdrawn"  # type: ignore[union-attr]
    assert not said, "the browser blocked or missed nothing"


def test_keys_can_be_turned_off_and_do_nothing_in_the_reason(page: Page) -> None:
    log_in(page, "trusted")
    shown = page.locator('input[name="pair"]').get_attribute("value")
    page.locator("#reason").press_sequentially("1 2 3")
    page.locator("#keys").uncheck()
    page.locator("h1").click()
    page.keyboard.press("1")
    page.wait_for_timeout(200)
    assert page.locator('input[name="pair"]').get_attribute("value") == shown
    assert page.locator("#reason").input_value() == "1 2 3"


def test_nothing_runs_out_of_a_narrow_window(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    log_in(page, "trusted")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
