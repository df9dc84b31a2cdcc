"""What is to be said of a training: parameters that cannot be right, and what blocking loses."""

from link.learning import Finding
from link.sections import LinkModel, Parameters
from minns.engine import Engine


def implausible(parameters: Parameters, model: LinkModel) -> list[Finding]:
    """Levels whose m and u contradict what the level means."""
    found: list[Finding] = []
    for comparison in model.comparisons:
        shares = [parameters[comparison.name, level.name] for level in comparison.levels]
        names = [level.name for level in comparison.levels]
        (best_m, best_u), (worst_m, worst_u) = shares[0], shares[-1]
        if best_m < best_u:
            found.append((comparison.name, names[0], "best level speaks against", best_m / best_u))
        if worst_m > worst_u:
            found.append((comparison.name, names[-1], "worst level speaks for", worst_m / worst_u))
        found += [
            (comparison.name, name, "agreement by chance in most pairs", u)
            for name, (_, u) in zip(names[:-1], shares[:-1], strict=True)
            if u > 0.5
        ]
    return found


def blocking_findings(engine: Engine, model: LinkModel) -> list[Finding]:
    """Of pairs that share a valid number: what share each rule finds, what only it does, and what
    none of them would have found.
    """
    rules = [blocking.rule for blocking in model.blocking]
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
