"""The review: what waits is ordered by harm, shown whole, decided unseen, and never forgotten."""

from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from doubts import Rows, a_site, pair, patient, ran, row, steps

import minns
from minns import inquiry
from minns.engine import Engine
from minns.errors import ConfigError
from minns.pairs import pair_in, standing
from minns.review import desk
from minns.review.figures import kappa
from minns.review.harm import RULES, rule
from minns.review.opinions import opinions
from minns.review.words import level, strength
from minns.site import Site

HOME = Path(minns.__file__).parent
BLIND = "[review]\ndouble_blind = true\n"
ANNA, EVA, KIM = "anna", "eva", "kim"

#: Weights between the thresholds 2 and 10.
PAIRS = [
    pair("asynja:1", "melior:1", "weight", 3.0),
    pair("asynja:2", "melior:2", "weight", 9.0),
    pair("asynja:3", "melior:3", "given_names"),
    pair("asynja:4", "melior:4", "given_names"),
    pair("asynja:5", "melior:5", "overlay_suspect", None, decision="vetoed"),
    pair("asynja:6", "melior:6", "twins", decision="vetoed"),
    pair("asynja:7", "melior:7", "given_names"),
    pair("asynja:8", "melior:8", None, decision="linked"),
]
HELD = [{"source": "melior", "local_patient_id": "5", "rule": "overlay_suspect"}]
#: In the order of the queue.
ORDER = ["asynja:5", "asynja:4", "asynja:7", "asynja:3", "asynja:2", "asynja:1"]
HIDDEN = {"protection": "sekretessmarkering"}


def region() -> dict[str, Any]:
    patients = [patient(f"{s}:{n}", surname="Berg") for s in ("asynja", "melior") for n in range(9)]
    alerts = [row("melior:4", "a1", category="disease"), row("asynja:3", "a2", negated=True)]
    protected = patients[7]
    protected |= HIDDEN
    return steps(PAIRS, patients, HELD, alert=alerts)


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


def asked(site: Site, reviewer: str = ANNA, **more: bool) -> Any:
    """What `review next` shows; protected pairs as well."""
    protected, adjudicate = more.get("protected", True), more.get("adjudicate", False)
    return desk.next_pair(site, None, reviewer, "en", protected=protected, adjudicate=adjudicate)


def decided(site: Site, pair_id: str, verdict: str, reviewer: str = ANNA) -> str:
    said = desk.decide_pair(site, None, [pair_id, verdict], reviewer, "read both records")
    return str(said["state"])


# ------------------------------------------------------------------------------------- the queue
def test_the_queue_is_ordered_by_harm(site: Site) -> None:
    """Held rows; then the rule's harm, alerts, protection and nearness to the threshold."""
    seen = []
    while (shown := asked(site))["pair"]:
        seen.append(shown["left"]["identity"])
        decided(site, shown["pair"], "different")
    assert seen == ORDER


def test_every_rule_has_a_harm_and_a_reason() -> None:
    assert all(1 <= r.harm <= 5 and r.why and r.stake for r in RULES)
    assert rule("blocked_twins") == rule("twins")
    assert rule("never heard of").why


def test_a_protected_pair_is_for_those_who_ask(site: Site) -> None:
    shown = []
    while (found := asked(site, protected=False))["pair"]:
        shown.append(found["left"]["identity"])
        decided(site, found["pair"], "same")
    assert shown == [each for each in ORDER if each != "asynja:7"]
    assert found["waiting_protected"] == 1
    with pytest.raises(ConfigError, match="--protected"):
        desk.show_pair(site, None, ["asynja:7", "melior:7"], ANNA, "sv", protected=False)


def test_a_pair_that_somebody_is_unsure_of_comes_last_and_to_others(site: Site) -> None:
    first = asked(site)["pair"]
    assert decided(site, first, "unsure") == "unsure"
    assert not standing(site)
    assert asked(site)["pair"] != first
    for _ in ORDER[1:]:
        decided(site, asked(site)["pair"], "same")
    assert asked(site)["pair"] is None, "anna has said that she does not know"
    assert asked(site, EVA)["pair"] == first


# -------------------------------------------------------------------------------------- one pair
def test_both_sides_are_shown_with_their_differences_and_care(tmp_path: Path) -> None:
    left = {"number": "890101-9802", "given_names": "Eva", "surname": "Berg", "city": "Skara"}
    right = {"number": "18890101-9802", "given_names": "EVA", "surname": "Ek", "city": None}
    site = a_site(tmp_path)
    patients = [patient("asynja:1", **left), patient("melior:1", **right)]
    medicines = [
        row("asynja:1", "m1", order_id="1"),
        row("asynja:1", "m2", order_id="2", status="stopped"),
    ]
    ran(site, steps([PAIRS[0]], patients, medication=medicines))
    shown = asked(site)
    told = {f["field"]: (f["left"], f["right"], f["differs"]) for f in shown["fields"]}
    assert told["surname"] == ("Berg", "Ek", True)
    assert told["city"] == ("Skara", None, False), "what is not known is no difference"
    assert not told["given_names"][2] and not told["number"][2], "nor is how it is written"
    assert shown["left"]["care"] == {"medication": 2}
    assert shown["left"]["active"] == {"medication": 1}
    assert shown["right"]["care"] == {}


def test_no_address_is_shown_when_one_side_is_protected(tmp_path: Path) -> None:
    """If both are one person, the other side's address is theirs too."""
    site = a_site(tmp_path)
    open_side = patient("melior:1", street="Storgatan 1", city="Skara", phone="070", number="1")
    ran(site, steps([PAIRS[0]], [patient("asynja:1", **HIDDEN), open_side]))
    shown = repr(desk.show_pair(site, None, ["melior:1", "asynja:1"], ANNA, "sv", protected=True))
    assert not [value for value in ("Storgatan", "Skara", "070") if value in shown]


def test_a_pair_is_named_by_its_id_or_by_its_identities_in_any_order(site: Site) -> None:
    def shown(*what: str) -> Any:
        return desk.show_pair(site, None, what, ANNA, "sv", protected=False)["pair"]

    named = shown("melior:1", "asynja:1")
    assert named == shown("asynja:1", "melior:1") == shown(named) == pair_in(PAIRS[0]).id
    assert len(named) == 10


@pytest.mark.parametrize(
    ("what", "found"),
    [
        (["0123456789"], "found none"),
        (["melior:1"], "1 arguments"),
        (["melior:1", "melior"], "without a colon"),
        (["melior:1", "melior:1"], "twice"),
        (["melior:1", "melior:4711"], "none with that id"),
    ],
)
def test_what_is_no_pair_is_refused(site: Site, what: list[str], found: str) -> None:
    with pytest.raises(ConfigError, match=found) as refused:
        desk.show_pair(site, None, what, ANNA, "sv", protected=False)
    assert "4711" not in str(refused.value)


def test_the_ledger_tells_who_looked_and_nothing_of_the_patient(site: Site) -> None:
    shown = asked(site)
    assert [e.body for e in site.ledger.entries("looked")] == [
        {"pair": shown["pair"], "reviewer": ANNA, "protected": False}
    ]


# ------------------------------------------------------------------------------------- the weights
def explained(engine: Engine) -> None:
    """What the link stage leaves: the weights of each pair asked for."""
    engine.run(
        "create or replace table explained as select a.*, t.* from asked a, (values"
        " (0, 'prior', '', -12.5), (1, 'birth_date', 'same', 14.6), (2, 'surname', 'else', -3.9),"
        " (3, 'passport', 'one slip', 4.0)) t(position, comparison, level, weight)"
    )


def test_the_weights_are_told_in_words_with_their_running_sum(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    identities = ("asynja:1", "melior:1")
    standard = [
        {"id": at, "source": each.split(":")[0], "local_patient_id": "1"}
        for at, each in enumerate(identities)
    ]
    learned: dict[str, Rows] = {"parameter": [], "frequency": []}
    tables = steps([PAIRS[0]], [patient(each) for each in identities])
    ran(site, {**tables, "link-standardise-1": {"standard": standard}, "link-model": learned})
    shown = desk.show_pair(site, None, identities, ANNA, "sv", protected=False, explain=explained)[
        "waterfall"
    ]
    assert [(line["words"], line["speaks"]) for line in shown] == [
        ("Innan något jämförts: de flesta par är två personer", "talar starkt emot"),
        ("Samma födelsedatum", "talar starkt för"),
        ("Olika efternamn", "talar emot"),
        ("Passport: ett skrivfel ifrån", "talar för"),
    ]
    assert [line["sum"] for line in shown] == [-12.5, 2.1, -1.8, 2.2]


def test_words_are_there_in_both_languages() -> None:
    assert level("birth_date", "same", "en") == "Same date of birth"
    assert [strength(w, "sv") for w in (7, 2, 0, -2, -7)] == [
        "talar starkt för", "talar för", "säger lite", "talar emot", "talar starkt emot",
    ]  # fmt: skip


def test_every_text_has_its_swedish() -> None:
    wanted = set()
    for path in sorted((HOME / "review").glob("*.py")):
        with path.open("rb") as file:
            wanted |= {found[1] for found in extract("python", file, {"_": None})}
    with (HOME / "locale/sv/LC_MESSAGES/minns.po").open("rb") as file:
        known = {m.id: m.string for m in read_po(file, locale="sv") if m.id}
    assert wanted == set(known)
    assert all(known.values())


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
    assert before["text"] == "6 par, ungefär 6 minuter"
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
