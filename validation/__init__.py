"""Is it true? Every row's fate, the balance, an independent check, the gates of a wave and its
report."""

from validation.fates import steps

__all__ = ["steps"]
