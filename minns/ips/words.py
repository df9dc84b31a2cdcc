"""The texts of a patient summary, in Swedish and English."""

from collections.abc import Callable

from minns.translation import catalogue

Word = Callable[[str], str]


def _(text: str) -> str:
    """Marks a text for translation; it is looked up when it is shown."""
    return text


TITLE = _("Patient summary")
NOT_MOVED = _("Nothing of this kind has been moved from the journals.")
NOTHING_TOLD = _("The moved journals tell nothing of this. That does not mean that there is none.")
BLOCKED = _("Left out because the patient has had it blocked: {n}.")
NOT_FOR_PATIENT = _("Left out because it is not to be shown to the patient: {n}.")
#: The sections by their LOINC codes.
SECTIONS = {
    "48765-2": _("Allergies and hypersensitivity"),
    "11450-4": _("Problem list"),
    "10160-0": _("Medication summary"),
    "11369-6": _("Vaccinations"),
    "30954-2": _("Test results and measurements"),
    "47519-4": _("History of procedures"),
    "11348-0": _("History of past illness"),
    "104605-1": _("Other warnings"),
}


def words(language: str) -> Word:
    """The texts in a language."""
    return catalogue("minns", language).gettext
