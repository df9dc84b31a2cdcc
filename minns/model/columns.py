"""The columns of the canonical tables, kind by kind."""

from minns.model.table import Column, text


def _date(name: str, doc: str, *, required: bool = False) -> Column:
    return Column(name, "date", doc, required)


POINTER = (
    text("source", "legacy system the row comes from", required=True),
    text("source_table", "table of that system", required=True),
    text("row_key", "key of the row within its table", required=True),
)
LOCAL_PATIENT = text("local_patient_id", "the patient as this source knows them", required=True)

#: What every clinical statement carries: who owns it, who wrote it, when, and in what state it was
#: left.
HEADER = (
    text("care_unit", "owning care unit as the source names it (HSA-id where it has one)"),
    text("care_giver", "care giver (vårdgivare) that is controller of the statement"),
    text("author", "who wrote it, as the source names them"),
    Column("recorded_at", "timestamp", "when it was written in the source, local Swedish time"),
    Column("signed", "boolean", "signed by the responsible person; never set by migration"),
    text(
        "status",
        "state the source left it in",
        required=True,
        allowed=("active", "completed", "stopped", "refuted", "obsolete", "nullified", "unknown"),
    ),
    Column("approved_for_patient", "boolean", "may be shown to the patient"),
)

LOCAL_CODE = (
    text(
        "local_system",
        "code system as the source means it: icd-10-se, ksh97-p, atc, npu or <source>-<list>",
    ),
    text("local_code", "code as the source wrote it"),
    text("local_text", "text that stood with the code, byte for byte"),
)
#: How much of the kind's date the source knows: a date known only to its year, month or week is the
#: first day of it.
DATE_PRECISION = text(
    "date_precision",
    "what is known of the date, which is the first day of it; empty: the day (of a time, the hour)",
    allowed=("year", "month", "week", "day"),
    optional=True,
)

STANDARD_CODE = (
    text("system", "standard code system (minns.codes), empty when unmapped"),
    text("system_version", "edition the code was looked up in"),
    text("code", "standard code; never invented"),
    text("display", "the standard code's own text"),
    text(
        "map_id",
        "the code map's row that gave it, or 'same' when the local code already was a standard one",
    ),
    text(
        "equivalence",
        "how near the standard code is",
        allowed=("equal", "equivalent", "wider", "narrower", "inexact", "unmapped"),
    ),
)

PATIENT = (
    text(
        "number", "identity number as the source wrote it: personal, coordination or reserve number"
    ),
    text("number_issuer", "who issued a reserve number (OID); empty for national numbers"),
    text(
        "previous_number",
        "number that a register or the source documents as this patient's earlier one",
    ),
    text("given_names", "all given names, separated by blanks"),
    text(
        "called_name",
        "the given name in daily use (tilltalsnamn), where the source marks it",
        optional=True,
    ),
    text("surname", "surname, middle name before it"),
    _date("birth_date", "date of birth as the source holds it; not derived from the number"),
    text("sex", "recorded sex", allowed=("female", "male", "unknown")),
    text("street", "street address; empty for protected persons"),
    text("postal_code", "five digits"),
    text("city", "post town"),
    text("phone", "telephone as written"),
    _date("deceased_date", "date of death"),
    text(
        "protection",
        "protected personal data (skyddade personuppgifter)",
        required=True,
        allowed=("none", "sekretessmarkering", "skyddad_folkbokforing"),
    ),
    text("mother_number", "the mother's number, for newborns"),
    Column("birth_order", "integer", "order within a multiple birth, from 1"),
    Column(
        "recorded_at",
        "timestamp",
        "when the source last changed the patient's data; century reference",
    ),
    text(
        "identity_status",
        "how sure the source is who this is: a coordination number's identity level, or that the"
        " identity is false, given for protection (fingerade uppgifter) or anonymous on purpose",
        allowed=("proved", "probable", "uncertain", "false", "fictitious", "anonymous"),
        optional=True,
    ),
    text(
        "traits",
        "what else tells people apart, as a JSON object of texts that a project's linkage model"
        " names; used for linking only",
        optional=True,
    ),
)
#: Columns of a patient that only tell who it is: they are no part of the record.
PATIENT_EVIDENCE = (
    "number",
    "number_issuer",
    "previous_number",
    "called_name",
    "identity_status",
    "traits",
)

#: What a population register or a source documents about two numbers of one person.
REGISTER_LINK = (
    text("number", "the number that holds from then on, as written", required=True),
    text("number_issuer", "who issued it, when it is a reserve number (OID)"),
    text("earlier_number", "the number that it replaces or belongs to; empty for 'false'"),
    text("earlier_issuer", "who issued that one, when it is a reserve number (OID)"),
    text(
        "link_kind",
        "what is documented: a changed personal number, a coordination number replaced by a"
        " personal one, two coordination numbers of one person, a reserve number whose holder was"
        " identified, or that the number is a false identity's (FI)",
        required=True,
        allowed=("changed", "replaced", "same_holder", "identified", "false"),
    ),
    _date("linked_on", "when that was documented"),
)

CARE_CONTACT = (
    text("contact_id", "the source's own id", required=True),
    text("category", "kind", allowed=("visit", "phone", "inpatient", "day_care", "other")),
    Column("starts_at", "timestamp", "start, local Swedish time"),
    Column("ends_at", "timestamp", "end, local Swedish time"),
    *LOCAL_CODE,
)
CONDITION = (
    *LOCAL_CODE,
    _date("diagnosed_on", "date of the diagnosis", required=True),
    DATE_PRECISION,
    text("category", "main or secondary diagnosis", allowed=("main", "secondary")),
    Column("chronic", "boolean", "the source calls it chronic"),
    text("certainty", "certainty", allowed=("confirmed", "suspected")),
    Column("negated", "boolean", "the statement says the patient does NOT have it"),
)
ALERT = (
    text(
        "category",
        "kind of warning",
        required=True,
        allowed=(
            "hypersensitivity",
            "disease",
            "treatment",
            "communicable",
            "restriction",
            "unstructured",
        ),
    ),
    *LOCAL_CODE,
    text("severity", "severity", allowed=("mild", "harmful", "life_threatening")),
    text("certainty", "certainty", allowed=("confirmed", "suspected")),
    Column("negated", "boolean", "'no known …': hides no other alert"),
    _date("valid_from", "from when"),
    DATE_PRECISION,
    _date("valid_to", "until when"),
    text("comment", "free text, byte for byte"),
)
#: What transform makes of an alert beside what its sources say; no source's own word.
ALERT_DERIVED = (
    text("substance_group", "derived: what it is seen together with, such as penicillins"),
    text(
        "worst_severity",
        "derived: the worst severity of the person's standing alerts of that group",
        allowed=("mild", "harmful", "life_threatening"),
    ),
)
MEDICATION = (
    *LOCAL_CODE,
    text("order_id", "the source's own id of the order", required=True),
    text(
        "order_type",
        "start or change, or stop: a stop order can be active",
        allowed=("start", "stop"),
    ),
    text("strength", "strength as written"),
    text("form", "form as written"),
    text("route", "route as written"),
    text("dose_text", "dosage text, byte for byte"),
    _date("starts_on", "first day"),
    DATE_PRECISION,
    _date("ends_on", "last day, when the source gives one"),
    text(
        "stage",
        "what the row is: an order in a journal, a prescription to a pharmacy, what a pharmacy gave"
        " out, what was given to the patient; empty: an order",
        allowed=("order", "prescription", "dispense", "administration"),
        optional=True,
    ),
    text(
        "renews",
        "order_id, of the same source, of the order that this one renews or changes",
        optional=True,
    ),
    text(
        "stops", "order_id, of the same source, of the order that a stop order stops", optional=True
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
OBSERVATION = (
    *LOCAL_CODE,
    Column(
        "observed_at", "timestamp", "when the sample was taken or the reading made", required=True
    ),
    DATE_PRECISION,
    text(
        "utc_offset",
        "how far the clocks were from UTC, where the source tells: of the hour that October has"
        " twice, +02:00 is the first",
        allowed=("+01:00", "+02:00"),
        optional=True,
    ),
    text("value_text", "the value as written, byte for byte"),
    Column("value_number", "decimal", "the value as a number, when it is one"),
    text("comparator", "less or more than", allowed=("<", "<=", ">", ">=")),
    text("unit", "unit as written"),
    text("reference_interval", "reference interval as written"),
    Column("abnormal", "boolean", "flag of the laboratory; never recomputed"),
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
PROCEDURE = (
    *LOCAL_CODE,
    _date("performed_on", "date", required=True),
    DATE_PRECISION,
)
IMMUNIZATION = (
    *LOCAL_CODE,
    _date("given_on", "date", required=True),
    DATE_PRECISION,
    text("batch", "batch number"),
    Column("dose_number", "integer", "dose in the series"),
)
DOCUMENT = (
    text("document_id", "the source's own id", required=True),
    text("document_type", "kind of note as the source names it"),
    text("title", "title"),
    text("body", "text, byte for byte", required=True),
    Column("written_at", "timestamp", "time of the event that the note is about"),
)
ACCESS_BLOCK = (
    text("block_id", "the source's own id", required=True),
    text(
        "block_type",
        "inner (within the care giver) or outer",
        required=True,
        allowed=("inner", "outer"),
    ),
    text("blocked_care_unit", "care unit whose information is blocked"),
    text("blocked_care_giver", "care giver whose information is blocked"),
    _date("information_from", "first day of the information that is blocked"),
    _date("information_to", "last day of it"),
    text("exempt", "kinds that stay open (lak, upp), separated by blanks"),
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
