"""What errors seen in a sample say of all facts: exact bounds of the binomial distribution.

Clopper and Pearson 1934, one-sided: the bound is the share of errors at which so few of them, or
fewer, would be seen with a chance of one minus the confidence. It holds for a sample in which each
fact has the same chance, and also for one drawn part by part (Hoeffding 1956: the number of errors
then spreads less than the binomial says).
"""

from collections.abc import Iterable
from math import ceil, exp, lgamma, log, log1p

#: Halvings of the interval: past the last digit of a float.
_HALVINGS = 80


def at_most(errors: int, of: int, share: float) -> float:
    """The chance of at most `errors` errors among `of` facts when `share` of all are wrong."""
    if errors >= of or share <= 0.0:
        return 1.0
    if share >= 1.0:
        return 0.0
    whole, wrong, right = lgamma(of + 1), log(share), log1p(-share)
    terms = (
        exp(whole - lgamma(k + 1) - lgamma(of - k + 1) + k * wrong + (of - k) * right)
        for k in range(errors + 1)
    )
    return min(1.0, sum(terms))


def upper_bound(errors: int, of: int, confidence: float, population: int | None = None) -> float:
    """The share of wrong facts that is not exceeded, with this confidence; 1 when none was read.

    `population`: how many facts there are. Where all of them were read, nothing is estimated.
    """
    if population is not None and 0 < population <= of:
        return errors / population
    if errors >= of:
        return 1.0
    low, high = errors / of, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if at_most(errors, of, middle) > 1 - confidence else (low, middle)
        )
    return high


def size_for(share: float, confidence: float, errors: int = 0) -> int:
    """How many facts must be read so that `errors` errors among them show a share below `share`.

    Without errors it is ln(1 - confidence) / ln(1 - share), rounded up.
    """
    low = ceil(log(1 - confidence) / log1p(-share))
    if errors == 0:
        return low
    high = low
    while at_most(errors, high, share) > 1 - confidence:
        high *= 2
    while low < high:
        middle = (low + high) // 2
        if at_most(errors, middle, share) <= 1 - confidence:
            high = middle
        else:
            low = middle + 1
    return low


def most_errors(of: int, share: float, confidence: float, population: int | None = None) -> int:
    """How many errors among `of` facts still show a share of at most `share`; -1: not even none."""
    allowed = -1
    while allowed < of and upper_bound(allowed + 1, of, confidence, population) <= share:
        allowed += 1
    return allowed


def kappa(answers: Iterable[tuple[bool, bool]]) -> float | None:
    """Cohen's kappa (1960) of two readers' answers to the same questions: how far they agree beyond
    chance. None where chance alone would have them agree throughout, or nothing was asked.
    """
    pairs = list(answers)
    if not pairs:
        return None
    agreed = sum(one == other for one, other in pairs) / len(pairs)
    first = sum(one for one, _ in pairs) / len(pairs)
    second = sum(other for _, other in pairs) / len(pairs)
    chance = first * second + (1 - first) * (1 - second)
    return None if chance >= 1 else (agreed - chance) / (1 - chance)
