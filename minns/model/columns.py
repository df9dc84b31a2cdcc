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
    text("specimen_id", "the specimen, as laboratory and source name it", optional=True),
    text("result_id", "the source's own id of the result", optional=True),
    text(
        "corrects",
        "result_id, of the same source, of the result that this one corrects",
        optional=True,
    ),
    text(
        "result_status",
        "how far the laboratory had come with it",
        allowed=("preliminary", "final", "corrected", "cancelled"),
        optional=True,
    ),
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
    Column("version", "integer", "version of the document, from 1", optional=True),
    text(
        "dissent",
        "the patient's differing opinion (avvikande mening), byte for byte; goes with the note",
        optional=True,
    ),
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
