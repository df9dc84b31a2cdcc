"""The record as FHIR R4 resources: what each fact becomes, checked before it goes anywhere.

In come the tables of the desired record. Out goes the dataset table `resource`: one row for each
resource with its body as compact JSON; and, of that, folders of NDJSON as bulk exports have them.
Nothing is sent anywhere here.
"""

from load.fhir.ndjson import Written, person_part, write_folder
from load.fhir.step import COLUMNS, fhir_step, refuse_unfit

__all__ = ["COLUMNS", "Written", "fhir_step", "person_part", "refuse_unfit", "write_folder"]
