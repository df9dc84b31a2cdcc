"""Reading a sample: which facts are whose, what they found, taking it back, and settling."""

from minns.errors import ConfigError
from minns.recorded import holds_personal_number
from minns.samples.state import (
    ADJUDICATED,
    RIGHT,
    UNDONE,
    VERDICT,
    VERDICTS,
    Reading,
    Sample,
)
from minns.site import Site
from validation.sample import Drawn

_LONGEST = 500


def owed(sample: Sample, reader: str) -> tuple[Drawn, ...]:
    """The facts that a reader has yet to read, in order. Facts are shared out in turn among those
    who may see them; with double-blind reading each goes to two of them.
    """
    return tuple(fact for fact in sample.facts.values() if _is_owed(sample, fact, reader))


def _is_owed(sample: Sample, fact: Drawn, reader: str) -> bool:
    given = [each.by for each in sample.readings.get(fact.at, ())]
    if reader in given or len(given) >= sample.needed or fact.at in sample.adjudged:
        return False
    eligible = [name for name, may in sample.readers if may or not fact.protected]
    turns = (eligible[(fact.at + turn) % len(eligible)] for turn in range(sample.needed))
    return bool(eligible) and reader in turns


def unreadable(sample: Sample) -> int:
    """How many facts nobody will read: too few of the readers may see their persons."""
    able = {
        hidden: len([1 for _, may in sample.readers if may or not hidden])
        for hidden in (False, True)
    }
    return sum(
        able[fact.protected] < sample.needed and sample.outcome(at) is None
        for at, fact in sample.facts.items()
    )


def to_adjudicate(sample: Sample, name: str) -> tuple[Drawn, ...]:
    """The facts on which two readers differ, for a third: one who is assigned to settle them, is
    neither of the two, and may see whom they are about.
    """
    allowed = dict(sample.adjudicators)
    if name not in allowed:
        return ()
    return tuple(
        fact
        for at, fact in sample.facts.items()
        if sample.disputed(at)
        and name not in [each.by for each in sample.readings[at]]
        and (allowed[name] or not fact.protected)
    )


def read(site: Site, sample: Sample, at: int, by: str, verdict: str, comment: str) -> int:
    """Record what a reader found of a fact; gives the number of the ledger's entry.

    Raises `ConfigError` when it is not theirs to read, was signed, or the comment says who.
    """
    _refuse_signed(sample)
    body = _body(sample, at, by, verdict, comment)
    if at not in {fact.at for fact in owed(sample, by)}:
        raise ConfigError(
            "a fact that waits for this reader", found="another", do="Open the sample again."
        )
    return site.ledger.append("", VERDICT, body).sequence


def undo(site: Site, sample: Sample, by: str) -> Reading | None:
    """Take back what a reader found last, while nobody signed or settled it; gives what it was."""
    _refuse_signed(sample)
    own = [r for given in sample.readings.values() for r in given if r.by == by]
    if not own:
        return None
    last = max(own, key=lambda each: each.sequence)
    if last.at in sample.adjudged:
        raise ConfigError(
            "a verdict that nobody has settled", found="one that a third settled", do="Read on."
        )
    site.ledger.append("", UNDONE, {"sample": sample.name, "verdict": last.sequence, "by": by})
    return last


def adjudicate(site: Site, sample: Sample, at: int, by: str, verdict: str, comment: str) -> int:
    """Settle a fact on which two readers differ, as a third."""
    _refuse_signed(sample)
    body = _body(sample, at, by, verdict, comment)
    if at not in {fact.at for fact in to_adjudicate(sample, by)}:
        raise ConfigError(
            "a fact on which two others differ", found="another", do="Open the sample again."
        )
    return site.ledger.append("", ADJUDICATED, body).sequence


def spoken_for(text: str) -> str:
    """A comment without blanks around it; one that is too long or may say who is refused."""
    text = " ".join(text.split())
    if len(text) > _LONGEST or holds_personal_number(text):
        raise ConfigError(
            f"a comment of at most {_LONGEST} characters without a personal number",
            found="another",
            do="Go back and write what is wrong, not with whom.",
        )
    return text


def _body(sample: Sample, at: int, by: str, verdict: str, comment: str) -> dict[str, object]:
    if verdict not in VERDICTS:
        raise ConfigError(
            f"one of {', '.join(VERDICTS)}", found="another", do="Go back and choose one."
        )
    wrong = verdict != RIGHT
    return {
        "sample": sample.name,
        "at": at,
        "fact": sample.facts[at].fact_id if at in sample.facts else "",
        "by": by,
        "verdict": "wrong" if wrong else RIGHT,
        "error": verdict if wrong else None,
        "comment": spoken_for(comment),
    }


def _refuse_signed(sample: Sample) -> None:
    if sample.signatures:
        raise ConfigError(
            "a sample that nobody has signed",
            found="a signed one",
            do="What was signed stands; draw a new sample to read again.",
        )
