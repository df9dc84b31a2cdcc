"""From opinions to judgements: one reviewer's word, or two who agree unseen and a third if not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from minns.config import Wave
from minns.errors import ConfigError
from minns.pairs import Pair, judge, one_of, pair_in, said, standing
from minns.site import Site

OPINIONS = ("same", "different", "unsure")
#: So long a pair is left to who took it up.
_TAKEN = timedelta(minutes=15)
SETTLED = ("same", "different")


@dataclass(frozen=True)
class Opinion:
    """What one reviewer thinks of a pair."""

    pair: Pair
    reviewer: str
    verdict: str
    reason: str
    sequence: int


def opinions(site: Site) -> dict[str, list[Opinion]]:
    """Opinions by pair, in order; those given before a judgement was withdrawn do not count."""
    withdrawn = {
        pair_in(e.body).id: e.sequence
        for e in site.ledger.entries("judgement")
        if e.body["verdict"] == "withdrawn"
    }
    undone = {e.body["opinion"] for e in site.ledger.entries("opinion_undone")}
    found: dict[str, list[Opinion]] = {}
    for e in site.ledger.entries("opinion"):
        pair = pair_in(e.body)
        if e.sequence > withdrawn.get(pair.id, 0) and e.sequence not in undone:
            body = e.body
            opinion = Opinion(pair, body["reviewer"], body["verdict"], body["reason"], e.sequence)
            found.setdefault(pair.id, []).append(opinion)
    return found


def alike(one: str, other: str) -> bool:
    """Whether two names are one reviewer's."""
    return one.strip().casefold() == other.strip().casefold()


def looked(
    site: Site, pair: Pair, reviewer: str, *, protected: bool, took: bool = False, why: str = ""
) -> None:
    """Record who looked at whom, why, and whether to decide it; no value of a patient."""
    body = {"pair": pair.id, "reviewer": reviewer, "protected": protected, "took": took}
    site.ledger.append("", "looked", {**body, **pair.columns, "why": why})


def taken(site: Site, reviewer: str) -> set[str]:
    """Pairs that another reviewer took up a short while ago and has not decided."""
    now = datetime.fromisoformat(site.ledger.moment())
    found: dict[str, str] = {}
    for entry in site.ledger.entries("looked"):
        old = now - datetime.fromisoformat(entry.moment) > _TAKEN
        if entry.body["took"] and not old and not alike(entry.body["reviewer"], reviewer):
            found[entry.body["pair"]] = entry.body["reviewer"]
    given = opinions(site)
    return {
        pair
        for pair, holder in found.items()
        if not any(alike(opinion.reviewer, holder) for opinion in given.get(pair, ()))
    }


def decide(site: Site, wave: Wave, pair: Pair, verdict: str, reviewer: str, reason: str) -> str:
    """Record what a reviewer decides about a pair.

    Gives what came of it: judged, unsure, second (a second reviewer is to come) or adjudicate.
    """
    one_of(verdict, OPINIONS)
    reviewer, reason = said(reviewer, "reviewer"), said(reason, "reason")
    settle(site)
    _refuse_judged(site, pair)
    if not wave.review.double_blind:
        if verdict in SETTLED:
            judge(site, pair, verdict, reason, reviewer, wave=wave.name)
            return "judged"
        _opine(site, wave, pair, verdict, reviewer, reason)
        return "unsure"
    given = opinions(site).get(pair.id, [])
    if any(alike(opinion.reviewer, reviewer) for opinion in given):
        raise ConfigError(
            "one opinion from each reviewer in a double-blind wave",
            found=f"one of {reviewer} already",
            do="Leave the pair to another reviewer.",
        )
    if len(given) > 1:
        raise ConfigError(
            "a pair that waits for an opinion",
            found="two opinions",
            do=f"A third reviewer settles it: minns review adjudicate {pair.id} VERDICT",
        )
    _opine(site, wave, pair, verdict, reviewer, reason)
    if not given:
        return "second"
    return "judged" if settle(site) else "adjudicate"


def adjudicate(site: Site, wave: Wave, pair: Pair, verdict: str, reviewer: str, reason: str) -> str:
    """Settle a pair on which two reviewers differ; the third is neither of them."""
    one_of(verdict, SETTLED)
    reviewer, reason = said(reviewer, "reviewer"), said(reason, "reason")
    settle(site)
    _refuse_judged(site, pair)
    given = opinions(site).get(pair.id, [])
    if len(given) < 2:
        raise ConfigError(
            "two opinions that differ", found=f"{len(given)}", do="Let two reviewers decide first."
        )
    if any(alike(opinion.reviewer, reviewer) for opinion in given):
        raise ConfigError(
            "a third reviewer", found="one of the two who differ", do="Name another --reviewer."
        )
    judge(site, pair, verdict, reason, reviewer, wave=wave.name, adjudicated=True)
    return "judged"


def settle(site: Site) -> int:
    """Make judgements of opinions that agree, also where a kill came between; gives how many."""
    judged = standing(site)
    made = 0
    for pair_id, given in sorted(opinions(site).items()):
        first, second = given[0], given[1] if len(given) > 1 else None
        if second is None or first.verdict != second.verdict or first.verdict not in SETTLED:
            continue
        if pair_id not in judged:
            both = (first, second)
            reason = " · ".join(f"{o.reviewer}: {o.reason}" for o in both)
            names = ", ".join(o.reviewer for o in both)
            judge(site, first.pair, first.verdict, reason, names, reviewers=[*names_of(both)])
            made += 1
    return made


def names_of(given: tuple[Opinion, ...]) -> tuple[str, ...]:
    """The reviewers behind opinions."""
    return tuple(opinion.reviewer for opinion in given)


def _opine(site: Site, wave: Wave, pair: Pair, verdict: str, reviewer: str, reason: str) -> None:
    about: dict[str, Any] = {**pair.columns, "verdict": verdict, "reviewer": reviewer}
    site.ledger.append("", "opinion", {**about, "reason": reason, "wave": wave.name})


def _refuse_judged(site: Site, pair: Pair) -> None:
    if pair.id in standing(site):
        raise ConfigError(
            "a pair that nobody judged yet",
            found="a judgement",
            do="Withdraw it first: minns identity decide SOURCE:ID SOURCE:ID withdrawn",
        )
