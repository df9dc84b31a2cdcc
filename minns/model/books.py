"""What the stages write beside the record: rows, pairs, registry events, judgements, fates."""

from minns.model.columns import LOCAL_PATIENT, POINTER
from minns.model.table import Column, Table, text

FATES = ("loaded", "consolidated", "held", "quarantined", "excluded")
#: A row with several statements counts once, under the first of these that occurs.
FATE_ORDER = ("held", "quarantined", "loaded", "consolidated", "excluded")

QUARANTINE = Table(
    "quarantine",
    "rows that broke a rule: pointer and rule, never the value",
    (
        *POINTER,
        text(
            "kind",
            "canonical table it was meant for; empty when the row itself is at fault",
            required=True,
        ),
        text("rule", "rule that failed", required=True),
        text("field", "column at fault, when one is"),
    ),
    ("source", "source_table", "row_key", "kind", "rule"),
)
EXCLUDED = Table(
    "excluded",
    "rows that a rule of the source or the wave leaves out",
    (*POINTER, text("rule", "rule that leaves it out", required=True)),
    ("source", "source_table", "row_key"),
)

ROW = Table(
    "row",
    "every landed row of a source: what the balance must account for",
    (*POINTER, text("row_hash", "md5 of its content", required=True)),
    ("source", "source_table", "row_key"),
)

PAIR = Table(
    "pair",
    "two identities that were compared, and what came of it; the lesser one always stands left",
    (
        text("source_l", "left identity", required=True),
        text("local_patient_id_l", "left identity", required=True),
        text("source_r", "right identity", required=True),
        text("local_patient_id_r", "right identity", required=True),
        Column(
            "match_weight", "decimal", "log2 of the Bayes factor; empty when no model was asked"
        ),
        Column("match_probability", "decimal", "probability that both are one person"),
        text(
            "method",
            "what proposed the pair: number, documented, model, judgement, registry",
            required=True,
        ),
        text("decision", "linked, review, apart or vetoed", required=True),
        text("rule", "veto or reason, when there is one"),
    ),
    ("source_l", "local_patient_id_l", "source_r", "local_patient_id_r"),
)
HELD = Table(
    "held",
    "identities whose rows wait for a judgement",
    (
        text("source", "legacy system", required=True),
        LOCAL_PATIENT,
        text("rule", "why it is held", required=True),
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
        text(
            "event",
            "why: created, joined, merged, split; withdrawn: it left the record with its wave",
            required=True,
            allowed=("created", "joined", "merged", "split", "withdrawn"),
        ),
        text("source", "legacy system", required=True),
        LOCAL_PATIENT,
        text("person_id", "the person it is placed with from now on", required=True),
        text("earlier_person_id", "the person it was placed with before"),
        Column(
            "probability", "decimal", "probability of the link, 1 when deterministic", required=True
        ),
        text(
            "method",
            "what gave the link: founder, number, documented, model, judgement; withdrawal",
            required=True,
        ),
        text("wave", "wave of the event", required=True),
    ),
    ("segment", "sequence"),
)
JUDGEMENT = Table(
    "judgement",
    "what people decided about pairs of identities; the last one on a pair counts",
    (
        Column("sequence", "integer", "order of the judgements", required=True),
        text("source_l", "left identity", required=True),
        text("local_patient_id_l", "left identity", required=True),
        text("source_r", "right identity", required=True),
        text("local_patient_id_r", "right identity", required=True),
        text(
            "verdict",
            "same or different",
            required=True,
            allowed=("same", "different", "withdrawn"),
        ),
    ),
    ("sequence",),
)
CONFLICT_JUDGEMENT = Table(
    "conflict_judgement",
    "what people decided about conflicts; the last one on a conflict's evidence counts",
    (
        Column("sequence", "integer", "order of the judgements", required=True),
        text("conflict_id", "the conflict", required=True),
        text("evidence_hash", "what both sides said when it was judged", required=True),
        text(
            "verdict",
            "which side stands; withdrawn: open again",
            required=True,
            allowed=("both", "first", "second", "neither", "withdrawn"),
        ),
        text("settled_by", "who judged it", required=True),
        text("settled_at", "when, UTC", required=True),
    ),
    ("sequence",),
)
CODE_USE = Table(
    "code_use",
    "each local code of each source: how often it occurs and what it was mapped to",
    (
        text("kind", "clinical kind", required=True),
        text("source", "legacy system", required=True),
        text("local_system", "local code system"),
        text("local_code", "local code"),
        Column("occurrences", "integer", "rows that carry it", required=True),
        Column("patients", "integer", "identities that have it", required=True),
        text("system", "standard code system, empty when unmapped"),
        text("code", "standard code, empty when unmapped"),
    ),
    ("kind", "source", "local_system", "local_code"),
)
CODE_PATIENTS = Table(
    "code_patients",
    "identities with a coded statement of a kind, and those of them that have no unmapped code",
    (
        text("kind", "clinical kind", required=True),
        text("source", "legacy system", required=True),
        Column("patients", "integer", "identities with a coded statement", required=True),
        Column("patients_mapped", "integer", "those whose codes all are mapped", required=True),
    ),
    ("kind", "source"),
)
FATE = Table(
    "fate",
    "what became of a row, one line for each statement it makes",
    (
        *POINTER,
        text("fate", "one of FATES", required=True, allowed=FATES),
        text(
            "rule",
            "rule that gave it: of the mapping, the wave, the link or the consolidation",
            required=True,
        ),
        text("kind", "canonical table; empty when the row itself is meant"),
        text("fact_id", "the fact it founded or was folded into"),
    ),
    ("source", "source_table", "row_key", "kind", "rule"),
)
