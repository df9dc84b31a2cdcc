"""What the steps of the link stage hand to one another, and `minns review` reads."""

from dataclasses import replace

from minns.model.columns import LOCAL_PATIENT
from minns.model.table import Column, Table, text

_IDENTITY = (text("source", "legacy system", required=True), LOCAL_PATIENT)

STANDARD = Table(
    "standard",
    "identities made comparable: numbers read and checked, names folded, placeholders taken out",
    (
        Column("id", "integer", "number of the identity; waves and sources in order", True),
        *_IDENTITY,
        text("number", "identity number, twelve characters where it has that form"),
        text("number_kind", "kind of number (minns.codes)"),
        Column("valid", "boolean", "well formed, a real date, the right check digit", True),
        Column("century_certain", "boolean", "the century of its numbers is no guess", True),
        text("number_key", "what the number counts as: itself, or itself@issuer; empty: nothing"),
        text("previous_key", "the same of the documented earlier number; '@?': issuer not told"),
        text("identity_status", "as in patient"),
        Column("unlinkable", "boolean", "false, fictitious or anonymous: no score may link", True),
        Column("protected", "boolean", "protected personal data", True),
        Column("given_words", "texts", "given names, folded, in order; '?': a lost letter"),
        text("given_key", "the same as one sorted text; empty when there are only initials"),
        text("given_first", "the first of them"),
        text("called", "the given name in daily use, folded; the first where none is marked"),
        Column("surname_words", "texts", "surnames, folded, particles taken out"),
        text("surname_key", "the same as one sorted text"),
        text("born", "date of birth, YYYYMMDD"),
        Column("born_weak", "boolean", "1 January or 1 July: often a date for want of one", True),
        text("sex", "female or male; empty when unknown or contradicted by the number"),
        text("street", "street address, folded, a flat after '#'; empty for protected persons"),
        text("postal_code", "digits (elsewhere letters, too); empty for protected persons"),
        text("phone", "last eight digits; empty for protected persons"),
        text("mother_key", "the mother's number, when valid"),
        Column("birth_order", "integer", "order within a multiple birth"),
        text("serial", "last four characters of a personal or coordination number"),
        text("deceased", "date of death, YYYYMMDD"),
        text("traits", "as in patient"),
    ),
    ("id",),
)
#: The same of the identities that came before the batch which is scored.
KNOWN = replace(STANDARD, name="known")

PARAMETER = Table(
    "parameter",
    "the linkage model's parameters: m and u of each level; the prior under 'prior'",
    (
        text("comparison", "comparison of the model", required=True),
        text("level", "level of it; empty for the prior", required=True),
        Column("m", "double", "share among pairs of one person (the prior itself)", True),
        Column("u", "double", "share among pairs of two persons", True),
    ),
    ("comparison", "level"),
)
FREQUENCY = Table(
    "frequency",
    "how common a value is among the identities that the model was trained on",
    (
        text("trait", "column of standard", required=True),
        text("value", "value", required=True),
        Column("share", "double", "of the identities that have one", True),
    ),
    ("trait", "value"),
)
TRAINING = Table(
    "training",
    "what is to be said of a training: what was never seen or cannot be right, what blocking loses",
    (
        text("subject", "comparison, 'em' or 'blocking'", required=True),
        text("level", "level of the comparison, or rule", required=True),
        text("finding", "what was found", required=True),
        Column("value", "double", "how much, where it is a number"),
    ),
    ("subject", "level", "finding"),
)
SCORE = Table(
    "score",
    "pairs that the model compared, from the lower threshold up",
    (
        Column("id_l", "integer", "lesser identity", True),
        Column("id_r", "integer", "greater identity", True),
        Column("match_weight", "decimal", "log2 of the Bayes factor", True),
        Column("match_probability", "decimal", "probability of one person", True),
    ),
    ("id_l", "id_r"),
)
TIMELINE = Table(
    "timeline",
    "what an identity's care says about when and where its patient was",
    (
        *_IDENTITY,
        text(
            "what",
            "active: first and last day of care; stay: an inpatient stay; delivery: gave birth;"
            " female, male: a finding that only they can have",
            required=True,
            allowed=("active", "stay", "delivery", "female", "male"),
        ),
        Column("from_on", "date", "first day"),
        Column("to_on", "date", "last day"),
        text("place", "care unit of a stay"),
    ),
    ("source", "local_patient_id", "what", "from_on", "to_on", "place"),
)
