"""Is it true? Every row's fate, the balance, an independent check, the gates of a wave and its
report."""

from validation.books import Books
from validation.evidence import About, Change, Evidence, Timing, as_json, gather
from validation.fates import steps
from validation.gates import Gate, gates
from validation.independent import Finding, Live, check
from validation.report import render

__all__ = [
    "About",
    "Books",
    "Change",
    "Evidence",
    "Finding",
    "Gate",
    "Live",
    "Timing",
    "as_json",
    "check",
    "gates",
    "gather",
    "render",
    "steps",
]
