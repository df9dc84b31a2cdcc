"""The files of a mapping, from what was matched: source.toml, SQL, and lists of codes to map.

Every line that is not sure says so: `MISSING` keeps rows out of the record, `DOUBT` is a question
to who knows the source. `minns source check` reads them again.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from extract.scaffold.match import Choice, Match
from extract.scaffold.words import OWN_ID, VALUES
from minns.engine import literal, quote
from minns.model import CANONICAL, Column

#: Columns that the mapping fills by itself.
_POINTER = ("source", "source_table", "row_key")
#: What stands where the source says nothing and something must be said.
_ALWAYS = {
    "status": ("'unknown'", ""),
    "protection": ("'none'", "no column tells of protected persons: is there none?"),
    "block_type": ("'inner'", "inner or outer? inner shows least"),
}
_ALERT = ("'unstructured'", "which kind of warning?")


def source_toml(name: str, title: str, reach: Mapping[str, str], tables: Iterable[str]) -> str:
    """source.toml: how it is reached, and its tables as they were written by `table_toml`."""
    head = {"name": name, "title": title, **reach}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    return "\n".join([*lines, "", *tables])


def table_toml(name: str, told: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """One table: its key, when a column is one, and that it may be empty, when it is."""
    key = next((names for names in told["candidate_keys"] if len(names) == 1), None)
    given = {**({"key": key} if key else {}), **settings}
    if not told["rows"]:
        given["may_be_empty"] = True
    note = "" if key or not told["rows"] else "# No column is a key: the row's content names it.\n"
    lines = [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in given.items()]
    return "\n".join([f"{note}[tables.{json.dumps(name, ensure_ascii=False)}]", *lines, ""])


def mapping_sql(source: str, kind: str, found: list[Match], profile: Mapping[str, Any]) -> str:
    """The SQL of one canonical table: a select for each table that feeds it."""
    selects = [_select(source, match, profile["tables"][match.table]) for match in found]
    head = (
        "-- Written by 'minns source add' from a profile."
        " Read each DOUBT; a MISSING keeps rows out.\n"
    )
    return head + "union all\n".join(selects)


def _select(source: str, match: Match, table: Mapping[str, Any]) -> str:
    told = {c["name"]: c for c in table["columns"]}
    columns = [c for c in CANONICAL[match.feeds].columns if c.name not in _POINTER]
    # what hides an address stands before it
    columns.sort(key=lambda c: c.name != "protection")
    lines = [f"{literal(match.table)} as source_table", "_row_key as row_key"]
    comments = ["", ""]
    for column in columns:
        expression, comment = _expression(source, match, column, told)
        if column.optional and expression is None:
            continue
        lines.append(f"{expression or 'cast(null as varchar)'} as {quote(column.name)}")
        comments.append(comment)
    body = "".join(
        f"    {line}{',' if at < len(lines) else ''}{f'  -- {comment}' if comment else ''}\n"
        for at, (line, comment) in enumerate(zip(lines, comments, strict=True), 1)
    )
    return f"-- {match.table}: {match.reason}\nselect\n{body}from {quote(match.table)}\n"


def _expression(
    source: str, match: Match, column: Column, told: Mapping[str, Mapping[str, Any]]
) -> tuple[str | None, str]:
    """SQL for a canonical column, and what is to be said of it."""
    chosen = match.chosen.get(column.name)
    if chosen is not None:
        return _filled(column, chosen, told[chosen.column])
    if column.name == "local_system":
        return _system(source, match)
    for dated in _precise(match, column):
        return f"date_precision_of({quote(dated)})", ""
    value = match.chosen.get("value_text")
    if value is not None and column.name in ("value_number", "comparator"):
        macro = "number_of" if column.name == "value_number" else "comparator_of"
        return f"{macro}({quote(value.column)})", ""
    doubts = match.doubts.get(column.name, [])
    asked = "; ".join(f"{quote(d.column)}? {d.reason}" for d in doubts[:2])
    always = _ALERT if (match.feeds, column.name) == ("alert", "category") else None
    always = always or _ALWAYS.get(column.name)
    if always is not None:
        said = "; ".join(filter(None, (always[1], asked)))
        return always[0], f"DOUBT: {said}" if said else ""
    if column.name == OWN_ID.get(match.feeds):
        return "_row_key", "DOUBT: no column is a key; the row's own stands for it"
    if column.required:
        return None, f"MISSING: {column.doc}{'; ' + asked if asked else ''}"
    return None, f"DOUBT: {asked}" if asked else ""


def _precise(match: Match, column: Column) -> list[str]:
    """The date whose precision is told, where the kind has one."""
    names = ("diagnosed_on", "valid_from", "starts_on", "observed_at", "performed_on", "given_on")
    if column.name != "date_precision":
        return []
    return [match.chosen[name].column for name in names if name in match.chosen][:1]


def _system(source: str, match: Match) -> tuple[str | None, str]:
    coded = match.chosen.get("local_code")
    if coded is None:
        return None, "DOUBT: no column of codes was found"
    if match.system:
        return literal(match.system), f"the form of {quote(coded.column)}"
    return literal(f"{source}-{match.feeds}".replace("_", "-")), "codes of the source's own"


def _filled(column: Column, choice: Choice, told: Mapping[str, Any]) -> tuple[str, str]:
    """A source column as the canonical one's type, with its reason."""
    name, said = quote(choice.column), choice.reason
    if column.allowed:
        return _valued(column, name, told, said)
    if column.type in ("date", "timestamp"):
        forms = set(told["dates"].get("forms", ()))
        if forms & {"YYMMDD", "D/M-YY"}:
            said = f"DOUBT: years of two digits need iso_date6; {said}"
        return f"{'iso_date' if column.type == 'date' else 'iso_timestamp'}({name})", said
    if column.type == "boolean":
        unknown = sorted(set(told["codes"]) - set("JN10jn") - {"Ja", "Nej", "true", "false"})
        said = f"DOUBT: what do {unknown} mean? {said}" if unknown else said
        return f"yes_no({name})", said
    if column.type == "integer":
        return f"tidy({name})", said
    if column.name in ("body", "value_text", "dose_text", "comment", "local_text", "local_code"):
        return f"cast({name} as varchar)", said
    if column.name in ("street", "city", "phone"):
        return f"unless_protected({name}, protection)", said
    if column.name == "postal_code":
        return f"unless_protected(replace(cast({name} as varchar), ' ', ''), protection)", said
    return f"tidy({name})", said


def _valued(column: Column, name: str, told: Mapping[str, Any], said: str) -> tuple[str, str]:
    """Local words as the values that a column may hold; those nobody knows are asked about."""
    known = {
        word: value
        for value, words in VALUES.get(column.name, {}).items()
        if value in column.allowed
        for word in words.split()
    }
    cases = " ".join(f"when {literal(word)} then {literal(value)}" for word, value in known.items())
    unknown = sorted(code for code in told["codes"] if code.strip().lower() not in known)
    rest = {"sex": "'unknown'", "status": "'unknown'", "protection": "'sekretessmarkering'"}
    other = rest.get(column.name, "null")
    if column.required and other == "null":
        other = literal(column.allowed[-1])
    # a protected person whose mark is empty is none; any mark that nobody knows protects
    empty = f"when tidy({name}) is null then 'none' " if column.name == "protection" else ""
    if unknown or not known:
        asked = f" what do {', '.join(unknown)} mean" if unknown else " which values are these"
        said = f"DOUBT:{asked} (one of {', '.join(column.allowed)})? {said}"
    if not known:
        return f"if({name} is null, {other}, {other})", said
    if empty:
        return f"case {empty}else case lower(tidy({name})) {cases} else {other} end end", said
    return f"case lower(tidy({name})) {cases} else {other} end", said


def excluded_sql(profile: Mapping[str, Any], mapped: Iterable[str], patients: set[str]) -> str:
    """Every table that feeds nothing yet, by a rule that says so."""
    left = [name for name in profile["tables"] if name not in set(mapped)]
    if not left:
        return (
            "select cast(null as varchar) as source_table, cast(null as varchar) as row_key,"
            " cast(null as varchar) as rule where false\n"
        )
    parts = [
        f"select {literal(name)} as source_table, _row_key as row_key,"  # noqa: S608
        f" {literal('names_patients_not_mapped' if name in patients else 'not_mapped')} as rule"
        f" from {quote(name)}\n"
        for name in left
    ]
    return (
        "-- Tables that feed nothing yet. Those that name patients: what do they hold?\n"
        + "union all\n".join(parts)
    )


def codes_csv(match: Match, table: Mapping[str, Any]) -> str | None:
    """The local codes of a kind that stand often enough to be shown, most frequent first."""
    coded = match.chosen.get("local_code")
    if coded is None:
        return None
    told = next(c for c in table["columns"] if c["name"] == coded.column)
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["table", "column", "code", "rows"])
    rows.writerows([match.table, coded.column, code, n] for code, n in told["codes"].items())
    return text.getvalue()
