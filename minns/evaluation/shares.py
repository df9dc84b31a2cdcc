"""A share with its confidence interval."""

from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

#: Two-sided 95 per cent of the normal distribution.
Z = 1.959964


@dataclass(frozen=True)
class Share:
    """`hits` of `of`, and the bounds between which the true share lies with 95 % confidence.

    The bounds are Wilson's score interval (Wilson 1927), which holds near 0 and 1 where shares of
    linkage lie. Pairs of one person are not independent; among many persons that matters little.
    """

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        """The share; None where there is nothing to take it of."""
        return self.hits / self.of if self.of else None

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper bound; everything is possible where nothing was seen."""
        if not self.of:
            return 0.0, 1.0
        share, spread = self.hits / self.of, Z * Z / self.of
        middle = (share + spread / 2) / (1 + spread)
        half = Z * sqrt(share * (1 - share) / self.of + spread / self.of / 4) / (1 + spread)
        low = 0.0 if self.hits == 0 else max(0.0, middle - half)
        return low, 1.0 if self.hits == self.of else min(1.0, middle + half)

    def as_json(self) -> dict[str, Any]:
        """Share, bounds and counts, rounded to six digits."""
        value = None if self.value is None else round(self.value, 6)
        low, high = self.bounds
        return {"share": value, "low": round(low, 6), "high": round(high, 6), **asdict(self)}
