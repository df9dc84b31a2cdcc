"""A profile for people: one HTML page that needs nothing else, or a workbook."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import xlsxwriter
from jinja2 import Environment, PackageLoader, StrictUndefined

from extract.profile.words import word
from minns.translation import catalogue

#: Counts of one kind that a cell lists.
_LISTED = 8
#: Height of a bar (pixels).
_HIGH = 16


def render(told: Mapping[str, Any], language: str) -> str:
    """The page of a profile."""
    environment = Environment(
        loader=PackageLoader("extract"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    texts = catalogue("extract", language)
    environment.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {
        "whole": _whole,
        "nulls": _nulls,
        "bars": _bars,
        "listed": partial(_listed, language=language),
    }
    return environment.get_template("profile.html.j2").render(told=told, language=language)


def _whole(value: int) -> str:
    return f"{value:,}".replace(",", "\u202f")


def _nulls(column: Mapping[str, Any]) -> str:
    share = 100 * column["nulls"] / max(column["rows"], 1)
    return (
        f"{share:.0f}\u202f%" if share in (0, 100) else f"{min(max(share, 0.1), 99.9):.1f}\u202f%"
    )


def _bars(by_year: Mapping[str, int]) -> list[int]:
    most = max(by_year.values())
    return [max(1, round(_HIGH * count / most)) for count in by_year.values()]


def _listed(counts: Mapping[str, int], language: str) -> str:
    shown = [f"{word(what, language)} ({_whole(n)})" for what, n in list(counts.items())[:_LISTED]]
    return ", ".join(shown) + (" …" if len(counts) > _LISTED else "")


def workbook(told: Mapping[str, Any], language: str, path: Path) -> None:
    """The same as a workbook: tables, columns, references and codes, a sheet each."""
    _ = catalogue("extract", language).gettext
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True})

        def sheet(name: str, head: list[str], rows: list[list[Any]]) -> None:
            made = book.add_worksheet(name)
            made.write_row(0, 0, head, bold)
            made.freeze_panes(1, 0)
            for at, row in enumerate(rows, 1):
                made.write_row(at, 0, row)
            made.autofilter(0, 0, max(len(rows), 1), len(head) - 1)
            made.autofit()

        sheet(_("Tables"), [_("Table"), _("Rows"), _("Columns"), _("Key"), _("Could be a key")],
              _table_rows(told))  # fmt: skip
        head = ["Table", "Column", "Type", "Null", "Distinct", "Length", "Forms or codes"]
        sheet(
            _("Columns"),
            [_(each) for each in (*head, "Stands for nothing", "Damaged text")],
            _column_rows(told, language),
        )
        keys = ("table", "column", "to", "key", "orphans")
        sheet(
            _("References"),
            [_("Table"), _("Column"), _("To"), _("Key"), _("Rows that point nowhere")],
            [[r[key] for key in keys] for r in told["references"]],
        )
        sheet(_("Codes"), [_("Table"), _("Column"), _("Code"), _("Rows")], _code_rows(told))


def _table_rows(told: Mapping[str, Any]) -> list[list[Any]]:
    return [
        [
            name,
            t["rows"],
            len(t["columns"]),
            ", ".join(t["key"]),
            ", ".join(" + ".join(names) for names in t["candidate_keys"]),
        ]
        for name, t in told["tables"].items()
    ]


def _column_rows(told: Mapping[str, Any], language: str) -> list[list[Any]]:
    def cells(c: Mapping[str, Any]) -> list[Any]:
        forms = c["identity_numbers"] or c["codes"] or c["dates"].get("forms") or c["shapes"]
        length = f"{c['length'][0]}–{c['length'][1]}"
        begun = [c["name"], c["declared"] or c["type"], c["nulls"], c["distinct"], length]
        return begun + [_listed(each, language) for each in (forms, c["sentinels"], c["damage"])]

    return [[name, *cells(c)] for name, t in told["tables"].items() for c in t["columns"]]


def _code_rows(told: Mapping[str, Any]) -> list[list[Any]]:
    return [
        [name, c["name"], code, rows]
        for name, t in told["tables"].items()
        for c in t["columns"]
        for code, rows in c["codes"].items()
    ]
