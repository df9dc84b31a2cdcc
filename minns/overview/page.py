"""The overview as one HTML file that needs nothing else: no scripts, no fonts, no assets."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from minns.translation import catalogue
from minns.wording import value

#: Width and height of a trend's curve (pixels).
_WIDE, _HIGH = 64, 16


def render(shown: Mapping[str, Any], language: str) -> str:
    """The page of one patient."""
    template = _environment(language).get_template("overview.html.j2")
    return template.render(**shown, language=language)


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("minns.overview"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    texts = catalogue("minns", language)
    environment.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {"word": partial(value, language=language), "curve": _points}
    return environment


def _points(curve: Sequence[float]) -> str:
    """The points of a polyline through values between 0 and 1."""
    step = (_WIDE - 6) / max(1, len(curve) - 1)
    return " ".join(
        f"{3 + at * step:.1f},{_HIGH - 3 - each * (_HIGH - 6):.1f}" for at, each in enumerate(curve)
    )
