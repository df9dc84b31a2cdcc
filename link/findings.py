"""What is to be said of a training: parameters that cannot be right, and what blocking loses."""

import re

from link.learning import Finding
from link.sections import LinkModel, Parameters
from minns.engine import Engine

#: Two persons' sex agrees in half of all pairs, and nothing that is compared more often.
_COMMON = 0.6
#: What is read out of the number itself cannot tell what is lost without one.
_OF_NUMBER = {"number", "number_key", "previous_key", "serial"}


def implausible(parameters: Parameters, model: LinkModel) -> list[Finding]:
    """Levels whose m and u contradict what the level means."""
    found: list[Finding] = []
    for comparison in model.comparisons:
        *agreeing, rest = comparison.levels
        for level in agreeing:
            m, u = parameters[comparison.name, level.name]
            if m < u:
                found.append((comparison.name, level.name, "agreement speaks against", m / u))
            if u > _COMMON:
                found.append((comparison.name, level.name, "most pairs agree by chance", u))
        m, u = parameters[comparison.name, rest.name]
        if m > u:
            found.append((comparison.name, rest.name, "disagreement speaks for", m / u))
    return found


def blocking_findings(engine: Engine, model: LinkModel) -> list[Finding]:
    """Of pairs that share a valid number: what share each rule finds, what only it does, and what
    none of them would have found. Rules that look at the number are left out.
    """
    rules = [b.rule for b in model.blocking if not _OF_NUMBER & set(re.findall(r"\w+", b.rule))]
    if not rules:
        return []
    hits = ", ".join(f"coalesce({rule}, false) as r{n}" for n, rule in enumerate(rules))
    engine.run(
        f"create or replace temp table hit as select {hits}"  # noqa: S608
        " from labelled l join labelled r on l.label = r.label and l.id < r.id"
    )
    either = " + ".join(f"r{n}::integer" for n in range(len(rules)))
    counts = ", ".join(
        f"count(*) filter (r{n}), count(*) filter (r{n} and {either} = 1)"
        for n in range(len(rules))
    )
    pairs, lost, *rest = engine.rows(
        f"select count(*), count(*) filter ({either} = 0), {counts} from hit"  # noqa: S608
    )[0]
    if not pairs:
        return []
    found: list[Finding] = [
        ("blocking", "", "pairs looked at", float(pairs)),
        ("blocking", "", "lost", lost / pairs),
    ]
    for rule, finds, alone in zip(rules, rest[::2], rest[1::2], strict=True):
        found += [("blocking", rule, "finds", finds / pairs)]
        found += [("blocking", rule, "finds alone", alone / pairs)]
    return found
