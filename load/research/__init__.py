"""The record for research and follow-up: open columnar files, and the OMOP Common Data Model.

The record is read as it stood after one load. Protected persons and what a block covers are left
out and counted; nothing that is written leads to them.
"""

from load.research.columns import Choice
from load.research.concepts import stage_vocabulary
from load.research.folder import Parcel, published
from load.research.kept import Count, stage_kept
from load.research.omop import About
from load.research.reading import take

__all__ = [
    "About",
    "Choice",
    "Count",
    "Parcel",
    "published",
    "stage_kept",
    "stage_vocabulary",
    "take",
]
