"""HL7 v2 messages as a source: a table for each kind of segment, a column for each field."""

from extract.hl7v2.messages import Messages

__all__ = ["Messages"]
