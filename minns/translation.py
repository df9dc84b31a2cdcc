"""Gettext catalogues, read from the .po files that lie beside the texts."""

import gettext
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


@cache
def catalogue(package: str, language: str) -> gettext.NullTranslations:
    """A package's catalogue of a language, compiled in memory; English is how texts are written."""
    if language == "en":
        return gettext.NullTranslations()
    path = files(package).joinpath("locale", language, "LC_MESSAGES", f"{package}.po")
    with path.open("rb") as file:
        texts = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, texts)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
