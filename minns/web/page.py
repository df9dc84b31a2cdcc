"""Our pages out of their templates."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from minns.review.words import KINDS, level
from minns.samples.words import ERRORS, RISKS
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
        "percent": lambda share: _percent(share, language),
        "worded": lambda word: value(word, language),
    }
    environment.globals |= {"kinds": KINDS, "level": level, "errors": ERRORS, "risks": RISKS}
    return environment


def _percent(share: float, language: str) -> str:
    """A share as per cent, in the language's way of writing numbers."""
    told = f"{100 * share:.2f}"
    return f"{told.replace('.', ',') if language == 'sv' else told} %"


def render(name: str, language: str, **values: Any) -> str:
    """A page; what is put in is escaped."""
    return (
        _environment(language).get_template(f"{name}.html.j2").render(language=language, **values)
    )
