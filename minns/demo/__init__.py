"""A synthetic region with known truth: people, four legacy systems that know parts of them, the
population register's copy, and who is who.

Nothing here imports a stage, and no stage reads the truth: it must not be computed by the code
that it judges.
"""

from minns.demo.history import History, history
from minns.demo.region import build_region, write_melior
from minns.demo.score import Score, Share, score

__all__ = ["History", "Score", "Share", "build_region", "history", "score", "write_melior"]
