"""What keeps two identities apart whatever the score, and what a score needs beside it to link.

Both are data: a name and a condition over the facts that `facts.sql` states of a pair.
"""

from dataclasses import dataclass
from importlib.resources import files
from typing import TypeVar

from link.settings import LinkModel
from minns.errors import ConfigError


@dataclass(frozen=True)
class Veto:
    """Evidence that two identities are different persons; `hard` breaks an earlier link as well."""

    name: str
    condition: str
    hard: bool = False


@dataclass(frozen=True)
class Requirement:
    """What must hold for a model's link to be automatic; the first that fails is why it waits."""

    name: str
    condition: str


_Named = TypeVar("_Named", Veto, Requirement)

#: One number, two people: at most one of given name, surname and birth date agrees.
_SAME_NUMBER = (
    "same_number and (given = 0 and surname = 0 and not names_swapped"
    " or born_far and (surname = 0 and not names_swapped or given = 0 or sex_differs)"
    " or given = 0 and sex_differs)"
)
#: A change that is documented may alter anything, but not all at once.
_DOCUMENTED = (
    "not same_number and (given = 0 and surname = 0 and not names_swapped"
    " or born_far and coalesce(given, 0) < 2)"
)

#: A number whose century is a guess is a centenarian's as well as a child's: two of given name,
#: surname and home must say so too, and no given name against it. A placeholder says nothing.
#: Beside them count a second number with the same guess, and protection on both sides: three in a
#: thousand stand under it, and hardly one centenarian; never where a centenarian bears the number.
_GUESS_HOLDS = (
    "not sex_differs and (given >= 1 and surname >= 1 or names_crossed"
    " or home = 2 and (given >= 1 or given is null and surname >= 1)"
    " or not disputed and coalesce(given >= 1, true)"
    " and (guessed_twice or both_protected and born = 2 and coalesce(surname >= 1, true)))"
)
#: Under a guess, names that differ tell two innocent persons, on one day a hundred years apart.
_TWO_BEHIND_A_GUESS = "guessed and given = 0 and not names_crossed"
_GUESS_EXPLAINS = "guessed and coalesce(day_born >= 1, true)"

#: One person by number and names: only what cannot be late results or a slip of the clerk speaks
#: against it. Of others, a few days are enough to ask.
_SURE = "(same_root and coalesce(given, 2) >= 1 and coalesce(surname, 2) >= 1)"


def _more_than(feature: str, days: int, days_if_sure: int) -> str:
    return f"{feature} > case when {_SURE} then {days_if_sure} else {days} end"


#: One child whose date of birth is a slip beside the other's: brothers are not called alike, unless
#: the first of them has died.
_SLIP = "(born = 1 and given_same and surname = 2 and home = 2 and none_dead)"


#: Reserve numbers are given twice now and then: two mothers, or a nameless newborn's surname and
#: door that are another family's.
_GIVEN_TWICE = (
    "same_root and reserve_number"
    " and (other_mother or given is null and surname = 0 and home < 2 and not same_mother)"
)

VETOES = (
    Veto("judged_different", "verdict = 'different'", hard=True),
    Veto("two_valid_numbers", "two_roots", hard=True),
    Veto(
        "overlay_suspect",
        f"(same_root or guessed) and not ({_GUESS_EXPLAINS}) and ({_SAME_NUMBER} or {_DOCUMENTED})",
    ),
    Veto("reserve_number_twice", _GIVEN_TWICE),
    Veto("century_uncertain", _TWO_BEHIND_A_GUESS),
    Veto(
        "twins",
        "not same_root and not guessed"
        " and born = 2 and surname >= 1 and (given = 0 or other_birth_order)"
        # a register that links both to one number is wrong about one of them
        " or born = 2 and same_mother and other_birth_order",
    ),
    Veto("sex_contradiction", "not same_root and not guessed and sex_differs"),
    # false, fictitious and anonymous identities: a number may speak for them, a likeness may not
    Veto("unlinkable", "unlinkable and not same_root"),
    Veto("timeline_two_stays", _more_than("days_in_two_places", 2, 30)),
    Veto("timeline_after_death", _more_than("after_death", 60, 365)),
    Veto("timeline_before_birth", f"{_more_than('before_birth', 30, 365)} and {_SLIP} is not true"),
    Veto(
        "timeline_two_deliveries",
        f"days_between_births >= 1 and (not {_SURE} or days_between_births between 14 and 180)",
    ),
    Veto("timeline_findings", f"findings_clash or finding_against_sex and not {_SURE}"),
)

#: Two persons whom the registry knows as two: an edge between them is a question.
_BRIDGE = Veto("bridge", "both_known")
#: The veto that no model can do without.
_JUDGED = "judged_different"

REQUIREMENTS = (
    Requirement("century_uncertain", f"not guessed or {_GUESS_HOLDS}"),
    Requirement("weight", "match_weight >= $upper"),
    # one given name of several in common, and not the first: twins may be named after the same
    # aunt, but are not both called after her
    Requirement(
        "given_names",
        "given_within and (given_first_same or called_same or given_shared <> 1 or serial >= 1)"
        " or given_first_same or given = 1 and serial = 2",
    ),
    # a name changed by marriage: the door, the day and the given names say who it is, unless the
    # day stands for an unknown one, as with many who share a house on arrival
    Requirement(
        "surname",
        "surname >= 1"
        " or given_within and born = 2 and home = 2 and (serial >= 1 or not day_unknown)",
    ),
    # a year of two digits was read as the wrong century's: nobody lives with a namesake born on
    # the same day a hundred years before
    Requirement(
        "birth_date",
        "born = 2"
        " or (born = 1 or born_centuries_apart) and given_within and surname = 2 and home = 2",
    ),
    Requirement(
        "corroboration",
        "home >= 1 or serial >= 1 or given_shared >= 2 or match_weight >= $upper + 5",
    ),
    Requirement("protected", "not protected or given_within and surname = 2 and born = 2"),
)

#: A newborn has no name yet: mother, day, sex and place in the birth order say who it is; where one
#: source leaves the order out, that no source knows of a twin. Never within a source, and never
#: between two reserve numbers: a child is given one.
NEWBORN = (
    "same_mother and born = 2 and not sex_differs and not same_source"
    " and not coalesce(two_reserves, false) and (same_birth_order or only_child)"
)

#: Two numbers that may be one person's all the same: doubtful, not impossible. A coordination
#: number is replaced by a personal one some day; one that does not fit its bearer is another's.
DOUBTFUL = {
    "coordination_and_personal": "two_kinds and given_within and (surname >= 1 or home = 2)",
    # one person may be given several; but whoever borrows an identity is given one of their own too
    "two_coordination_numbers": (
        "both_coordination and given_within and surname >= 1 and home = 2 and not sex_differs"
    ),
    "number_of_another": "odd_number and given_within and surname >= 1",
}


def facts_sql(pairs: str) -> str:
    """A query that states the facts of each pair in the table `pairs` (id_l, id_r, …), from what
    `features.sql` found of them before.
    """
    text = files("link").joinpath("facts.sql").read_text(encoding="utf-8")
    return text.replace("$pairs", pairs)


def _binding(veto: Veto) -> str:
    guard = "" if veto.name == _JUDGED else " and verdict is distinct from 'same'"
    return f"({veto.condition}){guard}{'' if veto.hard else ' and not same_person'}"


def _chosen(
    catalogue: tuple[_Named, ...], names: tuple[str, ...] | None, what: str
) -> list[_Named]:
    known = [entry.name for entry in catalogue]
    strange = [name for name in names or () if name not in known]
    if strange:
        raise ConfigError(
            f"the name of a {what} in the linkage model",
            found=f"'{strange[0]}'",
            do=f"Name some of {', '.join(known)}.",
        )
    return [entry for entry in catalogue if names is None or entry.name in names]


def veto_sql(model: LinkModel, *, bridges: bool = False) -> str:
    """SQL over features: the name of the first veto that binds, or NULL; with `bridges`, that two
    persons are known as two counts as the last of them.
    """
    binding = _chosen(VETOES, None if model.vetoes is None else (_JUDGED, *model.vetoes), "veto")
    cases = (*binding, _BRIDGE) if bridges else binding
    text = " ".join(f"when {_binding(veto)} then '{veto.name}'" for veto in cases)
    return f"case {text} end"


def hard_sql(veto: str) -> str:
    """SQL: whether the veto of that name breaks even an earlier link."""
    names = ", ".join(f"'{v.name}'" for v in VETOES if v.hard)
    return f"{veto} in ({names})"


def guess_unmet_sql() -> str:
    """SQL over features: why a link by number waits, NULL when it does not."""
    need = next(need for need in REQUIREMENTS if need.name == "century_uncertain")
    return f"case when not coalesce({need.condition}, false) then '{need.name}' end"


def doubtful_sql() -> str:
    """SQL over features: why two numbers are a question and no veto, NULL when they are none."""
    cases = " ".join(f"when {condition} then '{name}'" for name, condition in DOUBTFUL.items())
    return f"case when two_roots and born = 2 then case {cases} end end"


def unmet_sql(model: LinkModel) -> str:
    """SQL over features with `match_weight`: the first requirement that fails, NULL when none."""
    cases = " ".join(
        f"when not coalesce({need.condition}, false) then '{need.name}'"
        for need in _chosen(REQUIREMENTS, model.requirements, "requirement")
    )
    case = f"case when {NEWBORN} then null {cases} end"
    return case.replace("$upper", repr(model.upper))
