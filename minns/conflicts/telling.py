"""Conflicts on a terminal."""

from collections.abc import Callable, Mapping
from typing import Any

from minns.console import number, say, show_table
from minns.translation import catalogue
from minns.wording import value

_COLOURS = {1: "bold red", 2: "red", 3: "yellow"}


def _(text: str) -> str:
    """Marks a text for translation; it is translated where it is shown."""
    return text


_WORDS = {
    "nothing": _("No conflict of that kind in {record}."),
    "head": _("Conflicts: {total} · patients: {persons} · {record} · page {page} of {pages}"),
    "next_run": _("from the next run: {verdict}"),
    "sources": _("Sources"),
    "side": _("Side {number}"),
    "judged": _("Judged"),
    "before": _("before the facts changed"),
    "how": _("To settle: minns conflict settle {id} --verdict both|first|second|neither"),
    "protected": _("Protected personal data"),
}


def _say(language: str) -> Callable[[str], str]:
    word = catalogue("minns", language).gettext
    return lambda name: word(_WORDS[name])


def show_list(found: Mapping[str, Any], language: str) -> None:
    """A page of conflicts: a patient, and under it what is in conflict, worst first."""
    word = _say(language)
    if not found["conflicts"]:
        say(word("nothing").format(record=found["record"]))
        return
    head = {name: found[name] for name in ("record", "page", "pages")}
    counted = {name: number(found[name]) for name in ("total", "persons")}
    say(word("head").format(**head, **counted), "bold")
    person = None
    for line in found["conflicts"]:
        if line["person"] != person:
            person = line["person"]
            say(f"\n{person}", "bold")
        state = "" if line["state"] == "open" else _settled(line, language)
        if line["next_run"]:
            verdict = value(line["next_run"], language)
            state = "  · " + word("next_run").format(verdict=verdict)
        what = f"{line['class']:<12}  {line['what']}{state}"
        say(f"  {line['danger']}  {line['conflict']}  {what}", _COLOURS.get(line["danger"], ""))


def _settled(line: Mapping[str, Any], language: str) -> str:
    verdict = value(line["verdict"], language)
    return f"  · {verdict} ({line['settled_by']}, {line['settled_at'][:10]})"


def show_conflict(found: Mapping[str, Any], language: str) -> None:
    """Both sides, what differs marked, the sources of each, and what was judged."""
    word = _say(language)
    say(f"{found['kind']}: {found['what']}", "bold")
    say(f"{found['class']} ({found['danger']}): {found['why']}")
    marked = f" · {word('protected')}" if found["protected"] else ""
    say(f"{found['person']} · {found['record']} · {value(found['state'], language)}{marked}\n")
    heads = [word("side").format(number=n) for n in range(1, len(found["sides"]) + 1)]
    lines = [
        ["≠" if f["differs"] else "", f["label"], *(value(v, language) or "–" for v in f["values"])]
        for f in found["fields"]
    ]
    show_table([" ", "", *heads], lines, styles={" ": "yellow"})
    for head, side in zip(heads, found["sides"], strict=True):
        say(f"\n{word('sources')}, {head.lower()}", "bold")
        for row in side["sources"]:
            say(f"  {_source(row)}")
    for judged in found["judgements"]:
        when = "" if judged["of_this"] else f" ({word('before')})"
        verdict = value(judged["verdict"], language)
        say(f"\n{word('judged')} {judged['at'][:10]}, {judged['by']}: {verdict}{when}")
        say(f"  {judged['reason']}")
    if found["state"] == "open":
        say("\n" + word("how").format(id=found["conflict"]), "dim")


def _source(row: Mapping[str, Any]) -> str:
    """Where a row stands, whose it is, when it was written and what it was called."""
    named = (row["local_system"], row["local_code"], row["local_text"])
    code = " ".join(dict.fromkeys(name for name in named if name))
    parts = [f"{row['source']} {row['source_table']} {row['row_key']}", row["care_unit"]]
    return " · ".join(part for part in (*parts, row["recorded_at"], code) if part)
