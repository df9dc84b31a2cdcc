"""The canonical tables that mapping SQL yields, and the target's tables, of the same columns."""

from minns.model.columns import (
    ACCESS_BLOCK,
    ALERT,
    CARE_CONTACT,
    CONDITION,
    DOCUMENT,
    HEADER,
    IMMUNIZATION,
    LOCAL_CODE,
    LOCAL_PATIENT,
    MEDICATION,
    OBSERVATION,
    PATIENT,
    PATIENT_EVIDENCE,
    POINTER,
    PROCEDURE,
    REGISTER_LINK,
    STANDARD_CODE,
)
from minns.model.derived import (
    ACCESS,
    ACCESS_BLOCK_DERIVED,
    ALERT_DERIVED,
    BLOCKED,
    DOCUMENT_DERIVED,
    MEDICATION_DERIVED,
    STANDARD_VALUE,
    VERSION_DERIVED,
)
from minns.model.derived import MEDICATION_GROUP as _MEDICATION_GROUP
from minns.model.table import Column, Table, text

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
#: What transform makes of a kind's facts beside what the sources say.
DERIVED: dict[str, tuple[Column, ...]] = {
    **{kind: ACCESS for kind in _KINDS},
    "alert": (*ALERT_DERIVED, *ACCESS),
    "medication": (*MEDICATION_DERIVED, *ACCESS),
    "observation": (*VERSION_DERIVED, *ACCESS),
    "document": (*DOCUMENT_DERIVED, *ACCESS),
    # Nothing blocks a block: that there is one may always be shown.
    "access_block": (ACCESS[0], *ACCESS_BLOCK_DERIVED),
}


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
        text("fact_id", "stable id, from the first row that stated the fact", required=True),
        text("person_id", "the consolidated patient", required=True),
        text("source", "source of the first row that stated it", required=True),
    )
    standard = (
        *(STANDARD_CODE if kind in CODED else ()),
        *(STANDARD_VALUE if kind == "observation" else ()),
    )
    derived = DERIVED[kind]
    return Table(kind, doc, (*ids, *HEADER, *columns, *standard, *derived), ("fact_id",))


#: What mapping SQL may yield, by table name.
CANONICAL: dict[str, Table] = {
    "patient": Table(
        "patient",
        "one row for each patient as a source knows them",
        (*POINTER, LOCAL_PATIENT, *PATIENT),
        ("source", "source_table", "row_key"),
    ),
    "register_link": Table(
        "register_link",
        "numbers of one person, as a register documents them: evidence for linking only",
        (*POINTER, *REGISTER_LINK),
        ("source", "source_table", "row_key"),
    ),
    **{kind: _canonical(kind) for kind in KINDS},
}

PERSON = Table(
    "person",
    "the consolidated patient",
    (
        text("person_id", "stable id", required=True),
        text("number", "main identity number, 12 characters"),
        text("number_type", "kind of number (minns.codes)"),
        *(column for column in PATIENT if column.name not in PATIENT_EVIDENCE),
    ),
    ("person_id",),
)

IDENTITY = Table(
    "identity",
    "which identity is which person, and how that is known",
    (
        text("source", "legacy system", required=True),
        LOCAL_PATIENT,
        text("person_id", "the consolidated patient", required=True),
        Column(
            "probability", "decimal", "probability of the link, 1 when deterministic", required=True
        ),
        text(
            "method",
            "what gave the link: founder, number, documented, model, judgement",
            required=True,
        ),
        text("since", "wave in which the identity joined", required=True),
    ),
    ("source", "local_patient_id"),
)

LINEAGE = Table(
    "lineage",
    "which rows are behind which fact",
    (
        text("fact_id", "fact, or person for kind patient", required=True),
        text("kind", "patient or a clinical kind", required=True),
        *POINTER,
        text("role", "loaded (the row that founded the fact) or consolidated", required=True),
        text("care_unit", "owning care unit of this row: access blocks are judged by it"),
        text("care_giver", "care giver of this row"),
        Column("recorded_at", "timestamp", "when this row was written in its source"),
        text("category", "kind as this row says it, such as main or secondary diagnosis"),
        *LOCAL_CODE,
        text("record_unit", "care unit of the shared record that this row's unit became"),
        text(
            "blocked",
            "kinds of the blocks that cover this row; empty: open, though its fact may be blocked"
            " for another row's sake",
            allowed=BLOCKED,
        ),
    ),
    ("fact_id", "kind", "source", "source_table", "row_key"),
)

CONFLICT = Table(
    "conflict",
    "facts or sources that disagree; all kept, none chosen",
    (
        text("conflict_id", "stable id", required=True),
        text("person_id", "the consolidated patient", required=True),
        text("kind", "patient or a clinical kind", required=True),
        text("rule", "which rule of transform found it", required=True),
        text("field", "the column that differs", required=True),
        text("fact_id", "one side", required=True),
        text(
            "other_fact_id", "the other side (a row pointer's hash for kind patient)", required=True
        ),
        text(
            "evidence_hash",
            "hash of what both sides say: a judgement holds as long as it stays so",
            required=True,
        ),
        text(
            "state", "open, or settled by a judgement", required=True, allowed=("open", "settled")
        ),
        text(
            "verdict",
            "which side stands, by judgement; both remain facts",
            allowed=("both", "first", "second", "neither"),
        ),
        text("settled_by", "who judged it"),
        text("settled_at", "when it was judged, UTC"),
    ),
    ("conflict_id",),
)

MEDICATION_GROUP = Table(
    "medication_group",
    "the medication picture, derived: what a person's orders of one substance, route and form come"
    " to; the facts of the group are the medications of that group_id",
    _MEDICATION_GROUP,
    ("group_id",),
)

FACTS: dict[str, Table] = {kind: _fact(kind) for kind in KINDS}

#: The code system of care units as sources name them, and the one that reviewed maps lead to.
CARE_UNIT, RECORD_UNIT = "care-unit", "record-unit"
#: The kind that must stand in the target before anything that it may cover.
FIRST = "access_block"
#: The tables of the relational target, in the order in which they are written: a block is in force
#: before the first fact that it covers.
TARGET: dict[str, Table] = {
    t.name: t
    for t in (
        PERSON,
        IDENTITY,
        FACTS[FIRST],
        *(table for kind, table in FACTS.items() if kind != FIRST),
        MEDICATION_GROUP,
        CONFLICT,
        LINEAGE,
    )
}
