"""Legacy tables as they are (land) and as canonical rows (shape)."""

from extract.landing import land
from extract.shape import steps

__all__ = ["land", "steps"]
