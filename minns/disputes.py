"""Conflicts in words: what each rule means, and how dangerous it is to leave one open.

One readable table of each; English here, Swedish in minns/locale. The report, the list that a
clinician works through and the page of a patient all use it.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from minns.translation import catalogue


def _(text: str) -> str:
    """Marks a text for translation; it is translated where it is shown."""
    return text


#: What each rule of transform found. A rule in the table stands before its pattern below.
RULES = {
    "patient_birth_date_differs": _("different dates of birth"),
    "patient_sex_differs": _("different sex"),
    "patient_deceased_date_differs": _("different dates of death"),
    "patient_century_uncertain": _("the century of birth is a guess"),
    "care_contact_status_differs": _("the contact's state differs"),
    "care_contact_ends_at_differs": _("the contact ends at different times"),
    "condition_status_differs": _("active in one source, not in the other"),
    "condition_certainty_differs": _("suspected in one source, confirmed in the other"),
    "condition_chronic_differs": _("chronic in one source, not in the other"),
    "condition_negated_differs": _("a disease in one source, denied in the other"),
    "alert_status_differs": _("the warning holds in one source, not in the other"),
    "alert_severity_differs": _("different severity"),
    "alert_certainty_differs": _("suspected in one source, confirmed in the other"),
    "alert_negated_differs": _("warned of in one source, denied in the other"),
    "alert_none_known_but_known": _("'none known' beside a known one"),
    "medication_status_differs": _("ordered in one source, ended in the other"),
    "medication_dose_text_differs": _("one order, different doses"),
    "medication_strength_differs": _("one order, different strengths"),
    "medication_ends_on_differs": _("one order, different last days"),
    "medication_active_dose_differs": _("two active orders of one drug, different doses"),
    "medication_active_strength_differs": _("two active orders of one drug, different strengths"),
    "medication_strength_split": _("the same amount, told in other strengths"),
    "medication_stop_of_nothing": _("a stop order that stops no known order"),
    "observation_value_text_differs": _("one sample, different results"),
    "observation_status_differs": _("the result holds in one source, not in the other"),
    "observation_unit_against_range": _("the unit does not fit the usual range"),
    "observation_correction_of_nothing": _("a correction of a result that nobody has"),
    "observation_corrected_twice": _("one result, corrected in two ways"),
    "procedure_status_differs": _("done in one source, not in the other"),
    "immunization_status_differs": _("given in one source, not in the other"),
    "immunization_batch_differs": _("different batch numbers"),
    "immunization_dose_number_differs": _("different dose numbers"),
    "document_status_differs": _("the note holds in one source, not in the other"),
    "document_signed_differs": _("signed in one source, not in the other"),
    "document_version_missing": _("a version of the note before this one is missing"),
    "document_version_twice": _("two texts under one version of the note"),
}
#: What a rule of any kind means by its ending.
ENDINGS = {
    "_before_birth": _("dated before the patient's birth"),
    "_after_death": _("dated after the patient's death"),
    "_in_future": _("dated later than its record"),
    "_in_doubled_hour": _("in the hour that October has twice, and which of them is not told"),
    "_in_missing_hour": _("in the hour that March does not have"),
    "_duplicate": _("perhaps told twice"),
    "_stopped_elsewhere": _("stopped in one source, going on in another"),
    "_differs": _("the sources differ"),
}


@dataclass(frozen=True)
class Danger:
    """How dangerous an open conflict is, for which rules (patterns), and why; the first one that
    fits counts. `active`: only while a side is an active fact.
    """

    level: int
    name: str
    why: str
    rules: tuple[str, ...]
    active: bool = False


DANGERS = (
    Danger(
        1,
        _("Alert"),
        _("a warning is missed, or a patient goes without what they could have"),
        ("alert_*",),
        active=True,
    ),
    Danger(
        2,
        _("Medication"),
        _("a wrong dose, the same drug twice, or a drug that was stopped"),
        ("medication_*",),
        active=True,
    ),
    Danger(
        3,
        _("Whose it is"),
        _("another patient's data may lie in this record"),
        ("patient_*", "*_before_birth", "*_after_death"),
    ),
    Danger(
        4,
        _("Result"),
        _("a treatment follows from a value that is not so"),
        ("observation_*",),
    ),
    Danger(
        5,
        _("Diagnosis"),
        _("a disease is treated that is not there, or one that is there is not"),
        ("condition_*", "procedure_*", "immunization_*"),
    ),
    Danger(6, _("The record"), _("the record tells the past wrongly"), ("*",)),
)


def danger(rule: str, *, active: bool = True) -> Danger:
    """How dangerous it is to leave a conflict of this rule open; one that no line of the table
    names falls to its kind's, and of an unknown kind to the last.
    """
    return next(
        each
        for each in DANGERS
        if (active or not each.active) and any(fnmatchcase(rule, p) for p in each.rules)
    )


def known(rule: str) -> bool:
    """Whether the tables have a word for this rule, beside the last resort for what differs."""
    return rule in RULES or any(rule.endswith(end) for end in ENDINGS if end != "_differs")


def said(rule: str, language: str) -> str:
    """A rule in words; one that no table knows stands as its name without underscores."""
    text = RULES.get(rule) or next((t for end, t in ENDINGS.items() if rule.endswith(end)), None)
    if text is None:
        return rule.replace("_", " ")
    return catalogue("minns", language).gettext(text)
