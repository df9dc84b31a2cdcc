"""Persons now and next, in words: on a terminal and as one HTML file that needs nothing else."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from minns.beside.comparing import FATES
from minns.console import number, say, show_table
from minns.disputes import said
from minns.inquiry import exported
from minns.translation import catalogue
from minns.wording import KINDS, label, value


def _(text: str) -> str:
    """Marks a text for translation; it is translated where it is shown."""
    return text


WORDS = {
    "title": _("Now, and after the next run"),
    "persons": _("Persons"),
    "identities": _("Identities"),
    "facts": _("Facts"),
    "conflicts": _("Sources that disagree"),
    "identity": _("Identity"),
    "source": _("Source"),
    "what": _("What"),
    "now": _("Now"),
    "next": _("Next"),
    "becomes": _("What becomes of it"),
    "nothing": _("Nothing has been changed."),
}
#: What becomes of a fact, and of a conflict.
FACT_WORDS = {
    "stays": _("stays"),
    "changes": _("changes"),
    "moves": _("moves"),
    "folded": _("is folded into another"),
    "unfolded": _("stands by itself again"),
    "leaves": _("leaves the record"),
    "comes": _("comes"),
}
CONFLICT_WORDS = {
    "stays": _("stays"),
    "reopened": _("is open again: what was judged has changed"),
    "settled": _("is settled, as judged"),
    "gone": _("is no more"),
    "gone judged": _("is no more, and what was judged falls with it"),
    "comes": _("is new"),
}
_HOLDS = ("active", "completed")


def shown(found: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The comparison with everything in words: what the terminal and the page show."""
    gettext = catalogue("minns", language).gettext
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for fact in found["facts"]:
        changed = [label(column, language) for column in fact["changed"]]
        words = gettext(FACT_WORDS[fact["fate"]])
        kinds[gettext(KINDS[fact["kind"]])].append(
            {
                **fact,
                "words": f"{words}: {', '.join(changed)}" if changed else words,
                "state": "" if fact["status"] in _HOLDS else value(fact["status"], language),
            }
        )
    return {
        **found,
        "word": {name: gettext(text) for name, text in WORDS.items()},
        "kinds": kinds,
        "totals": [
            (gettext(FACT_WORDS[fate]), found["counts"][fate])
            for fate in FATES
            if found["counts"][fate]
        ],
        "conflicts": [
            {**each, "what": said(each["rule"], language), "words": gettext(_conflict(each))}
            for each in found["conflicts"]
        ],
    }


def _conflict(each: Mapping[str, Any]) -> str:
    judged = each["fate"] == "gone" and each["verdict"]
    return CONFLICT_WORDS["gone judged" if judged else each["fate"]]


def show(found: Mapping[str, Any], language: str) -> None:
    """The comparison on a terminal: a line a fact, what stays only counted."""
    told = shown(found, language)
    word = told["word"]
    say(f"{word['title']} · {told['record']} · {told['wave']}\n", "bold")
    _places(word["identity"], told["identities"], "identity", word)
    say("\n" + "   ".join(f"{text} {number(count)}" for text, count in told["totals"]))
    for kind, facts in told["kinds"].items():
        _moving(kind, [fact for fact in facts if fact["fate"] != "stays"], word)
    if told["conflicts"]:
        say("")
        rows = [
            [c["what"], c["before"] or "–", c["after"] or "–", c["words"]]
            for c in told["conflicts"]
        ]
        show_table([word["conflicts"], word["now"], word["next"], word["becomes"]], rows)
    say(f"\n{word['nothing']}")


def _moving(kind: str, facts: Sequence[Mapping[str, Any]], word: Mapping[str, str]) -> None:
    if not facts:
        return
    say("")
    rows = [
        [f["day"], f["source"], _named(f), f["before"] or "–", f["after"] or "–", f["words"]]
        for f in facts
    ]
    heads = ("source", "what", "now", "next", "becomes")
    show_table([kind, *(word[name] for name in heads)], rows)


def _named(fact: Mapping[str, Any]) -> str:
    return " ".join(str(fact[name]) for name in ("text", "value", "state") if fact[name])


def _places(
    title: str, lines: Sequence[Mapping[str, Any]], name: str, word: Mapping[str, str]
) -> None:
    rows = [[line[name], line["before"] or "–", line["after"] or "–"] for line in lines]
    show_table([title, word["now"], word["next"]], rows)


def write_page(found: Mapping[str, Any], path: Path, language: str) -> None:
    """The comparison as HTML, for its owner's eyes only: a column a person, now and next."""
    environment = Environment(
        loader=PackageLoader("minns.beside"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    page = environment.get_template("beside.html.j2")
    with exported(path) as aside:
        aside.chmod(0o600)
        text = page.render(**shown(found, language), language=language)
        aside.write_text(text, encoding="utf-8")
