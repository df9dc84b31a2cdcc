"""Pages: nobody sees or does what is not theirs; every look is written down; nothing leaks."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape
from pages import PASSWORD, SECRET, WAITING, Visitor, pair_on, reviewed, served

from minns.site import Site
from minns.web import access
from minns.web.server import PAGES
from minns.web.users import add, disable

LOOKS = [path for path, _, _, look, _ in PAGES if look is not None]
ACTIONS = [path for path, _, _, _, act in PAGES if act is not None]
GUARDED = {path: roles for path, _, roles, _, _ in PAGES if roles is not None}
ROLES = ("steward", "clinician", "lead", "admin")
NASTY = (
    "' or 1=1 --",
    '"><script>alert(1)</script>',
    "{{ 7*7 }}",
    "../../etc/passwd",
    "\x00",
    "å" * 9000,
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, int, Path]]:
    site = reviewed(tmp_path_factory.mktemp("web"))
    with served(site) as (port, log):
        yield site, port, log


@pytest.fixture
def visitor(place: tuple[Site, int, Path]) -> Visitor:
    return Visitor(place[1])


@pytest.fixture
def site(place: tuple[Site, int, Path]) -> Site:
    return place[0]


def judgements(site: Site) -> list[dict[str, Any]]:
    return [e.body for e in site.ledger.entries("judgement")]


@pytest.mark.parametrize("path", [path for path in LOOKS if path in GUARDED])
def test_no_page_without_login(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    assert (answer.status, answer.headers["location"]) == (303, "/login")
    assert answer.text == ""


@pytest.mark.parametrize("path", [path for path in ACTIONS if path in GUARDED])
def test_no_action_without_login(visitor: Visitor, site: Site, path: str) -> None:
    before = judgements(site)
    visitor.get("/login")
    assert visitor.post(path, pair="x", verdict="same").status == 403
    assert judgements(site) == before


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_its_pages_and_refusals_are_logged(place: Any, role: str) -> None:
    site, port, _ = place
    visitor = Visitor(port)
    visitor.log_in(role)
    for path, roles in GUARDED.items():
        if path == "/logout":
            continue
        if path in LOOKS:
            assert visitor.get(path).status == (
                403 if role not in roles else 303 if path == "/" else 200
            )
        if path in ACTIONS and role not in roles:
            before = len(access.log(site.ledger, by=role, kind="refused"))
            assert visitor.post(path).status == 403
            assert len(access.log(site.ledger, by=role, kind="refused")) == before + 1


@pytest.mark.parametrize("path", ACTIONS)
def test_a_form_of_another_session_is_refused(place: Any, path: str) -> None:
    site, port, _ = place
    victim, other = Visitor(port), Visitor(port)
    victim.log_in("steward")
    other.log_in("clinician")
    other.get("/review")
    before = judgements(site)
    for csrf in (other.csrf, "", "å"):
        fields = {"name": "steward", "password": PASSWORD, "verdict": "same", "csrf": csrf}
        assert victim.post(path, **fields).status == 403
    assert judgements(site) == before
    assert victim.get("/review").status == 200, "still logged in"


def test_a_pair_is_decided_and_taken_back(visitor: Visitor, site: Site) -> None:
    visitor.log_in("clinician")
    page = visitor.get("/review").text
    pair = pair_on(page)
    assert "Är det en person?" in page and "skiljer sig" in page
    assert visitor.post("/review", pair=pair, verdict="different").status == 303
    [made] = [j for j in judgements(site) if j["reviewer"] == "clinician"]
    assert (made["verdict"], made["reason"]) == ("different", "Lästa sida vid sida")
    after = visitor.get("/review").text
    assert pair_on(after) != pair and "Två personer" in after
    assert visitor.post("/review/undo").status == 303
    assert judgements(site)[-1]["verdict"] == "withdrawn"
    assert pair_on(visitor.get("/review").text) == pair


def test_only_a_pair_that_was_shown_is_decided(place: Any) -> None:
    site, port, _ = place
    one, other = Visitor(port), Visitor(port)
    one.log_in("clinician")
    other.log_in("steward")
    theirs, own = pair_on(one.get("/review").text), pair_on(other.get("/review").text)
    assert theirs != own, "a pair that one took up is left to them"
    before = judgements(site)
    assert other.post("/review", pair=theirs, verdict="same").status == 403
    assert judgements(site) == before
    assert access.log(site.ledger, by="steward")[-1]["why"] == "a pair that was not shown"


def test_protected_persons_are_for_those_who_may(place: Any) -> None:
    site, port, _ = place
    told: dict[str, set[str]] = {}
    for name in ("clinician", "trusted"):
        visitor = Visitor(port)
        visitor.log_in(name)
        for _ in range(WAITING + 1):
            page = visitor.get("/review").text
            if 'name="pair"' not in page:
                break
            told.setdefault(name, set()).add("yes" if "Skyddad person" in page else "no")
            visitor.post("/review", pair=pair_on(page), verdict="unsure")
    assert told["clinician"] == {"no"}
    assert "yes" in told["trusted"]
    assert any(line["protected"] for line in access.log(site.ledger, by="trusted"))


def test_what_is_sent_is_neither_obeyed_nor_repeated(place: Any) -> None:
    site, port, log = place
    visitor = Visitor(port)
    visitor.log_in("steward")
    before = len(judgements(site))
    for nasty in NASTY:
        shown = visitor.get("/review")
        wrong = visitor.post("/review", pair=pair_on(shown.text), verdict=nasty)
        assert wrong.status == 409 and "<script>alert" not in wrong.text
        for fields in ({"pair": nasty, "verdict": "same"}, {"language": nasty}):
            answer = visitor.post("/review" if "pair" in fields else "/language", **fields)
            assert answer.status in (303, 403) and nasty not in answer.text
    for nasty in NASTY:
        stranger = Visitor(port)
        assert stranger.log_in(nasty, nasty).status == 403
    assert len(judgements(site)) == before
    assert site.ledger.verify() > 0
    assert not any(word in log.read_text(encoding="utf-8") for word in NASTY)


def test_patients_values_are_escaped_and_only_on_the_page(place: Any) -> None:
    site, port, log = place
    visitor = Visitor(port)
    add(site.ledger, "reader", "clinician", PASSWORD)
    visitor.log_in("reader")
    shown = visitor.get("/review?who=Kvist").text
    assert str(escape(SECRET)) in shown and SECRET not in shown
    ledger = (site.project.root / "work" / "ledger.db").read_bytes()
    assert b"Kvist" not in ledger and PASSWORD.encode() not in ledger
    assert "Kvist" not in log.read_text(encoding="utf-8")


def test_every_look_says_who_whom_when_and_why(place: Any) -> None:
    site, port, _ = place
    visitor = Visitor(port)
    visitor.log_in("clinician")
    visitor.get("/review")
    looks = access.log(site.ledger, by="clinician", kind="looked")
    assert looks[-1]["why"] == "identity review" and len(looks[-1]["patients"]) == 2
    assert access.log(site.ledger, patient=looks[-1]["patients"][0], kind="looked")
    admin = Visitor(port)
    admin.log_in("admin")
    assert looks[-1]["patients"][0] in admin.get("/access").text


@pytest.mark.parametrize("path", ["/login", "/review", "/nothing", "/static/minns.css"])
def test_every_answer_has_the_headers_of_safety(visitor: Visitor, path: str) -> None:
    headers = visitor.get(path).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY" and headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "unsafe" not in headers["content-security-policy"]
    assert "server" not in headers


def test_log_in_gives_a_new_session_that_scripts_cannot_read(visitor: Visitor) -> None:
    visitor.get("/login")
    before = dict(visitor.cookies)
    answer = visitor.post("/login", name="clinician", password=PASSWORD)
    assert visitor.cookies != before
    kept = answer.headers["set-cookie"].lower()
    assert "httponly" in kept and "samesite=strict" in kept


def test_who_logs_out_or_is_disabled_is_out(place: Any) -> None:
    site, port, _ = place
    visitor, gone = Visitor(port), Visitor(port)
    visitor.log_in("lead")
    gone.log_in("lead")
    visitor.get("/progress")
    kept = dict(visitor.cookies)
    assert visitor.post("/logout").status == 303
    visitor.cookies = kept
    assert visitor.get("/progress").status == 303
    assert gone.get("/progress").status == 200
    disable(site.ledger, "lead")
    assert gone.get("/progress").status == 303


def test_the_language_is_chosen(visitor: Visitor) -> None:
    assert '<html lang="sv">' in visitor.get("/login").text
    assert visitor.post("/language", language="en").status == 303
    assert "Password" in visitor.get("/login").text


def test_the_log_is_json_too(site: Site) -> None:
    assert json.loads(json.dumps(access.log(site.ledger)))[0]["when"]
