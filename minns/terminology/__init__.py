"""The terminology store: editions of code systems side by side and in one shape.

In comes what people really get: a SNOMED CT snapshot, text releases of ICD-10-SE, KVÅ, ATC and NPU,
UCUM's essence, OHDSI Athena's CSV, FHIR CodeSystem and ValueSet. Out goes one table of concepts for
each system and version, in which retired codes are known with what replaced them. It lies in the
work folder: licensed content never leaves that.
"""

from minns.terminology.concept import Edition
from minns.terminology.formats import FORMATS
from minns.terminology.lookup import Found, look_up
from minns.terminology.release import Release, import_release
from minns.terminology.shelf import (
    concepts_sql,
    edition_at,
    editions,
    known_codes_sql,
    manifests,
)

__all__ = [
    "FORMATS",
    "Edition",
    "Found",
    "Release",
    "concepts_sql",
    "edition_at",
    "editions",
    "import_release",
    "known_codes_sql",
    "look_up",
    "manifests",
]
