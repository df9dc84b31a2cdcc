"""Why pairs wait, in words for a clinician, and how much harm a wrong answer does.

The queue is ordered by it: a wrong merge of two adults mixes their allergies and medicines and is
found late; a newborn that is missed has two short records for a while.
"""

from dataclasses import dataclass

from minns.review.words import _


@dataclass(frozen=True)
class Rule:
    """A rule of the linkage that makes pairs wait: harm from 1 to 5, why, what is at stake."""

    name: str
    harm: int
    why: str
    stake: str


_TWO_ADULTS = _("two adults in one record: the other's allergies and medicines count as theirs")
_TWO_PERSONS = _("two persons with records of their own would become one, and ids would change")
_SIBLINGS = _("siblings in one record: doses and vaccinations of the other")
_HALF = _("one patient with two records, each of which lacks half of the history")
_SHORT = _("a newborn with two short records")

RULES = (
    Rule(
        "overlay_suspect",
        5,
        _("One number, but the name and date of birth of two: the rows wait until it is decided"),
        _("rows of two persons may lie under one number; nothing of them is loaded until then"),
    ),
    Rule(
        "false_identity",
        5,
        _("A false identity: the rows wait until somebody says who it is"),
        _("somebody used another's identity; nothing of it is loaded until then"),
    ),
    Rule("judged_different", 5, _("Judged to be two persons, yet tied by others"), _TWO_ADULTS),
    Rule("two_valid_numbers", 5, _("Two different valid personal numbers"), _TWO_ADULTS),
    Rule("bridge", 4, _("Both are known already, as two persons"), _TWO_PERSONS),
    Rule("timeline_two_stays", 4, _("Admitted in two places at once"), _TWO_ADULTS),
    Rule("timeline_after_death", 4, _("Care long after the other one's death"), _TWO_ADULTS),
    Rule("timeline_before_birth", 4, _("Care long before the other one's birth"), _TWO_ADULTS),
    Rule("timeline_two_deliveries", 4, _("Deliveries too near one another"), _TWO_ADULTS),
    Rule("timeline_findings", 4, _("Findings that only the other sex can have"), _TWO_ADULTS),
    Rule("sex_contradiction", 4, _("Different sex, and nothing that explains it"), _TWO_ADULTS),
    Rule(
        "century_uncertain", 4, _("The number may belong to either of two centuries"), _TWO_ADULTS
    ),
    Rule("twins", 4, _("May be twins: all agrees but the given name or number"), _SIBLINGS),
    Rule(
        "unlinkable",
        4,
        _("A false, fictitious or anonymous identity: likeness says nothing of who it is"),
        _("a protected or hidden identity would be given away"),
    ),
    Rule("protected", 3, _("Protected personal data: never linked by likeness alone"), _TWO_ADULTS),
    Rule("given_names", 3, _("The given names do not agree well enough"), _SIBLINGS),
    Rule("birth_date", 3, _("The dates of birth do not agree well enough"), _TWO_ADULTS),
    Rule("surname", 3, _("The surnames do not agree well enough"), _TWO_ADULTS),
    Rule(
        "coordination_and_personal",
        3,
        _("A coordination number and a personal number, without a documented change"),
        _HALF,
    ),
    Rule(
        "two_coordination_numbers",
        3,
        _("Two coordination numbers, without a documented change"),
        _HALF,
    ),
    Rule(
        "number_of_another",
        3,
        _("A number that does not fit its bearer's date of birth: perhaps another's"),
        _HALF,
    ),
    Rule(
        "reserve_number_twice", 3, _("A reserve number that may have been given twice"), _SIBLINGS
    ),
    Rule("corroboration", 2, _("Nothing beside name and date of birth supports it"), _HALF),
    Rule("weight", 2, _("Too little agrees to link, too much to leave"), _HALF),
    Rule("newborn", 1, _("A newborn without a name or number of its own"), _SHORT),
)
#: A rule that this table does not know stands in the middle.
OTHER = Rule("", 3, _("The linkage could not decide"), _HALF)
_BY_NAME = {rule.name: rule for rule in RULES}
#: A pair that was cut so that a veto between others holds.
CUT = "blocked_"


def rule(name: str | None) -> Rule:
    """The rule of that name; of a pair that was cut, the veto that cut it."""
    return _BY_NAME.get((name or "").removeprefix(CUT), OTHER)


def harm_sql(column: str) -> str:
    """SQL: the harm of the rule in a column."""
    cases = " ".join(f"when '{r.name}' then {r.harm}" for r in RULES)
    return f"case replace(coalesce({column}, ''), '{CUT}', '') {cases} else {OTHER.harm} end"
