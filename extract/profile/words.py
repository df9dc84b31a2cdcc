"""What the profile's forms are called in Swedish and English."""

from minns.translation import catalogue


def _(text: str) -> str:
    return text


#: Names that the profile gives; all else in it (forms, codes) is shown as it stands.
NAMES = {
    "personal": _("personal number"),
    "coordination": _("coordination number"),
    "national_reserve": _("national reserve number"),
    "vgr_reserve": _("reserve number (VGR)"),
    "vgr_old_reserve": _("reserve number (VGR, old)"),
    "interim": _("interim number"),
    "check digit wrong": _("check digit wrong"),
    "empty text": _("empty text"),
    "blanks": _("blanks"),
    "nines": _("nines"),
    "noughts": _("noughts"),
    "far future": _("far future"),
    "marks (-, ?, ., x)": _("marks (-, ?, ., x)"),
    "characters lost (U+FFFD)": _("characters lost (U+FFFD)"),
    "UTF-8 read as CP1252, twice": _("UTF-8 read as CP1252, twice"),
    "UTF-8 read as CP1252": _("UTF-8 read as CP1252"),
    "UTF-8 read as CP850": _("UTF-8 read as CP850"),
    "CP850 read as CP1252": _("CP850 read as CP1252"),
    "Latin-1 read as CP850": _("Latin-1 read as CP850"),
    "7-bit Swedish (SEN 850200)": _("7-bit Swedish (SEN 850200)"),
    "decomposed letters (NFD)": _("decomposed letters (NFD)"),
    "control characters": _("control characters"),
}


def word(name: str, language: str) -> str:
    """A name as people of that language say it."""
    return catalogue("extract", language).gettext(NAMES[name]) if name in NAMES else name
