"""Columns of what transform makes of facts beside what their sources say; no source's own word."""

from minns.model.table import Column, text


def _date(name: str, doc: str) -> Column:
    return Column(name, "date", doc)


#: What transform makes of an alert beside what its sources say; no source's own word.
ALERT_DERIVED = (
    text("substance_group", "derived: what it is seen together with, such as penicillins"),
    text(
        "worst_severity",
        "derived: the worst severity of the person's standing alerts of that group",
        allowed=("mild", "harmful", "life_threatening"),
    ),
)
#: What transform makes of a medication beside what its sources say; no source's own word.
MEDICATION_DERIVED = (
    text("group_id", "derived: its group in the medication picture (medication_group)"),
    text("chain_id", "derived: fact_id of the first order of its chain of renewals; else its own"),
    text(
        "picture",
        "derived: what becomes of the order in the medication picture; empty for what is no order"
        " or was struck out",
        allowed=("current", "doubtful", "ended"),
    ),
    text("picture_reason", "derived: why, by name (transform.medicine)"),
    text(
        "dose_pattern",
        "derived from dose_text: 1+0+1+0 by time of day, 1x2 for amount and times a day, or the"
        " amount of one time alone; all of these are empty when the text is not wholly understood",
    ),
    text("dose_unit", "derived from dose_text: what is counted, where the text says so"),
    Column("dose_day_min", "decimal", "derived from dose_text: least amount a day"),
    Column("dose_day_max", "decimal", "derived from dose_text: greatest amount a day"),
    Column("dose_interval_days", "integer", "derived from dose_text: taken every so many days"),
    Column("dose_days", "integer", "derived from dose_text: for so many days"),
    text(
        "dose_terms",
        "derived from dose_text: what else it says (transform.doses), such as as_needed,"
        " until_further_notice, by_schedule, separated by blanks",
    ),
)
MEDICATION_GROUP = (
    text("group_id", "stable id: of person, substance, route and form", required=True),
    text("person_id", "the consolidated patient", required=True),
    text("substance", "ATC code, else the local code, where there is one"),
    text("name", "name of the substance, or a name that one of its orders uses"),
    text("route", "route, in one spelling"),
    text("form", "form, in one spelling; plain tablets of all kinds are one form"),
    text(
        "state",
        "current when an order is, else doubtful when one is, else ended",
        required=True,
        allowed=("current", "doubtful", "ended"),
    ),
    Column("orders", "integer", "facts that are orders or prescriptions", required=True),
    Column("open_orders", "integer", "those of them that have not ended", required=True),
    Column("sources", "integer", "sources that tell of it", required=True),
    Column(
        "state_differs", "boolean", "one source has ended what another goes on with", required=True
    ),
    Column("dose_differs", "boolean", "its open orders say different doses", required=True),
    Column("strength_differs", "boolean", "its open orders are of different strengths", True),
    _date("first_day", "first day that its facts tell of"),
    _date("last_day", "last day that its facts tell of"),
    text(
        "blocked",
        "kinds of the blocks that cover any of its facts",
        allowed=("inner", "outer", "inner outer"),
    ),
)
#: What an observation says, in the unit that its analysis is read in; derived from the words and
#: never instead of them.
STANDARD_VALUE = (
    text(
        "value_kind",
        "what kind of answer the value is",
        allowed=("number", "limit", "range", "finding", "comment", "not_done", "text"),
    ),
    text("finding", "what a finding in words says, such as negative, trace or positive"),
    Column("value_low", "decimal", "least number of a range, in the unit as written"),
    Column("value_high", "decimal", "greatest number of a range, in the unit as written"),
    Column("standard_number", "decimal", "the number in the standard unit, no finer than written"),
    text("standard_unit", "the unit in UCUM: the analysis's own where the number can be given so"),
)
#: What transform makes of a block beside what its sources say.
ACCESS_BLOCK_DERIVED = (
    text(
        "blocked_record_unit",
        "derived: care unit of the shared record that the blocked one became, by a reviewed map",
    ),
)
#: Towards whom a block closes: both words when one block is inner and another outer.
BLOCKED = ("inner", "outer", "inner outer")
#: What transform tells of who may see a fact, and of the unit that owns it.
ACCESS = (
    text(
        "record_unit",
        "derived: care unit of the shared record that the owning unit became, by a reviewed map;"
        " empty while none is approved",
    ),
    text(
        "blocked",
        "derived: kinds of the blocks that cover any row behind the fact; empty: it is open to all."
        " Which rows a block covers is in lineage",
        allowed=BLOCKED,
    ),
    text("blocked_by", "derived: fact_ids of those blocks, separated by blanks"),
)
#: How versions hang together, of results and of documents.
VERSION_DERIVED = (
    text("replaces", "derived: fact_id of the version that this one corrects or follows"),
    text("replaced_by", "derived: fact_id of the version that corrects or follows this one"),
)
#: What transform makes of a document beside what its sources say.
DOCUMENT_DERIVED = (
    *VERSION_DERIVED,
    text(
        "standing",
        "derived: valid, or why it must not be read as valid: struck out (nullified), replaced by a"
        " later version, or not known to be signed",
        allowed=("valid", "nullified", "replaced", "unsigned"),
    ),
)
