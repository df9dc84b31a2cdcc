"""Figures of the review: what waits, who decided, how well they agree, how long it takes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from minns.config import Review
from minns.ledger import Entry
from minns.pairs import pair_in, standing
from minns.review.opinions import Opinion, alike, opinions
from minns.review.queue import Waiting
from minns.site import Site

#: From so many decisions on, the reviewers' own pace tells the forecast.
_ENOUGH = 5
#: A longer gap between look and decision is a pause, not work.
_PAUSE = 30.0
#: How many opinions a pair needs.
_LOOKS = {False: 1, True: 2}


def bands(pairs: Iterable[Waiting], limits: tuple[float, float]) -> dict[str, int]:
    """Waiting pairs by how near their weight is to the thresholds."""
    lower, upper = limits
    count = Counter(_band(pair.weight, lower, upper) for pair in pairs)
    return {name: count[name] for name in ("above", "upper half", "lower half", "no weight")}


def _band(weight: float | None, lower: float, upper: float) -> str:
    if weight is None:
        return "no weight"
    if weight >= upper:
        return "above"
    return "upper half" if weight >= (lower + upper) / 2 else "lower half"


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa of two verdicts on each pair: agreement beyond chance; none when chance alone
    would agree always, or when nothing was judged twice.
    """
    if not pairs:
        return None
    total = len(pairs)
    observed = sum(one == other for one, other in pairs) / total
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(first[v] * second[v] for v in sorted(first)) / total**2
    return None if chance == 1 else (observed - chance) / (1 - chance)


def agreement(given: Mapping[str, Sequence[Opinion]]) -> dict[str, Any]:
    """How often two reviewers of one pair agreed, and kappa; reviewers stand in order of name."""
    doubly = []
    for pair in sorted(given):
        both = given[pair][:2]
        if len(both) == 2 and not alike(both[0].reviewer, both[1].reviewer):
            one, other = sorted(both, key=lambda o: o.reviewer.casefold())
            doubly.append((one.verdict, other.verdict))
    agreed = sum(one == other for one, other in doubly)
    found = kappa(doubly)
    return {
        "pairs": len(doubly),
        "agreed": agreed,
        "agreement": round(agreed / len(doubly), 4) if doubly else None,
        "kappa": None if found is None else round(found, 4),
    }


def decided(site: Site) -> list[dict[str, Any]]:
    """Judgements that stand and opinions, by reviewer."""
    lines: dict[str, Counter[str]] = {}
    for entry in standing(site).values():
        name = entry.body.get("reviewer") or "–"
        for each in entry.body.get("reviewers", [name]):
            lines.setdefault(each, Counter())[entry.body["verdict"]] += 1
    for given in opinions(site).values():
        for opinion in given:
            lines.setdefault(opinion.reviewer, Counter())["opinions"] += 1
            lines[opinion.reviewer]["unsure"] += opinion.verdict == "unsure"
    columns = ("same", "different", "unsure", "opinions")
    return [{"reviewer": n, **{c: lines[n][c] for c in columns}} for n in sorted(lines)]


def pace(site: Site) -> float | None:
    """Minutes that reviewers took for a decision, on average; none while there are too few."""
    entries = sorted(
        (e for kind in ("looked", "opinion", "judgement") for e in site.ledger.entries(kind)),
        key=lambda e: e.sequence,
    )
    took = [minutes for minutes in _took(entries) if minutes <= _PAUSE]
    return sum(took) / len(took) if len(took) >= _ENOUGH else None


def _took(entries: Iterable[Entry]) -> Iterable[float]:
    """Minutes between each reviewer's look at a pair and their decision of it."""
    seen: dict[tuple[str, str], str] = {}
    for entry in entries:
        reviewer = str(entry.body.get("reviewer") or "").casefold()
        if entry.kind == "looked":
            seen[entry.body["pair"], reviewer] = entry.moment
        elif (begun := seen.pop((pair_in(entry.body).id, reviewer), None)) is not None:
            yield (_moment(entry.moment) - _moment(begun)).total_seconds() / 60


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def forecast(site: Site, pairs: Sequence[Waiting], review: Review) -> dict[str, Any]:
    """How many decisions remain and how long they take, with a sentence."""
    own = pace(site)
    each = review.minutes_per_pair if own is None else own
    wanted = _LOOKS[review.double_blind]
    # two who differ need a third; one who is unsure leaves the pair to another
    looks = sum(max(1, wanted - len(pair.opinions)) for pair in pairs)
    minutes = looks * each
    return {
        "pairs": len(pairs),
        "decisions": looks,
        "minutes_per_decision": round(each, 2),
        "from": "default" if own is None else "pace",
        "minutes": round(minutes),
        "text": _sentence(len(pairs), minutes),
    }


def _sentence(pairs: int, minutes: float) -> str:
    if not pairs:
        return "no pair waits"
    long = minutes >= 90
    time, unit = max(1, round(minutes / 60 if long else minutes)), "hour" if long else "minute"
    return f"{_counted(pairs, 'pair')}, about {_counted(time, unit)}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def stats(
    site: Site, pairs: Sequence[Waiting], review: Review, limits: tuple[float, float]
) -> dict[str, Any]:
    """All figures of the review as plain JSON values."""
    given = opinions(site)
    rules = Counter(pair.rule or "" for pair in pairs)
    verdicts = Counter(entry.body["verdict"] for entry in standing(site).values())
    return {
        "waiting": len(pairs),
        "with_held_rows": sum(pair.held for pair in pairs),
        "protected": sum(pair.protected for pair in pairs),
        "to_adjudicate": sum(len(p.opinions) > 1 for p in pairs) if review.double_blind else 0,
        "by_rule": [{"rule": r, "pairs": n} for r, n in sorted(rules.items())],
        "by_band": bands(pairs, limits),
        "decided": {"same": verdicts["same"], "different": verdicts["different"]},
        "by_reviewer": decided(site),
        "agreement": agreement(given),
        "forecast": forecast(site, pairs, review),
    }
