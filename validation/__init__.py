"""Is it true? Every row's fate, the balance, an independent check, the gates of a wave and its
report."""

from validation.books import Books
from validation.fates import steps
from validation.independent import Finding, Live, check

__all__ = ["Books", "Finding", "Live", "check", "steps"]
