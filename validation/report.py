"""The report of a wave: one self-contained HTML file, the decision first and the evidence under
it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from minns import disputes
from minns.model import FATES
from validation import charts, words
from validation.evidence import Evidence
from validation.language import decimal, moment, percent, signed, translations, whole
from validation.tradeoff import trade_off

#: Reasons whose rows are not a question: shown as totals, by table only in the balance.
_TOLD = ("loaded", "consolidated")


def render(evidence: Evidence, language: Literal["sv", "en"] = "sv") -> str:
    """The report as HTML that needs nothing else: no scripts, no fonts, no assets."""
    template = _environment(language).get_template("report.html.j2")
    return template.render(
        evidence=evidence,
        language=language,
        fates=FATES,
        shown=charts.SHOWN,
        flow=charts.flow(evidence.balance),
        histogram=charts.histogram(evidence.links.weights, evidence.about.thresholds),
        trade=trade_off(evidence.links.trade, evidence.about.thresholds),
        reasons=_reasons(evidence),
        checks=_checks(evidence),
        comparison=tuple(_comparison(evidence)),
        limits={g.subject: g.limit for g in evidence.gates if g.name == "code_coverage"},
        done={change.table: change for change in evidence.about.changes},
    )


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("validation"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    catalogue = translations(language)
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {
        "runs": _runs,
        "moment": moment,
        "whole": whole,
        "signed": signed,
        "decimal": partial(decimal, language=language),
        "percent": partial(percent, language=language),
    }
    environment.globals |= {
        "anchor": _anchor,
        "say": partial(_say, catalogue.gettext),
        "dispute": partial(disputes.said, language=language),
        "shares": charts.shares,
    }
    return environment


def _anchor(*names: str) -> str:
    """An id within the page."""
    return "-".join(("rows", *(re.sub(r"[^A-Za-z0-9_]+", "_", name) for name in names)))


def _runs(lines: Iterable[Any], *names: str) -> list[tuple[Any, list[Any]]]:
    """Lines grouped by what they share, in the order in which they stand."""
    key = attrgetter(*names)
    return [(shared, list(group)) for shared, group in groupby(lines, key=key)]


def _say(gettext: Any, what: str, name: str) -> str:
    """The word for a thing; a name that the report does not know stands as it is."""
    text = words.EVERYTHING.get(f"{what}.{name}")
    return name if text is None else str(gettext(text))


@dataclass(frozen=True)
class ReasonGroup:
    """All rows under one fate and rule, with the tables they come from."""

    fate: str
    rule: str
    rows: int
    tables: tuple[tuple[str, str, int], ...]
    anchor: str | None


def _reasons(evidence: Evidence) -> list[ReasonGroup]:
    order = {fate: place for place, fate in enumerate(charts.SHOWN)}
    pointed = {(p.fate, p.rule) for p in evidence.pointers}
    groups = []
    lines = sorted(evidence.reasons, key=lambda r: (order[r.fate], r.rule))
    for (fate, rule), rows in groupby(lines, key=lambda r: (r.fate, r.rule)):
        tables = tuple((r.source, r.source_table, r.rows) for r in rows)
        anchor = _anchor(fate, rule) if (fate, rule) in pointed else None
        groups.append(ReasonGroup(fate, rule, sum(t[2] for t in tables), tables, anchor))
    return sorted(groups, key=lambda g: (order[g.fate], -g.rows, g.rule))


@dataclass(frozen=True)
class CheckGroup:
    """One check over all that it was made of."""

    check: str
    subjects: int
    expected: int | None
    found: int | None
    failures: tuple[Any, ...]


def _checks(evidence: Evidence) -> list[CheckGroup]:
    groups = []
    for name in dict.fromkeys(finding.check for finding in evidence.findings):
        made = [finding for finding in evidence.findings if finding.check == name]
        sums = (_sum(f.expected for f in made), _sum(f.found for f in made))
        failures = tuple(finding for finding in made if not finding.passed)
        groups.append(CheckGroup(name, len(made), *sums, failures))
    return groups


def _sum(numbers: Iterator[int | None]) -> int | None:
    known = list(numbers)
    return None if None in known else sum(n for n in known if n is not None)


def _comparison(evidence: Evidence) -> Iterator[tuple[str, str, int, int]]:
    """What changed since the wave's last run: (kind of word, word, before, now)."""
    previous = evidence.about.previous
    if not previous:
        return
    for fate in ("extracted", *charts.SHOWN):
        yield "fate", fate, int(previous["totals"][fate]), evidence.totals[fate]
    links, now = previous["links"], evidence.links
    yield "kind", "identity", int(links["identities"]), now.identities
    yield "kind", "person", int(links["persons"]), now.persons
    review = sum(int(p["pairs"]) for p in links["pairs"] if p["decision"] == "review")
    yield "gate", "pairs_to_review", review, now.decided("review")
    conflicts = sum(int(line["conflicts"]) for line in previous["conflicts"])
    yield "kind", "conflict", conflicts, sum(line.conflicts for line in evidence.conflicts)
    facts = {kind: int(rows) for kind, rows in previous["facts"]}
    for kind, rows in evidence.facts:
        if rows or facts.get(kind):
            yield "kind", kind, facts.get(kind, 0), rows
