"""How good the linkage is: against labels that somebody gives, or estimated from a small sample."""

from minns.evaluation.labels import TRUTH, Evaluation, evaluate
from minns.evaluation.sample import Estimate, draw, estimate
from minns.evaluation.training import training

__all__ = ["TRUTH", "Estimate", "Evaluation", "draw", "estimate", "evaluate", "training"]
