"""Swedish and English: the report's texts, and how numbers are written."""

from gettext import NullTranslations

from minns.translation import catalogue

#: No line breaks inside a number; as wide as a thin space.
THIN = "\u202f"


def translations(language: str) -> NullTranslations:
    """The report's catalogue of a language."""
    return catalogue("validation", language)


def moment(text: str) -> str:
    """2026-11-23 14:05, with the zone where it is UTC."""
    day, _, clock = text.replace("T", " ").partition(" ")
    zone = f"{THIN}UTC" if clock.endswith("Z") else ""
    return f"{day} {clock.removesuffix('Z')[:5]}{zone}".strip()


def whole(value: int | float | None) -> str:
    """12 990, with thin spaces; a dash for what is not known."""
    return "–" if value is None else f"{value:,.0f}".replace(",", THIN).replace("-", "−")


def signed(value: int | float) -> str:
    """+ 12, − 3 or ± 0: a difference."""
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return f"{sign}{THIN}{whole(abs(value))}"


def decimal(value: float, language: str, places: int = 1) -> str:
    """3.5, or 3,5 in Swedish."""
    text = f"{value:,.{places}f}".replace(",", THIN).replace("-", "−")
    return text.replace(".", ",") if language == "sv" else text


def percent(value: float | None, language: str) -> str:
    """98.7 %; never rounded up to all nor down to nothing."""
    if value is None:
        return "–"
    shown = value * 100
    if 0 < shown < 0.05:
        return f"<{THIN}{decimal(0.1, language)}{THIN}%"
    if 99.95 <= shown < 100:
        return f">{THIN}{decimal(99.9, language)}{THIN}%"
    places = 0 if shown in (0, 100) else 1
    return f"{decimal(shown, language, places)}{THIN}%"
