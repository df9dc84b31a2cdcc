"""How a map comes from a suggestion to a wave: who may take which step."""

from dataclasses import replace

from minns.errors import ConfigError
from minns.maps.codemap import STATES, CodeMap, State, same_person

#: How near a standard code can be.
MEANINGS = ("equivalent", "wider", "narrower", "inexact")
#: The states from which a map may come to each.
FROM: dict[State, tuple[State, ...]] = {
    "suggested": ("mapped", "reviewed", "approved", "rejected"),
    "mapped": ("suggested", "rejected"),
    "reviewed": ("mapped",),
    "approved": ("reviewed",),
    "rejected": ("suggested", "mapped", "reviewed", "approved"),
}


def open_maps(maps: list[CodeMap]) -> list[CodeMap]:
    """Maps that wait for somebody: nearest to a wave first, then the surest suggestion."""
    waiting = [m for m in maps if m.state not in ("approved", "rejected")]
    return sorted(waiting, key=lambda m: (-STATES.index(m.state), -(m.confidence or 0.0), m.place))


def corrected(codemap: CodeMap, meaning: str, target: CodeMap | None) -> CodeMap:
    """A suggestion as its author wants it: another meaning, another standard code.

    What people looked at is not changed behind their backs. Raises `ConfigError` for that.
    """
    if not meaning and target is None:
        return codemap
    if codemap.state != "suggested":
        raise ConfigError(
            "meaning and code to be given when a suggestion is mapped",
            found=f"a map that is {codemap.state}",
            do="Take it back first: 'minns map review decide ID suggested'.",
        )
    if meaning and meaning not in MEANINGS:
        raise ConfigError(
            f"one of the meanings {', '.join(MEANINGS)}",
            found=f"'{meaning}'",
            do="Wider: the standard code says less than the local one.",
        )
    changed = replace(codemap, equivalence=meaning or codemap.equivalence)
    if target is None:
        return changed
    return replace(
        changed,
        system=target.system,
        system_version=target.system_version,
        code=target.code,
        display=target.display,
        confidence=None,
        comment="",
    )


def decide(codemap: CodeMap, state: str, by: str, on: str, reason: str = "") -> CodeMap:
    """The map in its new state, with the name of who decided.

    Who makes it is its author; who reviews and approves it must be another. Raises `ConfigError`
    for a step that cannot be taken.
    """
    new = next((known for known in STATES if known == state), None)
    if new is None or codemap.state not in FROM[new]:
        raise ConfigError(
            f"a state that follows '{codemap.state}'"
            f" ({', '.join(s for s in STATES if codemap.state in FROM[s])})",
            found=f"'{state}'",
            do="A map goes from suggested to mapped, reviewed and approved; or is rejected.",
        )
    if not by.strip():
        raise ConfigError("the name of who decides", found="none", do="Name it with --by.")
    if new in ("reviewed", "approved") and any(same_person(by, a) for a in codemap.authors):
        raise ConfigError(
            f"another person than the author to have it {new}",
            found="its author",
            do="Ask a second person: two stand behind a map that a wave uses.",
        )
    return _moved(codemap, new, by.strip(), on, reason)


def _moved(codemap: CodeMap, state: State, by: str, on: str, reason: str) -> CodeMap:
    comment = f"{codemap.comment} {reason}".strip() if reason else codemap.comment
    moved = replace(codemap, state=state, comment=comment)
    if state == "mapped":
        judged = "semapv:ManualMappingCuration"
        return replace(moved, authors=(by,), reviewers=(), mapped_on=on, justification=judged)
    if state == "suggested":
        return replace(moved, authors=(), reviewers=(), mapped_on="", reviewed_on="")
    known = any(same_person(by, name) for name in codemap.reviewers)
    reviewers = codemap.reviewers if known else (*codemap.reviewers, by)
    return replace(moved, reviewers=reviewers, reviewed_on=on)
