"""Verdicts and strata of samples in words; English here, Swedish in minns/locale."""


def _(text: str) -> str:
    """Marks a text for translation; it is translated where it is shown."""
    return text


#: How a fact is wrong, in the order of the keys on the page.
ERRORS = {
    "lost": _("Lost"),
    "wrong_patient": _("Wrong patient"),
    "value": _("Wrong value"),
    "code": _("Wrong code"),
    "date": _("Wrong date"),
    "status": _("Wrong status"),
    "doubled": _("Doubled"),
    "other": _("Wrong otherwise"),
}
VERDICTS = {"right": _("Right"), **ERRORS}
RISKS = {
    "protected": _("Protected persons"),
    "alert_active": _("Active alerts"),
    "medication_active": _("Active medicines"),
    "conflict": _("Facts in conflict"),
    "code_suggested": _("Codes that a machine proposed"),
    "linked_by_model": _("Persons tied by the linkage model"),
    "merged": _("Persons of several identities"),
    "other": _("Other facts"),
}
