"""Which form a profile has: a comparison refuses another."""

#: Raised when the JSON of a profile changes.
FORMAT = 1
