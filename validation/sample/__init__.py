"""Samples of facts for people to read: of what they are drawn, which, and what they show."""

from validation.sample.bounds import kappa, most_errors, size_for, upper_bound
from validation.sample.draw import Drawn, drawn, sizes, sums
from validation.sample.population import ORDER, POPULATION, STRATA, Stratum, population_step

__all__ = [
    "ORDER",
    "POPULATION",
    "STRATA",
    "Drawn",
    "Stratum",
    "drawn",
    "kappa",
    "most_errors",
    "population_step",
    "size_for",
    "sizes",
    "sums",
    "upper_bound",
]
