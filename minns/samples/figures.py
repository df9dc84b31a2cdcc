"""How a sample goes: what is read, what was found, what it shows, how well its readers agree."""

from collections import Counter
from typing import Any

from minns.samples.drawing import reach
from minns.samples.reading import owed, to_adjudicate, unreadable
from minns.samples.state import RIGHT, Sample
from validation.sample import kappa, upper_bound


def figures(sample: Sample) -> dict[str, Any]:
    """The figures of a sample, as plain JSON values: counts and bounds, no patient."""
    base = [at for at, fact in sample.facts.items() if fact.base]
    found = {at: sample.outcome(at) for at in sample.facts}
    read = {at: outcome for at, outcome in found.items() if outcome is not None}
    aim, every = sample.aim, int(sample.entry.body["population"])
    errors = sum(not read[at].right for at in base if at in read)
    read_base = sum(at in read for at in base)
    bound = upper_bound(errors, read_base, aim["confidence"], every)
    allowed = reach(len(base), aim, every)
    return {
        "facts": len(sample.facts),
        "read": len(read),
        "waiting": len(sample.facts) - len(read),
        "differ": sum(sample.disputed(at) for at in sample.facts),
        "unreadable": unreadable(sample),
        "wrong": sum(not outcome.right for outcome in read.values()),
        "base": len(base),
        "base_read": read_base,
        "errors": errors,
        "errors_allowed": allowed,
        "bound": bound,
        "shown": len(read) == len(found) and bound <= aim["error_below"],
        "failed": errors > allowed,
        "by_error": dict(sorted(Counter(o.verdict for o in read.values() if not o.right).items())),
        "strata": _strata(sample),
        **_agreement(sample),
    }


def _strata(sample: Sample) -> list[dict[str, Any]]:
    """Each stratum by itself, the most harmful first: its own facts, base or not."""
    lines = []
    for name, population in sample.entry.body["strata"]:
        own = [at for at, fact in sample.facts.items() if fact.risk == name]
        read = [o for at in own if (o := sample.outcome(at)) is not None]
        errors = sum(not outcome.right for outcome in read)
        bound = upper_bound(errors, len(read), sample.aim["confidence"], population)
        lines.append(
            {
                "risk": name,
                "population": population,
                "facts": len(own),
                "read": len(read),
                "errors": errors,
                "bound": bound if read else None,
            }
        )
    return lines


def _agreement(sample: Sample) -> dict[str, Any]:
    pairs = [given for given in sample.readings.values() if len(given) == 2]
    answers = [(one.verdict == RIGHT, other.verdict == RIGHT) for one, other in pairs]
    return {
        "read_twice": len(pairs),
        "agreed": sum(one.verdict == other.verdict for one, other in pairs),
        "kappa": kappa(answers),
    }


def line(sample: Sample, reader: str | None = None) -> dict[str, Any]:
    """A sample in one line: what it is, how far it came; for a reader also what is theirs."""
    told = figures(sample)
    body = sample.entry.body
    found = {
        "sample": sample.name,
        "wave": sample.wave,
        "run": body["run"],
        "drawn": sample.entry.moment,
        "seed": body["seed"],
        "double_blind": sample.double_blind,
        "readers": [name for name, _ in sample.readers],
        "adjudicators": [name for name, _ in sample.adjudicators],
        **{name: told[name] for name in ("facts", "read", "waiting", "differ", "wrong")},
        **{name: told[name] for name in ("bound", "shown", "failed")},
        "signed": len(sample.signatures),
    }
    if reader is not None:
        found["mine"] = len(owed(sample, reader))
        found["to_settle"] = len(to_adjudicate(sample, reader))
    return found
