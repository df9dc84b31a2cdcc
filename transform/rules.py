"""How rows of each kind become facts: one rule a kind, read as a table.

Rows of one person agree when their `key` is equal. Within such a group

* a `disputed` column that holds two different values keeps the rows apart, as facts in conflict;
* a `distinct` column that holds two different values keeps them apart too, without a conflict;
* `earliest` and `latest` columns take the least and the greatest of what the rows say;
* all other columns come from the row that founded the fact, filled from the others where it is
  empty; what each row said of its owner, its time and its own words stays with it in `lineage`.

An empty value never disagrees with a filled one, and never makes a statement weaker: `status`,
negation and severity are always keys or disputed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

#: What a coded row is about, as SQL over the coded rows (transform.codes): the standard code when
#: the map says that it means the same, else the local code, else the text.
CODE_KEY = "code_key"


@dataclass(frozen=True)
class Rule:
    """The consolidation rule of one kind; entries are column names or SQL over the row."""

    key: tuple[str, ...]
    disputed: Mapping[str, str]
    distinct: tuple[str, ...] = ()
    earliest: tuple[str, ...] = ()
    latest: tuple[str, ...] = ()


#: A result as the clinician reads it: 7,2 and 7.2 mmol/l are one value.
_VALUE = """case when value_number is not null
    then coalesce(comparator, '') || cast(value_number as varchar) || ' ' || lower(coalesce(unit,
    ''))
    else lower(trim(value_text)) end"""

RULES: Mapping[str, Rule] = {
    # A stay or visit seen by two systems is one contact when it starts at one time at one unit.
    "care_contact": Rule(
        key=("category", "starts_at", "care_unit", CODE_KEY),
        disputed={"status": "status", "ends_at": "ends_at"},
    ),
    # A chronic diagnosis re-recorded is one; an episode is its day's. Never "resolved" by absence.
    "condition": Rule(
        key=(CODE_KEY, "negated", "chronic", "case when chronic then null else diagnosed_on end"),
        disputed={"status": "status", "certainty": "certainty"},
        distinct=("category",),
        earliest=("diagnosed_on",),
    ),
    # Union: what differs in how bad or how sure it is stays beside it, in conflict, never hidden.
    "alert": Rule(
        key=("category", CODE_KEY),
        disputed={
            "status": "status",
            "severity": "severity",
            "certainty": "certainty",
            "negated": "negated",
        },
        distinct=("comment", "valid_to"),
        earliest=("valid_from",),
    ),
    "medication": Rule(
        key=(CODE_KEY, "order_type", "starts_on"),
        disputed={
            "status": "status",
            "dose_text": "lower(trim(dose_text))",
            "strength": "lower(replace(strength, ' ', ''))",
            "ends_on": "ends_on",
        },
        distinct=("lower(trim(form))", "lower(trim(route))"),
    ),
    "observation": Rule(
        key=(CODE_KEY, "observed_at"),
        disputed={"value_text": _VALUE, "status": "status"},
        distinct=("reference_interval", "abnormal"),
    ),
    "procedure": Rule(key=(CODE_KEY, "performed_on"), disputed={"status": "status"}),
    "immunization": Rule(
        key=(CODE_KEY, "given_on"),
        disputed={"status": "status", "batch": "batch", "dose_number": "dose_number"},
    ),
    # Two notes are one only when they say the same to the byte, of the same moment.
    "document": Rule(
        key=("md5(body)", "written_at", "document_type"),
        disputed={"status": "status", "signed": "signed"},
        distinct=("title",),
    ),
    # A block is never folded away by a weaker one: all that it says is its key.
    "access_block": Rule(
        key=(
            "block_type",
            "blocked_care_unit",
            "blocked_care_giver",
            "information_from",
            "information_to",
            "exempt",
            "status",
        ),
        disputed={},
    ),
}
