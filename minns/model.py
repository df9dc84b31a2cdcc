"""The canonical tables: one definition each; contract, DDL, hashes and data dictionary derive from
it.

A source's mapping SQL yields rows of `CANONICAL`; `transform` makes `FACTS` of them; the
relational target holds
`TARGET`. Column types are few on purpose, and each has one rendering as text (`render` in engine
SQL), so that a hash
means the same in every engine.
"""

from dataclasses import dataclass
from typing import Literal

Type = Literal["text", "date", "timestamp", "decimal", "integer", "boolean"]

#: DuckDB's name for each type. Decimals hold 12 digits before and 6 after the point: the widest
#: laboratory value.
DUCKDB: dict[Type, str] = {
    "text": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "decimal": "DECIMAL(18,6)",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
}


@dataclass(frozen=True)
class Column:
    """One column: its type, whether it must be filled, the values it may hold (any, when empty),
    its meaning.
    """

    name: str
    type: Type
    doc: str
    required: bool = False
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table: its columns in order and the columns that name a row of it."""

    name: str
    doc: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def _text(name: str, doc: str, *, required: bool = False, allowed: tuple[str, ...] = ()) -> Column:
    return Column(name, "text", doc, required, allowed)


def _date(name: str, doc: str, *, required: bool = False) -> Column:
    return Column(name, "date", doc, required)


POINTER = (
    _text("source", "legacy system the row comes from", required=True),
    _text("source_table", "table of that system", required=True),
    _text("row_key", "key of the row within its table", required=True),
)
LOCAL_PATIENT = _text("local_patient_id", "the patient as this source knows them", required=True)

#: What every clinical statement carries: who owns it, who wrote it, when, and in what state it was
#: left.
HEADER = (
    _text("care_unit", "owning care unit as the source names it (HSA-id where it has one)"),
    _text("care_giver", "care giver (vårdgivare) that is controller of the statement"),
    _text("author", "who wrote it, as the source names them"),
    Column("recorded_at", "timestamp", "when it was written in the source, local Swedish time"),
    Column("signed", "boolean", "signed by the responsible person; never set by migration"),
    _text(
        "status",
        "state the source left it in",
        required=True,
        allowed=("active", "completed", "stopped", "refuted", "obsolete", "nullified", "unknown"),
    ),
    Column("approved_for_patient", "boolean", "may be shown to the patient"),
)

LOCAL_CODE = (
    _text(
        "local_system",
        "code system as the source means it: icd-10-se, ksh97-p, atc, npu or <source>-<list>",
    ),
    _text("local_code", "code as the source wrote it"),
    _text("local_text", "text that stood with the code, byte for byte"),
)
STANDARD_CODE = (
    _text("system", "standard code system (minns.codes), empty when unmapped"),
    _text("system_version", "edition the code was looked up in"),
    _text("code", "standard code; never invented"),
    _text("display", "the standard code's own text"),
    _text(
        "map_id",
        "the code map's row that gave it, or 'same' when the local code already was a standard one",
    ),
    _text(
        "equivalence",
        "how near the standard code is",
        allowed=("equal", "equivalent", "wider", "narrower", "unmapped"),
    ),
)

PATIENT = (
    _text(
        "number", "identity number as the source wrote it: personal, coordination or reserve number"
    ),
    _text("number_issuer", "who issued a reserve number (OID); empty for national numbers"),
    _text(
        "previous_number",
        "number that a register or the source documents as this patient's earlier one",
    ),
    _text("given_names", "all given names, separated by blanks"),
    _text("surname", "surname, middle name before it"),
    _date("birth_date", "date of birth as the source holds it; not derived from the number"),
    _text("sex", "recorded sex", allowed=("female", "male", "unknown")),
    _text("street", "street address; empty for protected persons"),
    _text("postal_code", "five digits"),
    _text("city", "post town"),
    _text("phone", "telephone as written"),
    _date("deceased_date", "date of death"),
    _text(
        "protection",
        "protected personal data (skyddade personuppgifter)",
        required=True,
        allowed=("none", "sekretessmarkering", "skyddad_folkbokforing"),
    ),
    _text("mother_number", "the mother's number, for newborns"),
    Column("birth_order", "integer", "order within a multiple birth, from 1"),
    Column(
        "recorded_at",
        "timestamp",
        "when the source last changed the patient's data; century reference",
    ),
)

CARE_CONTACT = (
    _text("contact_id", "the source's own id", required=True),
    _text("category", "kind", allowed=("visit", "phone", "inpatient", "day_care", "other")),
    Column("starts_at", "timestamp", "start, local Swedish time"),
    Column("ends_at", "timestamp", "end, local Swedish time"),
    *LOCAL_CODE,
)
CONDITION = (
    *LOCAL_CODE,
    _date("diagnosed_on", "date of the diagnosis", required=True),
    _text("category", "main or secondary diagnosis", allowed=("main", "secondary")),
    Column("chronic", "boolean", "the source calls it chronic"),
    _text("certainty", "certainty", allowed=("confirmed", "suspected")),
    Column("negated", "boolean", "the statement says the patient does NOT have it"),
)
ALERT = (
    _text(
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
    _text("severity", "severity", allowed=("mild", "harmful", "life_threatening")),
    _text("certainty", "certainty", allowed=("confirmed", "suspected")),
    Column("negated", "boolean", "'no known …': hides no other alert"),
    _date("valid_from", "from when"),
    _date("valid_to", "until when"),
    _text("comment", "free text, byte for byte"),
)
MEDICATION = (
    *LOCAL_CODE,
    _text("order_id", "the source's own id of the order", required=True),
    _text(
        "order_type",
        "start or change, or stop: a stop order can be active",
        allowed=("start", "stop"),
    ),
    _text("strength", "strength as written"),
    _text("form", "form as written"),
    _text("route", "route as written"),
    _text("dose_text", "dosage text, byte for byte"),
    _date("starts_on", "first day"),
    _date("ends_on", "last day, when the source gives one"),
)
OBSERVATION = (
    *LOCAL_CODE,
    Column(
        "observed_at", "timestamp", "when the sample was taken or the reading made", required=True
    ),
    _text("value_text", "the value as written, byte for byte"),
    Column("value_number", "decimal", "the value as a number, when it is one"),
    _text("comparator", "less or more than", allowed=("<", "<=", ">", ">=")),
    _text("unit", "unit as written"),
    _text("reference_interval", "reference interval as written"),
    Column("abnormal", "boolean", "flag of the laboratory; never recomputed"),
)
PROCEDURE = (
    *LOCAL_CODE,
    _date("performed_on", "date", required=True),
)
IMMUNIZATION = (
    *LOCAL_CODE,
    _date("given_on", "date", required=True),
    _text("batch", "batch number"),
    Column("dose_number", "integer", "dose in the series"),
)
DOCUMENT = (
    _text("document_id", "the source's own id", required=True),
    _text("document_type", "kind of note as the source names it"),
    _text("title", "title"),
    _text("body", "text, byte for byte", required=True),
    Column("written_at", "timestamp", "time of the event that the note is about"),
)
ACCESS_BLOCK = (
    _text("block_id", "the source's own id", required=True),
    _text(
        "block_type",
        "inner (within the care giver) or outer",
        required=True,
        allowed=("inner", "outer"),
    ),
    _text("blocked_care_unit", "care unit whose information is blocked"),
    _text("blocked_care_giver", "care giver whose information is blocked"),
    _date("information_from", "first day of the information that is blocked"),
    _date("information_to", "last day of it"),
    _text("exempt", "kinds that stay open (lak, upp), separated by blanks"),
)

_KINDS: dict[str, tuple[str, tuple[Column, ...]]] = {
    "care_contact": ("visits, stays and telephone contacts", CARE_CONTACT),
    "condition": ("diagnoses", CONDITION),
    "alert": ("allergies, hypersensitivity and other warnings", ALERT),
    "medication": ("medication orders", MEDICATION),
    "observation": ("laboratory results, vital signs, measurements", OBSERVATION),
    "procedure": ("what was done", PROCEDURE),
    "immunization": ("vaccinations", IMMUNIZATION),
    "document": ("notes", DOCUMENT),
    "access_block": ("blocks (spärr) that the patient asked for", ACCESS_BLOCK),
}

#: Clinical kinds in the order of every table and report.
KINDS: tuple[str, ...] = tuple(_KINDS)
#: Kinds whose rows carry a local code, and whose facts carry a standard one beside it.
CODED: tuple[str, ...] = tuple(k for k, (_, cols) in _KINDS.items() if LOCAL_CODE[0] in cols)


def _canonical(kind: str) -> Table:
    doc, columns = _KINDS[kind]
    return Table(
        kind,
        doc,
        (*POINTER, LOCAL_PATIENT, *HEADER, *columns),
        ("source", "source_table", "row_key"),
    )


def _fact(kind: str) -> Table:
    doc, columns = _KINDS[kind]
    ids = (
        _text("fact_id", "stable id, from the first row that stated the fact", required=True),
        _text("person_id", "the consolidated patient", required=True),
        _text("source", "source of the first row that stated it", required=True),
    )
    standard = STANDARD_CODE if kind in CODED else ()
    return Table(kind, doc, (*ids, *HEADER, *columns, *standard), ("fact_id",))


#: What mapping SQL may yield, by table name.
CANONICAL: dict[str, Table] = {
    "patient": Table(
        "patient",
        "one row for each patient as a source knows them",
        (*POINTER, LOCAL_PATIENT, *PATIENT),
        ("source", "source_table", "row_key"),
    ),
    **{kind: _canonical(kind) for kind in KINDS},
}

PERSON = Table(
    "person",
    "the consolidated patient",
    (
        _text("person_id", "stable id", required=True),
        _text("number", "main identity number, 12 characters"),
        _text("number_type", "kind of number (minns.codes)"),
        *(
            column
            for column in PATIENT
            if column.name not in {"number", "number_issuer", "previous_number"}
        ),
    ),
    ("person_id",),
)

IDENTITY = Table(
    "identity",
    "which identity is which person, and how that is known",
    (
        _text("source", "legacy system", required=True),
        LOCAL_PATIENT,
        _text("person_id", "the consolidated patient", required=True),
        Column(
            "probability", "decimal", "probability of the link, 1 when deterministic", required=True
        ),
        _text(
            "method",
            "what gave the link: founder, number, documented, model, judgement",
            required=True,
        ),
        _text("since", "wave in which the identity joined", required=True),
    ),
    ("source", "local_patient_id"),
)

LINEAGE = Table(
    "lineage",
    "which rows are behind which fact",
    (
        _text("fact_id", "fact, or person for kind patient", required=True),
        _text("kind", "patient or a clinical kind", required=True),
        *POINTER,
        _text("role", "loaded (the row that founded the fact) or consolidated", required=True),
        _text("care_unit", "owning care unit of this row: access blocks are judged by it"),
        _text("care_giver", "care giver of this row"),
        Column("recorded_at", "timestamp", "when this row was written in its source"),
        *LOCAL_CODE,
    ),
    ("fact_id", "kind", "source", "source_table", "row_key"),
)

CONFLICT = Table(
    "conflict",
    "facts or sources that disagree; all kept, none chosen",
    (
        _text("conflict_id", "stable id", required=True),
        _text("person_id", "the consolidated patient", required=True),
        _text("kind", "patient or a clinical kind", required=True),
        _text("rule", "which rule of transform found it", required=True),
        _text("field", "the column that differs", required=True),
        _text("fact_id", "one side", required=True),
        _text(
            "other_fact_id", "the other side (a row pointer's hash for kind patient)", required=True
        ),
    ),
    ("conflict_id",),
)

FACTS: dict[str, Table] = {kind: _fact(kind) for kind in KINDS}

#: The tables of the relational target, in the order in which they are written.
TARGET: dict[str, Table] = {
    t.name: t for t in (PERSON, IDENTITY, *FACTS.values(), CONFLICT, LINEAGE)
}

FATES = ("loaded", "consolidated", "held", "quarantined", "excluded")
#: A row with several statements counts once, under the first of these that occurs.
FATE_ORDER = ("held", "quarantined", "loaded", "consolidated", "excluded")

QUARANTINE = Table(
    "quarantine",
    "rows that broke a rule: pointer and rule, never the value",
    (
        *POINTER,
        _text(
            "kind",
            "canonical table it was meant for; empty when the row itself is at fault",
            required=True,
        ),
        _text("rule", "rule that failed", required=True),
        _text("field", "column at fault, when one is"),
    ),
    ("source", "source_table", "row_key", "kind", "rule"),
)
EXCLUDED = Table(
    "excluded",
    "rows that a rule of the source or the wave leaves out",
    (*POINTER, _text("rule", "rule that leaves it out", required=True)),
    ("source", "source_table", "row_key"),
)

ROW = Table(
    "row",
    "every landed row of a source: what the balance must account for",
    (*POINTER, _text("row_hash", "md5 of its content", required=True)),
    ("source", "source_table", "row_key"),
)

PAIR = Table(
    "pair",
    "two identities that were compared, and what came of it; the lesser one always stands left",
    (
        _text("source_l", "left identity", required=True),
        _text("local_patient_id_l", "left identity", required=True),
        _text("source_r", "right identity", required=True),
        _text("local_patient_id_r", "right identity", required=True),
        Column(
            "match_weight", "decimal", "log2 of the Bayes factor; empty when no model was asked"
        ),
        Column("match_probability", "decimal", "probability that both are one person"),
        _text(
            "method",
            "what proposed the pair: number, documented, model, judgement, registry",
            required=True,
        ),
        _text("decision", "linked, review, apart or vetoed", required=True),
        _text("rule", "veto or reason, when there is one"),
    ),
    ("source_l", "local_patient_id_l", "source_r", "local_patient_id_r"),
)
HELD = Table(
    "held",
    "identities whose rows wait for a judgement",
    (
        _text("source", "legacy system", required=True),
        LOCAL_PATIENT,
        _text("rule", "why it is held", required=True),
    ),
    ("source", "local_patient_id"),
)
REGISTRY_EVENT = Table(
    "registry_event",
    "where identities were placed, append-only; the last event of an identity is its place",
    (
        Column(
            "segment",
            "integer",
            "number of the registry segment (one for each cutover)",
            required=True,
        ),
        Column("sequence", "integer", "order within the segment", required=True),
        _text(
            "event",
            "why: created, joined, merged, split",
            required=True,
            allowed=("created", "joined", "merged", "split"),
        ),
        _text("source", "legacy system", required=True),
        LOCAL_PATIENT,
        _text("person_id", "the person it is placed with from now on", required=True),
        _text("earlier_person_id", "the person it was placed with before"),
        Column(
            "probability", "decimal", "probability of the link, 1 when deterministic", required=True
        ),
        _text(
            "method",
            "what gave the link: founder, number, documented, model, judgement",
            required=True,
        ),
        _text("wave", "wave of the event", required=True),
    ),
    ("segment", "sequence"),
)
JUDGEMENT = Table(
    "judgement",
    "what people decided about pairs of identities; the last one on a pair counts",
    (
        Column("sequence", "integer", "order of the judgements", required=True),
        _text("source_l", "left identity", required=True),
        _text("local_patient_id_l", "left identity", required=True),
        _text("source_r", "right identity", required=True),
        _text("local_patient_id_r", "right identity", required=True),
        _text(
            "verdict",
            "same or different",
            required=True,
            allowed=("same", "different", "withdrawn"),
        ),
    ),
    ("sequence",),
)
CODE_USE = Table(
    "code_use",
    "each local code of each source: how often it occurs and what it was mapped to",
    (
        _text("kind", "clinical kind", required=True),
        _text("source", "legacy system", required=True),
        _text("local_system", "local code system"),
        _text("local_code", "local code"),
        Column("occurrences", "integer", "rows that carry it", required=True),
        Column("patients", "integer", "identities that have it", required=True),
        _text("system", "standard code system, empty when unmapped"),
        _text("code", "standard code, empty when unmapped"),
    ),
    ("kind", "source", "local_system", "local_code"),
)
FATE = Table(
    "fate",
    "what became of a row, one line for each statement it makes",
    (
        *POINTER,
        _text("fate", "one of FATES", required=True, allowed=FATES),
        _text(
            "rule",
            "rule that gave it: of the mapping, the wave, the link or the consolidation",
            required=True,
        ),
        _text("kind", "canonical table; empty when the row itself is meant"),
        _text("fact_id", "the fact it founded or was folded into"),
    ),
    ("source", "source_table", "row_key", "kind", "rule"),
)

#: Every table by name, so that a step can be given an empty one.
BY_NAME: dict[str, Table] = {
    **CANONICAL,
    **{
        t.name: t
        for t in (
            ROW,
            QUARANTINE,
            EXCLUDED,
            PAIR,
            HELD,
            REGISTRY_EVENT,
            JUDGEMENT,
            CODE_USE,
            FATE,
            PERSON,
            IDENTITY,
            LINEAGE,
            CONFLICT,
        )
    },
}
