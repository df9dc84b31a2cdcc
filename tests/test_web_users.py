"""Users: kept as hashes, locked after failures, and out when they should be."""

from itertools import count
from pathlib import Path

import pytest
from doubts import a_site, ran, region
from typer.testing import CliRunner

from minns.cli import app
from minns.errors import ConfigError
from minns.ledger import Ledger
from minns.review.desk import decide_pair, next_pair, undo_pair
from minns.review.opinions import opinions
from minns.web.sessions import IDLE, LONGEST, Sessions
from minns.web.users import FAILURES, add, change, disable, log_in, users

GOOD, BAD = "fyra ord i en rad", "fyra ord i en annan"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Time in it goes by the minute."""
    return a_site(tmp_path / "p").ledger


def test_a_password_is_kept_as_a_hash_only(ledger: Ledger) -> None:
    add(ledger, "Anna", "clinician", GOOD)
    known = users(ledger)["anna"]
    assert known.hash.startswith("$argon2id$") and "hash" not in known.as_json()
    assert log_in(ledger, "anna", GOOD) and log_in(ledger, "anna", BAD) is None


def test_five_failures_lock_for_a_while_and_a_new_password_unlocks(ledger: Ledger) -> None:
    add(ledger, "anna", "clinician", GOOD)
    for _ in range(FAILURES):
        assert log_in(ledger, "anna", BAD) is None
    assert log_in(ledger, "anna", GOOD) is None, "locked"
    assert [e.body["outcome"] for e in ledger.entries("login")][-1] == "locked"
    for _ in range(15):
        ledger.append("", "passing", {})
    assert log_in(ledger, "anna", GOOD), "the failures are old"
    for _ in range(FAILURES):
        log_in(ledger, "anna", BAD)
    change(ledger, "anna", BAD)
    assert log_in(ledger, "anna", BAD)


def test_who_is_disabled_is_out_and_an_unknown_name_is_not_kept(ledger: Ledger) -> None:
    add(ledger, "anna", "lead", GOOD)
    disable(ledger, "anna")
    assert log_in(ledger, "anna", GOOD) is None
    assert log_in(ledger, "my password by mistake", GOOD) is None
    assert [e.body["by"] for e in ledger.entries("login")] == ["anna", ""]


@pytest.mark.parametrize(
    ("name", "role", "password"),
    [
        pytest.param("anna", "lead", GOOD, id="a name that is taken"),
        pytest.param("a b", "lead", GOOD, id="a blank in the name"),
        pytest.param("eva", "owner", GOOD, id="no such role"),
        pytest.param("eva", "lead", "short", id="a short password"),
    ],
)
def test_what_is_no_user_is_refused(ledger: Ledger, name: str, role: str, password: str) -> None:
    add(ledger, "anna", "lead", GOOD)
    with pytest.raises(ConfigError):
        add(ledger, name, role, password)


def test_a_session_ends_when_idle_and_in_any_case_in_the_evening() -> None:
    now = [0.0]
    sessions = Sessions(lambda: now[0])
    idle, busy = sessions.begin("anna"), sessions.begin("eva")
    for moment in count(IDLE / 2, IDLE / 2):
        now[0] = moment
        if moment > LONGEST:
            break
        assert sessions.find(busy.token) is busy
    assert sessions.find(busy.token) is None and sessions.find(idle.token) is None


def test_the_commands_tell_no_secret(tmp_path: Path) -> None:
    site = a_site(tmp_path / "p")
    here = ("--project", str(site.project.root))

    def said(*words: str, given: str = "") -> str:
        return CliRunner().invoke(app, [*words, *here], input=given).output

    assert "may log in" in said("user", "add", "anna", "--role", "steward", given=f"{GOOD}\n")
    assert "new password" in said("user", "password", "anna", given=f"{BAD}\n")
    assert '"enabled": true' in said("user", "list", "--json")
    assert "not log in" in said("user", "disable", "anna")
    log_in(site.ledger, "anna", BAD)
    shown = said("access-log", "--by", "anna") + said("user", "list") + said("access-log", "--json")
    assert "refused" in shown and "argon2" not in shown and BAD not in shown


def test_undo_is_for_ones_own_until_a_run_obeys(tmp_path: Path) -> None:
    site = a_site(tmp_path / "p")
    ran(site, region())
    for verdict, kind in (("same", "judgement"), ("unsure", "opinion")):
        pair = next_pair(site, None, "anna", "en", protected=True, adjudicate=False)["pair"]
        decide_pair(site, None, [pair, verdict], "anna", "read both")
        with pytest.raises(ConfigError, match="own"):
            undo_pair(site, None, [pair], "eva", "no")
        assert undo_pair(site, None, [pair], "anna", "slip")["undone"] == kind
        assert not opinions(site).get(pair)
    decide_pair(site, None, [pair, "same"], "anna", "read both")
    site.ledger.append("later", "run_started", {"wave": "wave-a", "mode": "cutover"})
    with pytest.raises(ConfigError, match="obeyed"):
        undo_pair(site, None, [pair], "anna", "late")
