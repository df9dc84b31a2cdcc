"""Which columns research gets of a table, and what is emptied in them.

A column is left out because it names a person, because it is free text (which can name anybody), or
because it tells of what is left out; single values are emptied for the same reasons.
"""

from dataclasses import dataclass

from load.research.pseudonyms import IDS
from minns.engine import quote
from minns.model import CONFLICT, IDENTITY, LINEAGE, PERSON, Column, Table

IDENTIFIER, TEXT = "identifier", "free text"


@dataclass(frozen=True)
class Choice:
    """What of a record is exported beyond the least."""

    with_identifiers: bool = False
    with_texts: bool = False


#: Direct identifiers by table: who a patient is, what their keys in the sources were, who wrote.
_IDENTIFIERS = {
    PERSON.name: (
        "number",
        "given_names",
        "surname",
        "street",
        "postal_code",
        "city",
        "phone",
    ),
    IDENTITY.name: ("local_patient_id",),
    LINEAGE.name: ("row_key",),
    CONFLICT.name: ("settled_by", "evidence_hash"),
}
_WRITER = ("author",)
_TEXTS = ("body", "title", "dissent", "comment", "dose_text", "unread")
#: Never exported.
_NEVER = {
    "mother_number": "another person's number",
    "blocked": "tells of what is left out",
    "blocked_by": "tells of what is left out",
}

_UNCODED = "case when t.local_code is not null then t.local_text end"
#: Single values that are free text: the condition on which they are kept.
_PARTLY = {
    "local_text": (_UNCODED, "kept where a code stood with it"),
    "value_text": (
        "case when t.value_kind in ('number', 'limit', 'range', 'finding', 'not_done') "
        "then t.value_text end",
        "kept where it is no text or comment",
    ),
    "name": ("case when t.substance is not null then t.name end", "kept where a code is"),
}


def _unless(column: str, gone: str) -> str:
    return f"case when {gone} is not true then t.{quote(column)} end"


def _fact(column: str) -> str:
    return _unless(column, f"t.{column} in (select fact_id from gone_fact)")  # noqa: S608


def _order(column: str, kind: str, own: str) -> str:
    return _unless(
        column,
        f"exists (select 1 from record_{kind} as o join gone_fact as g using (fact_id) "  # noqa: S608
        f"where o.source = t.source and o.{own} = t.{column})",
    )


_IN_GROUP = "t.group_id in (from gone_group)"
#: What was struck out has a group_id too, and may be the only one of its group.
_NO_GROUP = "t.group_id not in (select group_id from kept_medication_group)"
#: What would lead to something left out, or was derived from it too.
_SEVERED = {
    "replaces": _fact("replaces"),
    "replaced_by": _fact("replaced_by"),
    "chain_id": _fact("chain_id"),
    "group_id": _unless("group_id", _NO_GROUP),
    **{name: _unless(name, _IN_GROUP) for name in ("picture", "picture_reason")},
    "renews": _order("renews", "medication", "order_id"),
    "stops": _order("stops", "medication", "order_id"),
    "corrects": _order("corrects", "observation", "result_id"),
    "worst_severity": _unless(
        "worst_severity",
        "exists (select 1 from record_alert as o join gone_fact as g using (fact_id) "
        "where o.person_id = t.person_id and o.substance_group = t.substance_group)",
    ),
}


def _why_out(table: Table, name: str, choice: Choice) -> str | None:
    if name in _NEVER:
        return _NEVER[name]
    if not choice.with_identifiers and name in (*_IDENTIFIERS.get(table.name, ()), *_WRITER):
        return IDENTIFIER
    return TEXT if not choice.with_texts and name in _TEXTS else None


def left_out(table: Table, choice: Choice) -> dict[str, str]:
    """The columns that are left out, each with why."""
    found = {name: _why_out(table, name, choice) for name in table.names}
    return {name: why for name, why in found.items() if why is not None}


def exported(table: Table, choice: Choice) -> list[Column]:
    """The columns that are exported, in the model's order."""
    out = left_out(table, choice)
    return [column for column in table.columns if column.name not in out]


def emptied(table: Table, name: str, choice: Choice) -> str | None:
    """When a value of an exported column is emptied, as the data dictionary tells it."""
    if not choice.with_texts and name in _PARTLY and _partly(table, name):
        return _PARTLY[name][1]
    if name in _SEVERED and (name != "group_id" or table.name == "medication"):
        return "empty where it would tell of what is left out"
    return None


def _partly(table: Table, name: str) -> bool:
    return name != "name" or "substance" in table.names


def value_sql(table: Table, name: str, choice: Choice) -> str:
    """SQL for the value of an exported column of a kept row `t`."""
    value = _value(table, name, choice)
    return f"{f'pseudonym({value})' if name in IDS else value} as {quote(name)}"


def _value(table: Table, name: str, choice: Choice) -> str:
    if not choice.with_texts and name in _PARTLY and _partly(table, name):
        return _PARTLY[name][0]
    if name in _SEVERED and (name != "group_id" or table.name == "medication"):
        return _SEVERED[name]
    return f"t.{quote(name)}"
