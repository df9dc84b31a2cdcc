"""The overview of a patient on a terminal: the same sections in the same order, a line a fact."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from minns.console import say
from minns.translation import catalogue
from minns.wording import value


def _(text: str) -> str:
    """Marks a text for translation; it is translated where it is shown."""
    return text


_WORDS = {
    "alerts": _("Alerts"),
    "none_known": _("'None known', as sources say; hides no other alert"),
    "past_alerts": _("Refuted, struck out or past"),
    "blocks": _("Access blocks"),
    "conflicts": _("Sources that disagree"),
    "problems": _("Problems"),
    "earlier": _("Completed or ended"),
    "denied": _("Denied, refuted or struck out"),
    "medicines": _("Medicines"),
    "results": _("Latest results"),
    "contacts": _("Care contacts"),
    "procedures": _("Procedures"),
    "immunizations": _("Vaccinations"),
    "notes": _("Notes"),
    "conflict": _("conflict"),
    "blocked": _("blocked"),
    "unsigned": _("unsigned"),
    "chronic": _("chronic"),
    "stop": _("stop order"),
    "then": _("As it stood after load %(load)s: not as it is now."),
    "nothing": _("Nothing in the record. That says nothing of what other systems hold."),
}
_COLOURS = {"life_threatening": "bold red", "harmful": "red", "mild": "yellow"}
_HOLDS = ("active", "completed")
#: What a version of a note or a result is, that must not be read as the last word.
_WARNS = ("replaced", "preliminary", "cancelled")


def show(shown: Mapping[str, Any], language: str) -> None:
    """All sections."""
    gettext = catalogue("minns", language).gettext
    told = _Told(lambda name: gettext(_WORDS[name]), language)
    told.person(shown)
    told.alerts(shown["alerts"])
    told.blocks(shown["blocks"])
    told.conflicts(shown["conflicts"])
    for name, part in (("problems", "active"), ("earlier", "earlier"), ("denied", "denied")):
        told.section(name, shown["problems"][part], name != "problems")
    told.medicines(shown["medications"])
    told.results(shown["results"])
    for name in ("contacts", "procedures", "immunizations", "notes"):
        told.section(name, shown[name])


class _Told:
    """Says sections in one language."""

    def __init__(self, word: Callable[[str], str], language: str) -> None:
        self.word, self.language = word, language

    def person(self, shown: Mapping[str, Any]) -> None:
        person = shown["person"]
        names = " ".join(person[n] for n in ("given_names", "surname") if person[n])
        marked = f"  ⛨ {self._value(person['protection'])}" if shown["protected"] else ""
        dead = f"  † {person['deceased_date']}" if person["deceased_date"] else ""
        say(f"{names}{marked}{dead}", "bold")
        if shown["as_of"] is not None:
            say(self.word("then") % {"load": shown["as_of"]}, "bold yellow")
        about = (person["number"], person["birth_date"], self._value(person["sex"] or "unknown"))
        sources = ", ".join(i["source"] for i in shown["identities"])
        say(" · ".join(p for p in (*about, person["person_id"], sources, shown["record"]) if p))

    def alerts(self, alerts: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self._head("alerts")
        for line in alerts["active"]:
            severity = self._value(line["severity"])
            parts = [line["text"], severity, self._value(line["category"]), line["day"]]
            self._line(parts, line, _COLOURS.get(line["severity"] or "", "yellow"))
        if not alerts["active"] and not alerts["none_known"]:
            say(f"  {self.word('nothing')}", "dim")
        for name, part in (("none_known", "none_known"), ("past_alerts", "past")):
            self.section(name, alerts[part], True)

    def blocks(self, blocks: Sequence[Mapping[str, Any]]) -> None:
        if blocks:
            self._head("blocks")
        for b in blocks:
            self._line([f"{b['from'] or '…'}–{b['until']}", b["where"], self._value(b["kind"])], b)

    def conflicts(self, conflicts: Sequence[Mapping[str, Any]]) -> None:
        if conflicts:
            self._head("conflicts")
        for c in conflicts:
            about = " / ".join(c["about"]) or c["kind"]
            say(f"  ⚠ {c['class']}: {about}: {c['what']}  {c['conflict']}", "yellow")

    def medicines(self, groups: Sequence[Mapping[str, Any]]) -> None:
        self._head("medicines")
        for group in groups:
            about = ", ".join(p for p in (group["code"], group["form"], group["route"]) if p)
            style = "dim" if group["state"] == "ended" else "bold"
            say(f"  {group['name']} ({about}): {self._value(group['state'])}", style)
            for o in group["orders"]:
                stop = self.word("stop") if o["order_type"] == "stop" else ""
                days = f"{o['day']}–{o['until']}" if o["until"] else o["day"]
                state = self._value(o["state"]) if o["state"] != group["state"] else ""
                what = "" if o["stage"] == "order" else self._value(o["stage"])
                why = f"({self._value(o['reason'])})" if o["reason"] else ""
                told = [days, o["text"], o["strength"], o["dose"], stop, what, state, why]
                self._line(told, o, deep=True)

    def results(self, results: Sequence[Mapping[str, Any]]) -> None:
        self._head("results")
        for r in results:
            flag = "*" if r["abnormal"] else ""
            value_ = f"{r['value']}{flag} {r['unit']}".strip()
            before = (
                f"{t['value']} {t['unit'] or ''}".strip() if t["unit"] != r["unit"] else t["value"]
                for t in r["trend"]
            )
            if r["corrected"]:
                was = " · ".join(
                    f"{old['value']} {old['unit'] or ''}".strip() for old in r["corrected"]
                )
                value_ += f" ({self._value('corrected')}: {was})"
            trend = " ← " + " · ".join(str(each) for each in before) if r["trend"] else ""
            self._line([r["day"][:10], r["text"], value_ + trend], r)

    def section(self, name: str, lines: Sequence[Mapping[str, Any]], quiet: bool = False) -> None:
        if not lines and quiet:
            return
        self._head(name, "dim" if quiet else "bold")
        for line in lines:
            chronic = self.word("chronic") if line.get("chronic") else ""
            where = line.get("unit", "")
            text = self._value(line["category"]) if name == "contacts" else line["text"]
            self._line([line["day"], text, line["code"], chronic, where], line)
        if not lines:
            say(f"  {self.word('nothing')}", "dim")

    def _head(self, name: str, style: str = "bold") -> None:
        say(f"\n{self.word(name)}", style)

    def _line(
        self, parts: Sequence[Any], line: Mapping[str, Any], style: str = "", deep: bool = False
    ) -> None:
        marks = [self._value(line["status"])] if line["status"] not in _HOLDS else []
        marks += [f"⚠ {self.word('conflict')}"] if line["disputed"] else []
        marks += [f"▣ {self.word('blocked')}"] if line["blocked"] else []
        marks += [self.word("unsigned")] if line["signed"] is False else []
        marks += [
            self._value(line[n]) for n in ("standing", "result_status") if line.get(n) in _WARNS
        ]
        marks += [f"≠ {line['dissent']}"] if line.get("dissent") else []
        told = "  ".join(str(part) for part in (*parts, *marks) if part)
        say(f"{'    ' if deep else '  '}{told}", style)
        behind = (
            "▣ " * bool(s["blocked"])
            + " ".join(p for p in (s["source"], s["unit"], s["day"], s["code"]) if p)
            for s in line["sources"]
        )
        say(f"{'      ' if deep else '    '}{'; '.join(behind)}", "dim")

    def _value(self, word: object) -> str:
        return value(word, self.language)
