"""The record as FHIR R4 resources: what each fact becomes, checked before it goes anywhere.

In come the tables of the desired record. Out goes the dataset table `resource`: one row for each
resource with its body as compact JSON. Nothing is sent or written elsewhere here.
"""

from load.fhir.step import COLUMNS, fhir_step, refuse_unfit

__all__ = ["COLUMNS", "fhir_step", "refuse_unfit"]
