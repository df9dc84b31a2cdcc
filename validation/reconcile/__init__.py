"""Full reconciliation: every row of the live sources against its landing, by content."""

from validation.reconcile.compare import Difference, compare

__all__ = ["Difference", "compare"]
