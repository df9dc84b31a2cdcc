"""The canonical tables: one definition each; contract, DDL, hashes and dictionary derive from it.

A source's mapping SQL yields rows of `CANONICAL`; `transform` makes `FACTS` of them; the relational
target holds `TARGET`.
"""

from minns.model.books import (
    CODE_USE,
    EXCLUDED,
    FATE,
    FATE_ORDER,
    FATES,
    HELD,
    JUDGEMENT,
    PAIR,
    QUARANTINE,
    REGISTRY_EVENT,
    ROW,
)
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
from minns.model.linkage import FREQUENCY, PARAMETER, SCORE, STANDARD, TIMELINE
from minns.model.record import (
    CANONICAL,
    CODED,
    CONFLICT,
    FACTS,
    IDENTITY,
    KINDS,
    LINEAGE,
    PERSON,
    TARGET,
)
from minns.model.table import (
    DUCKDB,
    Column,
    Table,
    Type,
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
            STANDARD,
            PARAMETER,
            FREQUENCY,
            SCORE,
            TIMELINE,
        )
    },
}

__all__ = [
    "ACCESS_BLOCK",
    "ALERT",
    "BY_NAME",
    "CANONICAL",
    "CARE_CONTACT",
    "CODED",
    "CODE_USE",
    "CONDITION",
    "CONFLICT",
    "DOCUMENT",
    "DUCKDB",
    "EXCLUDED",
    "FACTS",
    "FATE",
    "FATES",
    "FATE_ORDER",
    "FREQUENCY",
    "HEADER",
    "HELD",
    "IDENTITY",
    "IMMUNIZATION",
    "JUDGEMENT",
    "KINDS",
    "LINEAGE",
    "LOCAL_CODE",
    "LOCAL_PATIENT",
    "MEDICATION",
    "OBSERVATION",
    "PAIR",
    "PARAMETER",
    "PATIENT",
    "PATIENT_EVIDENCE",
    "PERSON",
    "POINTER",
    "PROCEDURE",
    "QUARANTINE",
    "REGISTER_LINK",
    "REGISTRY_EVENT",
    "ROW",
    "SCORE",
    "STANDARD",
    "STANDARD_CODE",
    "TARGET",
    "TIMELINE",
    "Column",
    "Table",
    "Type",
]
