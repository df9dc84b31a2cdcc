"""A patient's International Patient Summary: a FHIR document that can be taken anywhere.

Made of the resources of the last run, and of nothing else: what is not in the record is not claimed
to be absent, and what is not for everybody's eyes is left out and counted.
"""
