"""Which columns may hold personal values, told from their names and from what they look like."""

import re
from collections.abc import Mapping
from typing import Any

#: Parts of column names behind which people, their places or their words stand.
_PERSONAL = re.compile(
    r"namn|name|adress|address|gata|street|postort|ort$|city|tel|phone|mobil|epost|mail|fax"
    r"|pnr|persnr|personn|ssn|birth|f[oö]d|mother|moder|father|anh[oö]rig|kontakt|first|last"
    r"|sign|_av$|^av$|skriv|vidim|vem|author|l[aä]kare|anv[aä]ndare|user|hsa|staff|ansvarig|utf[oö]rare|clinician"
    r"|lat$|lon$|county|zip|postnr|passport|drivers|notering|anteckning|fritext|kommentar|note",
    re.I,
)
_NAMES = re.compile(
    r"f[oö]rnamn|efternamn|tilltal|first|last|given|surname|family|f[oö]d|birth", re.I
)
#: Parts of column names that say "this is a code", for codes of many digits.
_CODE = re.compile(r"kod|code|atc|npu|snomed|icd|kva|system|enhet", re.I)
#: Distinct values beyond which words are taken for names or free text, and codes for identifiers.
_WORDS, _CODES = 40, 2_000
#: Rows, and patients where they are known, behind a value before it is shown.
FEW = 10
FEW_PATIENTS = 5


def sounds_personal(column: str) -> bool:
    """Whether a column's name speaks of people, so that none of its values is shown."""
    return _PERSONAL.search(column) is not None and not re.search(r"(?i)unit|enhet", column)


def names_a_person(column: str) -> bool:
    """Whether a column's name is one of those that tell persons apart: names, date of birth."""
    return _NAMES.search(column) is not None


def is_code_like(name: str, told: Mapping[str, Any]) -> bool:
    """Whether a column's frequent values are codes that may be shown: no name, number, date,
    identifier or free text, by its name and by the forms of its values.
    """
    filled = told["rows"] - told["nulls"]
    if not filled or sounds_personal(name) or told["identity_numbers"]:
        return False
    if told["type"] in ("double", "float", "binary") or told["dates"]:
        return False
    distinct = told["distinct"]
    if distinct > _CODES or distinct * 5 > filled or told["length"][1] > 40:
        return False
    if told["longest_digits"] >= 5 and _CODE.search(name) is None:
        return False
    if told["digits_only"] * 2 > filled and distinct > _WORDS and _CODE.search(name) is None:
        return False
    if told["like_names"] * 5 > filled:
        return False
    words = told["words"] * 2 > filled
    return not (words and distinct > _WORDS and _CODE.search(name) is None)
