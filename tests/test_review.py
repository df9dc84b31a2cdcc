"""The review: what waits is ordered by harm, and a pair is shown whole, its weights in words."""

from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from doubts import (
    ANNA,
    EVA,
    HIDDEN,
    ORDER,
    PAIRS,
    Rows,
    a_site,
    asked,
    decided,
    patient,
    ran,
    region,
    row,
    steps,
)
from jinja2.ext import babel_extract

import minns
from minns.engine import Engine
from minns.errors import ConfigError
from minns.pairs import pair_in, standing
from minns.review import desk
from minns.review.harm import RULES, rule
from minns.review.words import level, strength
from minns.site import Site

HOME = Path(minns.__file__).parent


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = a_site(tmp_path)
    ran(made, region())
    return made


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


def test_a_pair_that_another_took_up_is_left_to_them_for_a_while(site: Site) -> None:
    first = asked(site)["pair"]
    assert asked(site)["pair"] == first, "who took it up finds it again"
    assert asked(site, EVA)["pair"] != first
    for _ in range(15):  # each of them takes a minute
        site.ledger.append("", "noise", {})
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
    [body] = [e.body for e in site.ledger.entries("looked")]
    assert body == {
        **{"pair": shown["pair"], "reviewer": ANNA, "protected": False, "took": True, "why": ""},
        **pair_in(body).columns,
    }
    assert pair_in(body).id == shown["pair"]


def test_one_protected_identity_protects_its_whole_person(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    linked = patient("melior:2", **HIDDEN)
    patients = [patient("asynja:1"), patient("melior:1", street="Storgatan 1"), linked]
    ran(site, steps([PAIRS[0]], patients, persons={"melior:1": "P1", "melior:2": "P1"}))
    assert asked(site, protected=False)["pair"] is None
    shown = asked(site)
    assert shown["protected"] and "Storgatan" not in repr(shown)


def test_what_a_project_compares_besides_is_shown_too(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    passports = [patient("asynja:1", traits='{"pass": "X1"}'), patient("melior:1", traits="{")]
    ran(site, steps([PAIRS[0]], passports))
    (told,) = [f for f in asked(site)["fields"] if f["field"] == "traits.pass"]
    assert (told["label"], told["left"], told["right"]) == ("pass", "X1", None)


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
    for path in sorted(HOME.rglob("*.py")):
        with path.open("rb") as file:
            wanted |= {found[1] for found in extract("python", file, {"_": None})}
    for path in sorted(HOME.rglob("templates/*.j2")):
        with path.open("rb") as file:
            texts = (found[2] for found in babel_extract(file, ("_", "ngettext"), (), {}))
            wanted |= {text[0] if isinstance(text, tuple) else text for text in texts}
    with (HOME / "locale/sv/LC_MESSAGES/minns.po").open("rb") as file:
        known = [(m.id, m.string) for m in read_po(file, locale="sv") if m.id]
    assert wanted == {each[0] if isinstance(each, tuple) else each for each, _ in known}
    assert all(all(said) if isinstance(said, tuple) else said for _, said in known)
