"""What agreement and disagreement are called before a clinician; English here, Swedish in
minns/locale.
"""

import re
from gettext import NullTranslations

from minns.translation import catalogue


def _(text: str) -> str:
    """Marks a text for translation; it is translated where it is shown."""
    return text


#: What is compared, and what each level of it says; keys are those of the linkage model.
TRAITS = {
    "prior": _("Before anything is compared"),
    "number": _("Number"),
    "given": _("Given names"),
    "surname": _("Surname"),
    "birth_date": _("Date of birth"),
    "sex": _("Sex"),
    "home": _("Home"),
    "phone": _("Telephone"),
    "serial": _("Last four digits"),
    "mother": _("Mother"),
    "traits": _("Other traits"),
}
LEVELS = {
    "prior": _("Before anything is compared: most pairs are two persons"),
    "given.same": _("Same given names"),
    "given.shared": _("A given name in common"),
    "given.alike": _("Given names that are alike"),
    "given.else": _("Different given names"),
    "given.given name for surname": _("Given name and surname have changed places"),
    "surname.same": _("Same surname"),
    "surname.shared": _("A surname in common"),
    "surname.alike": _("Surnames that are alike"),
    "surname.else": _("Different surnames"),
    "birth_date.same": _("Same date of birth"),
    "birth_date.same year, day unknown": _("Same year of birth, and a day that means not known"),
    "birth_date.same day, another century": _("Dates of birth a hundred years apart"),
    "birth_date.one slip": _("Dates of birth one slip apart"),
    "birth_date.else": _("Different dates of birth"),
    "sex.same": _("Same sex"),
    "sex.else": _("Different sex"),
    "home.door or telephone": _("Same address or telephone"),
    "home.door or telephone of many": _("An address or telephone that many share"),
    "home.postal code": _("Same postal code"),
    "home.else": _("Different homes"),
    "serial.same": _("Same last four digits"),
    "serial.one slip": _("Last four digits one slip apart"),
    "serial.else": _("Different last four digits"),
    "mother.same": _("Same mother"),
    "mother.else": _("Different mothers"),
}
#: For a comparison of a project's own.
GENERAL = {
    "same": _("the same"),
    "shared": _("one in common"),
    "alike": _("alike"),
    "one slip": _("one slip apart"),
    "same year": _("the same year"),
    "swapped": _("changed places with another"),
    "else": _("different"),
    "unknown": _("not known"),
}
#: Levels that a model declares by kind: a measure and a grade, or another column.
_BY_KIND = {
    "alike": re.compile(r"(jaro|jaro winkler|jaccard|damerau|levenshtein|difference) [\d.]+"),
    "swapped": re.compile(r"swapped with \w+"),
}
#: From how many bits a weight is called so.
STRENGTHS = (
    (6.0, _("speaks strongly for")),
    (1.0, _("speaks for")),
    (-1.0, _("says little")),
    (-6.0, _("speaks against")),
    (float("-inf"), _("speaks strongly against")),
)
FIELDS = {
    "number": _("Number"),
    "number_issuer": _("Issuer of the number"),
    "previous_number": _("Earlier number"),
    "identity_status": _("State of the identity"),
    "given_names": _("Given names"),
    "called_name": _("Called"),
    "surname": _("Surname"),
    "birth_date": _("Date of birth"),
    "sex": _("Sex"),
    "mother_number": _("Mother's number"),
    "birth_order": _("Order of birth"),
    "deceased_date": _("Deceased"),
    "protection": _("Protection"),
    "street": _("Street"),
    "postal_code": _("Postal code"),
    "city": _("Town"),
    "phone": _("Telephone"),
    "recorded_at": _("Last changed"),
}
#: Values that are the model's own words.
VALUES = {
    "female": _("female"),
    "male": _("male"),
    "unknown": _("not known"),
    "proved": _("proved"),
    "probable": _("probable"),
    "uncertain": _("uncertain"),
    "false": _("false"),
    "fictitious": _("fictitious"),
    "anonymous": _("anonymous"),
    "none": _("none"),
}
CODED = ("sex", "identity_status", "protection")
KINDS = {
    "care_contact": _("Care contacts"),
    "condition": _("Diagnoses"),
    "alert": _("Alerts"),
    "medication": _("Medication orders"),
    "observation": _("Results and measurements"),
    "procedure": _("Procedures"),
    "immunization": _("Vaccinations"),
    "document": _("Notes"),
    "access_block": _("Access blocks"),
}
ACTIVE = _("of them active")
PAGE = {
    "pair": _("Pair"),
    "at_stake": _("At stake"),
    "waits": _("Waits because"),
    "held": _("rows held"),
    "person": _("Person"),
    "others": _("Linked with"),
    "care": _("Care"),
    "weighed": _("Weighed"),
    "sum": _("In all"),
    "undecided": _("Nothing was compared for this pair."),
    "unknown": _("Not known on one side or both"),
    "how": _(
        "To decide: minns review decide {pair} same|different|unsure --reviewer NAME --reason"
    ),
}


def texts(language: str) -> NullTranslations:
    """The catalogue of a language."""
    return catalogue("minns", language)


def trait(comparison: str, language: str) -> str:
    """What a comparison compares: 'Date of birth'."""
    known = TRAITS.get(comparison)
    plain = comparison.replace("_", " ")
    return plain[:1].upper() + plain[1:] if known is None else texts(language).gettext(known)


def level(comparison: str, name: str, language: str) -> str:
    """What a level of a comparison says: 'Same date of birth'."""
    say = texts(language).gettext
    known = LEVELS.get(comparison if comparison == "prior" else f"{comparison}.{name}")
    if known is not None:
        return say(known)
    kind = next((kind for kind, form in _BY_KIND.items() if form.fullmatch(name)), name)
    said = say(GENERAL[kind]) if kind in GENERAL else name.replace("_", " ")
    return f"{trait(comparison, language)}: {said}"


def strength(weight: float, language: str) -> str:
    """How strongly a weight speaks: 'speaks strongly for'."""
    return texts(language).gettext(next(text for least, text in STRENGTHS if weight >= least))
