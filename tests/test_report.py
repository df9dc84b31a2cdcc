"""The report: one file that needs nothing else, in both languages, with no more than counts."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

import validation
from minns.config import Gates
from validation import About, Change, Evidence, Finding, Timing, as_json, gates, render
from validation.charts import SHOWN, flow, histogram, shares
from validation.figures import (
    Account,
    Coverage,
    Disagreement,
    KindAccount,
    Links,
    Pair,
    Pointers,
    Reason,
    Unmapped,
)
from validation.language import THIN, percent, signed, whole

HOME = Path(validation.__file__).parent
CRITERIA = Gates.model_validate({"code_coverage_min": {"condition": 0.9}})
EVIDENCE = Evidence(
    About(
        "wave-1",
        "rehearsal",
        "2026-11-23-001",
        "2026-11-23 10:00",
        title="Wave <1>",
        thresholds=(2.0, 9.0),
        changes=(Change("condition", 90, 0, 0),),
        rerun_changes=0,
        timings=(Timing("land", 1.25, 12000), Timing("check", 0.5)),
    ),
    balance=(Account("melior", "diagnos", 12000, 11790, 100, 8, 100, 2, 0),),
    balance_kind=(KindAccount("condition", "melior", 12000, 11790, 100, 8, 100, 2, 0),),
    reasons=(
        Reason("loaded", "founds_fact", "melior", "diagnos", 11790),
        Reason("quarantined", "bad_date", "melior", "diagnos", 100),
    ),
    pointers=(Pointers("quarantined", "bad_date", "melior", "diagnos", 100, ("3fa2c1d09b7e",)),),
    links=Links(100, 80, 80, pairs=(Pair("review", "model", "", 3),), weights=((5, "review", 3),)),
    coverage=(Coverage("condition", "melior", 100, 95, 10, 9),),
    unmapped=(Unmapped("condition", "melior", "icd-10-se", "X<9", 5, 5),),
    conflicts=(Disagreement("medication", "dose_differs", "dose_text", 2, 2),),
    facts=(("condition", 11790),),
    findings=(Finding("books_balance", "", 12000, 12000, 0, True),),
)
GO = replace(EVIDENCE, gates=gates(EVIDENCE, CRITERIA))


class Page(HTMLParser):
    """Ids, links and tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids += [values["id"]] if values.get("id") else []  # type: ignore[list-item]
        self.links += [str(values["href"])] if "href" in values else []
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_page_is_whole_and_needs_nothing_else(language: str) -> None:
    text = render(GO, language)  # type: ignore[arg-type]
    page = Page(text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert all(link.startswith("#") for link in page.links)
    assert "<script" not in text and "http" not in text and "@import" not in text
    assert "Wave &lt;1&gt;" in text and "X&lt;9" in text


def test_the_decision_stands_first_and_names_what_failed() -> None:
    assert "All 10 gates of the wave are passed." in _plain(render(GO, "en"))
    worse = replace(EVIDENCE, findings=(Finding("books_balance", "", 2, 1, 1, False),))
    text = render(replace(worse, gates=gates(worse, CRITERIA)), "en")
    decision = _plain(text[text.index('class="decision no"') : text.index('class="tiles"')])
    assert "No go" in decision and "independent checks that failed" in decision


def test_the_report_speaks_swedish() -> None:
    text = render(GO, "sv")
    assert "Klartecken" in text and 'lang="sv"' in text
    assert f"11{THIN}790" in text and f"högst 2,0{THIN}%" in text
    assert not re.search(r"\b(Loaded|Quarantined|Gates|rows)\b", _plain(text))


def test_the_same_evidence_gives_the_same_bytes() -> None:
    assert render(GO, "sv") == render(GO, "sv")


def test_a_run_without_anything_still_gives_a_report() -> None:
    empty = Evidence(About("wave-1", "rehearsal", "r-1", "2026-11-23 10:00"))
    text = render(replace(empty, gates=gates(empty, CRITERIA)), "en")
    assert "No go" in text and "The check was not made." in text


def test_what_changed_since_the_last_run_is_shown() -> None:
    previous = json.loads(json.dumps(as_json(GO)))
    previous["totals"]["quarantined"] = 131
    again = replace(GO, about=replace(GO.about, previous=previous))
    assert f"−{THIN}31" in render(again, "en")


def _plain(text: str) -> str:
    """What a reader sees, without marks."""
    body = re.sub(r"<(style|title|desc).*?</\1>", "", text, flags=re.S)
    return re.sub(r"<[^>]+>", " ", re.sub(r"<code>.*?</code>", "", body, flags=re.S))


def _texts() -> Iterator[tuple[str, ...]]:
    for path in sorted((HOME / "templates").glob("*.j2")):
        with path.open("rb") as file:
            for found in babel_extract(file, ("_", "ngettext"), (), {}):
                message = found[2]
                texts = [message] if isinstance(message, str) else message or []
                yield tuple(text for text in texts if text)
    with (HOME / "words.py").open("rb") as file:
        for found in extract("python", file, {"_": None}):
            yield (found[1],)


def test_every_text_has_its_swedish() -> None:
    with (HOME / "locale/sv/LC_MESSAGES/validation.po").open("rb") as file:
        catalogue = read_po(file, locale="sv")
    wanted = {texts[0] for texts in _texts()}
    known = {
        (message.id if isinstance(message.id, str) else message.id[0]): message
        for message in catalogue
        if message.id
    }
    assert wanted - set(known) == set(), "not translated"
    assert set(known) - wanted == set(), "no longer said"
    for message in known.values():
        strings = [message.string] if isinstance(message.string, str) else message.string
        assert all(strings) and not message.fuzzy
        assert not list(message.check(catalogue))


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0, "0"), (12990, f"12{THIN}990"), (-3, "−3")]
)
def test_numbers_are_written_with_thin_spaces(value: int | None, text: str) -> None:
    assert whole(value) == text
    assert signed(1200) == f"+{THIN}1{THIN}200"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1.0, "100"), (0.9999, f">{THIN}99,9"), (0.0001, f"<{THIN}0,1"), (0.987, "98,7")],
)
def test_a_share_is_never_rounded_to_all_or_nothing(value: float, text: str) -> None:
    assert percent(value, "sv") == f"{text}{THIN}%"


def test_no_row_is_too_few_to_be_seen_in_the_flow() -> None:
    drawn = flow((Account("a", "t", 1_000_001, 1_000_000, 0, 1, 0, 0, 0),))
    assert {(ribbon.fate, ribbon.rows) for ribbon in drawn.ribbons} == {
        ("loaded", 1_000_000),
        ("held", 1),
    }
    assert all(node.height >= 1 for node in drawn.right)
    tops = [node.middle for node in drawn.right]
    assert all(low - high >= 30 for high, low in pairwise(tops))


def test_the_histogram_keeps_every_pair_and_both_thresholds() -> None:
    drawn = histogram(((-4, "apart", 7), (12, "linked", 2), (12, "vetoed", 1)), (2.0, 9.0))
    assert [(strip.decision, strip.rows) for strip in drawn.strips] == [
        ("linked", 2),
        ("apart", 7),
        ("vetoed", 1),
    ]
    assert [limit for limit, _ in drawn.thresholds] == [2.0, 9.0]


def test_a_bar_is_filled_by_its_shares() -> None:
    parts = shares(Account("a", "t", 10, 5, 3, 1, 1, 0, 0), 100)
    assert [name for name, _, _ in parts] == [name for name in SHOWN[:4]]
    assert sum(width for _, _, width in parts) == pytest.approx(100)
