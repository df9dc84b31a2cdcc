"""Our pages out of their templates."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from minns.review.words import KINDS, level
from minns.translation import catalogue
from minns.wording import value


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("minns.web"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    texts = catalogue("minns", language)
    environment.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {
        "said": lambda text: texts.gettext(text) if text else "",
        "worded": lambda word: value(word, language),
    }
    environment.globals |= {"kinds": KINDS, "level": level}
    return environment


def render(name: str, language: str, **values: Any) -> str:
    """A page; what is put in is escaped."""
    return (
        _environment(language).get_template(f"{name}.html.j2").render(language=language, **values)
    )
