"""Decisions about doubtful pairs: judgements, opinions given unseen, figures of the work."""

from pathlib import Path
from typing import Any

import pytest
from doubts import ANNA, EVA, KIM, ORDER, a_site, asked, decided, ran, region

from minns import inquiry
from minns.errors import ConfigError
from minns.pairs import standing
from minns.review import desk
from minns.review.figures import kappa
from minns.review.opinions import opinions
from minns.site import Site

BLIND = "[review]\ndouble_blind = true\n"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = a_site(tmp_path)
    ran(made, region())
    return made


@pytest.fixture
def blind(tmp_path: Path) -> Site:
    made = a_site(tmp_path, BLIND)
    ran(made, region())
    return made


# ------------------------------------------------------------------------------------- decisions
def test_a_decision_is_a_judgement_with_reviewer_and_reason(site: Site) -> None:
    first = asked(site)["pair"]
    assert decided(site, first, "different") == "judged"
    told = standing(site)[first].body
    assert (told["verdict"], told["reviewer"], told["reason"]) == (
        "different", ANNA, "read both records",
    )  # fmt: skip


def test_judgements_outlive_runs(site: Site) -> None:
    first = asked(site)["pair"]
    decided(site, first, "different")
    ran(site, region(), "2", "rehearsal")
    shown = asked(site)
    assert shown["run"] == "wave-a-rehearsal-2"
    assert shown["pair"] != first and shown["waiting"] == len(ORDER) - 1


def test_a_judged_pair_is_not_judged_again_until_it_is_withdrawn(site: Site) -> None:
    first = asked(site)["pair"]
    decided(site, first, "same")
    with pytest.raises(ConfigError, match="Withdraw it first"):
        decided(site, first, "different", EVA)
    inquiry.decide(site, "melior:5", "asynja:5", "withdrawn", "")
    assert asked(site)["pair"] == first


@pytest.mark.parametrize(
    ("verdict", "reviewer", "reason", "missing"),
    [("same", " ", "x", "reviewer"), ("same", ANNA, "", "reason"), ("yes", ANNA, "x", "unsure")],
)
def test_a_decision_wants_a_verdict_a_reviewer_and_a_reason(
    site: Site, verdict: str, reviewer: str, reason: str, missing: str
) -> None:
    with pytest.raises(ConfigError, match=missing):
        desk.decide_pair(site, None, ["melior:1", "asynja:1", verdict], reviewer, reason)
    assert not site.ledger.entries("judgement")


def test_two_who_agree_unseen_make_a_judgement(blind: Site) -> None:
    first = asked(blind)["pair"]
    assert decided(blind, first, "same") == "second"
    assert not standing(blind)
    assert asked(blind)["pair"] != first, "each reviewer decides a pair once"
    shown = asked(blind, EVA)
    assert shown["pair"] == first
    assert ANNA not in repr(shown) and "opinions" not in shown, "neither sees the other's"
    assert decided(blind, first, "same", EVA) == "judged"
    assert standing(blind)[first].body["reviewers"] == [ANNA, EVA]


def test_two_who_differ_need_a_third(blind: Site) -> None:
    first = asked(blind)["pair"]
    decided(blind, first, "same")
    assert decided(blind, first, "different", EVA) == "adjudicate"
    with pytest.raises(ConfigError, match="third"):
        decided(blind, first, "same", KIM)
    assert asked(blind, ANNA, adjudicate=True)["pair"] is None
    shown = asked(blind, KIM, adjudicate=True)
    assert shown["pair"] == first
    assert [o["verdict"] for o in shown["opinions"]] == ["same", "different"]

    def settled(reviewer: str) -> Any:
        return desk.decide_pair(blind, None, [first, "same"], reviewer, "x", adjudicate=True)

    with pytest.raises(ConfigError, match="third reviewer"):
        settled(EVA.upper())
    assert settled(KIM)["state"] == "judged"
    assert standing(blind)[first].body["adjudicated"]


def test_nobody_decides_alone_where_two_must(blind: Site) -> None:
    first = asked(blind)["pair"]
    decided(blind, first, "same")
    with pytest.raises(ConfigError, match="one opinion from each"):
        decided(blind, first, "same", " Anna ")
    with pytest.raises(ConfigError, match="two opinions that differ"):
        desk.decide_pair(blind, None, [first, "same"], KIM, "x", adjudicate=True)


def test_an_agreement_that_a_kill_kept_from_the_ledger_is_made_up_for(blind: Site) -> None:
    first = asked(blind)["pair"]
    decided(blind, first, "same")
    body = blind.ledger.entries("opinion")[0].body
    blind.ledger.append("", "opinion", {**body, "reviewer": EVA})
    assert asked(blind, KIM)["pair"] != first
    assert standing(blind)[first].body["verdict"] == "same"


def test_what_was_thought_before_a_withdrawal_does_not_count(blind: Site) -> None:
    first = asked(blind)["pair"]
    decided(blind, first, "same")
    decided(blind, first, "same", EVA)
    inquiry.decide(blind, "melior:5", "asynja:5", "withdrawn", "")
    assert first not in opinions(blind) and first not in standing(blind)
    assert decided(blind, first, "different", EVA) == "second"


# --------------------------------------------------------------------------------------- figures
def test_the_figures_tell_what_waits_and_who_decided(site: Site) -> None:
    decided(site, asked(site)["pair"], "different")
    decided(site, asked(site)["pair"], "unsure", EVA)
    found = desk.figures(site, None)
    assert (found["waiting"], found["with_held_rows"], found["protected"]) == (5, 0, 1)
    assert found["by_rule"] == [
        {"rule": "given_names", "pairs": 3}, {"rule": "weight", "pairs": 2},
    ]  # fmt: skip
    assert found["by_band"] == {"above": 0, "upper half": 4, "lower half": 1, "no weight": 0}
    assert found["decided"] == {"same": 0, "different": 1}
    assert [line["reviewer"] for line in found["by_reviewer"]] == [ANNA, EVA]
    assert found["held_alone"] == [{"identity": "melior:5", "rule": "overlay_suspect"}]


def test_the_forecast_takes_the_reviewers_own_pace_once_it_is_known(site: Site) -> None:
    before = desk.figures(site, None)["forecast"]
    assert (before["from"], before["minutes"]) == ("default", 6)
    assert before["text"] == "6 pairs, about 6 minutes"
    for _ in range(5):
        shown = asked(site)["pair"]
        for _ in range(3):  # each of them takes a minute
            site.ledger.append("", "noise", {})
        decided(site, shown, "different")
    after = desk.figures(site, None)["forecast"]
    assert (after["from"], after["minutes_per_decision"], after["pairs"]) == ("pace", 4, 1)


def test_two_reviewers_take_twice_the_time(blind: Site) -> None:
    decided(blind, asked(blind)["pair"], "same")
    assert desk.figures(blind, None)["forecast"]["decisions"] == 2 * len(ORDER) - 1


def test_agreement_is_counted_over_what_two_judged(blind: Site) -> None:
    for mine, yours in (("same", "same"), ("different", "different"), ("same", "different")):
        decided(blind, first := asked(blind)["pair"], mine)
        decided(blind, first, yours, EVA)
    found = desk.figures(blind, None)
    assert found["agreement"] == {"pairs": 3, "agreed": 2, "agreement": 0.6667, "kappa": 0.4}
    assert found["to_adjudicate"] == 1


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], None),
        ([("same", "same")] * 4, None),
        ([("same", "same"), ("different", "different")], 1.0),
        ([("same", "different"), ("different", "same")], -1.0),
        # the worked example of two readers: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no
        (
            [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15,
            0.4,
        ),
    ],
)
def test_kappa_is_cohens(verdicts: list[tuple[str, str]], expected: float | None) -> None:
    found = kappa(verdicts)
    assert found is None if expected is None else found == pytest.approx(expected)
