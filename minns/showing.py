"""Pairs, persons and the figures of the review on a terminal."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from minns.console import number, say, show_table
from minns.review.harm import rule
from minns.review.words import ACTIVE, CODED, KINDS, PAGE, VALUES, texts

#: One block of a bar is so many bits.
_BLOCK = 2.0
_FEW = 10
_CAME = {
    "judged": "Recorded as a judgement; the next 'minns run' obeys it.",
    "unsure": "Recorded; the pair waits for another reviewer.",
    "second": "Recorded; a second reviewer decides unseen.",
    "adjudicate": "Recorded; the two opinions differ: 'minns review adjudicate' settles it.",
}


def show_pair(shown: Mapping[str, Any], language: str) -> None:
    """A pair as a clinician reads it: why it waits, both sides, their care, what weighs."""
    word = texts(language).gettext
    page = {key: word(text) for key, text in PAGE.items()}
    left, right = shown["left"], shown["right"]
    say(f"{page['pair']} {shown['pair']}", "bold")
    if shown["why"]:
        say(f"{page['waits']}: {shown['why']}.")
    say(f"{page['at_stake']}: {shown['at_stake']}.\n")
    heads = [
        f"{s['identity']}{' (' + page['held'] + ')' if s['held'] else ''}" for s in (left, right)
    ]
    lines = [
        ["≠" if f["differs"] else "", f["label"], _value(f, "left", word), _value(f, "right", word)]
        for f in shown["fields"]
    ]
    persons = [[page["person"], left["person_id"], right["person_id"]]]
    also = [", ".join(s["others"]) or "–" for s in (left, right)]
    lines += [["", *each] for each in (*persons, [page["others"], *also])]
    show_table([" ", "", *heads], lines, styles={" ": "yellow"})
    say("")
    _show_care(shown, page["care"], language)
    _show_waterfall(shown["waterfall"], page)
    for opinion in shown.get("opinions", ()):
        say(f"  {opinion['verdict']}: {opinion['reason']}")
    say(f"\n{page['how'].format(pair=shown['pair'])} …", "dim")


def _value(field: Mapping[str, Any], side: str, word: Callable[[str], str]) -> str:
    value = str(field[side] or "–")
    return word(VALUES[value]) if field["field"] in CODED and value in VALUES else value


def _show_care(shown: Mapping[str, Any], title: str, language: str) -> None:
    word = texts(language).gettext
    left, right = shown["left"], shown["right"]
    lines = []
    for kind, label in KINDS.items():
        sides = [_counted(side, kind, word(ACTIVE)) for side in (left, right)]
        if any(side != "–" for side in sides):
            lines.append([word(label), *sides])
    show_table([title, left["identity"], right["identity"]], lines)
    say("")


def _counted(side: Mapping[str, Any], kind: str, active: str) -> str:
    count = side["care"].get(kind)
    if not count:
        return "–"
    of_them = side["active"].get(kind)
    return f"{number(count)}, {active} {number(of_them)}" if of_them else number(count)


def _show_waterfall(lines: Sequence[Mapping[str, Any]], page: Mapping[str, str]) -> None:
    if not lines:
        say(page["undecided"])
        return
    known = [line for line in lines if line["level"] != "unknown"]
    rows = [
        [f"{line['words']} · {line['speaks']}", f"{line['weight']:+.1f}", _bar(line["weight"])]
        for line in known
    ]
    rows.append([page["sum"], f"{lines[-1]['sum']:+.1f}", _bar(lines[-1]["sum"])])
    show_table([page["weighed"], "", " "], rows)
    if unknown := [line["trait"] for line in lines if line["level"] == "unknown"]:
        say(f"{page['unknown']}: {', '.join(unknown)}")


def _bar(weight: float) -> str:
    blocks = min(20, round(abs(weight) / _BLOCK))
    return ("█" if weight > 0 else "░") * blocks


def show_nothing(shown: Mapping[str, Any]) -> None:
    """That no pair is left for this reviewer, and what still waits for others."""
    say(f"No pair to show. {number(shown['waiting'])} wait in all", "bold")
    if shown["taken"]:
        say(f"{number(shown['taken'])} another reviewer has before them just now.")
    if shown["waiting_protected"]:
        say(f"{number(shown['waiting_protected'])} with protected persons: add --protected.")


def show_decision(came: Mapping[str, Any]) -> None:
    """What came of a decision."""
    say(f"Pair {came['pair']}: {_CAME[came['state']]}")


def show_figures(found: Mapping[str, Any]) -> None:
    """The figures of the review."""
    say(f"{found['run']}: {found['forecast']['text']}\n", "bold")
    held = f"{number(found['with_held_rows'])} with held rows"
    apart = f"{number(found['to_adjudicate'])} to adjudicate"
    say(f"{number(found['waiting'])} wait: {held}, {number(found['protected'])} protected, {apart}")
    for each in found["held_alone"][:_FEW]:
        say(f"  rows of {each['identity']} are held ({each['rule']}): 'minns identity decide'")
    if len(found["held_alone"]) > _FEW:
        say(f"  and of {number(len(found['held_alone']) - _FEW)} more; --json lists them")
    rules = [[line["rule"], line["pairs"], rule(line["rule"]).harm] for line in found["by_rule"]]
    show_table(["rule", "pairs", "harm"], sorted(rules, key=lambda r: (-r[2], r[0])))
    say("")
    show_table(["weight", "pairs"], [[k, v] for k, v in found["by_band"].items() if v])
    if found["by_reviewer"]:
        columns = ["reviewer", "same", "different", "unsure", "opinions"]
        say("")
        show_table(columns, [[line[c] for c in columns] for line in found["by_reviewer"]])
    both = found["agreement"]
    if both["pairs"]:
        shown = "–" if both["kappa"] is None else f"{both['kappa']:.2f}"
        say(f"\n{both['agreed']} of {both['pairs']} judged alike by two, Cohen's kappa {shown}")


def show_person(found: Mapping[str, Any]) -> None:
    """A person: identities, how each is tied, and open pairs."""
    say(f"{found['person']} · {found['run']}\n", "bold")
    _show_lines(
        found["identities"], ("source", "local_id", "since", "method", "probability", "held")
    )
    if found["open_pairs"]:
        say("\nOpen pairs", "bold")
        columns = ("pair", "left", "right", "decision", "rule", "match_weight", "judgement")
        _show_lines(found["open_pairs"], columns)


def show_history(lines: Sequence[Mapping[str, Any]]) -> None:
    """Events and judgements in order, a line each."""
    for line in lines:
        about = {
            k: v for k, v in line.items() if k not in ("moment", "event") and v not in (None, "")
        }
        told = "  ".join(f"{key.replace('_', ' ')} {value}" for key, value in about.items())
        say(f"{line['moment']}  {line['event']:<8} {told}")


def show_changes(found: Mapping[str, Any]) -> None:
    """Changes of ids, or where they were written to."""
    columns = ("event", "source", "local_id", "old_person", "new_person", "wave")
    if "events" in found:
        _show_lines(found["events"], columns)
    where = f" in {', '.join(found['files'])}" if found["files"] else ""
    say(f"{number(found['changes'])} changes of ids{where}")


def _show_lines(lines: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    show_table(columns, [[line[c] for c in columns] for line in lines])
