"""The desired record meets what the target holds; the difference is what is loaded.

In come the tables of `minns.model.TARGET` with `row_id` and `content_hash`. Out go new versions in
the target: nothing there is ever overwritten or deleted, a row that is no longer true is closed.
Nothing is loaded that the difference does not show, so a second run loads nothing.
"""

from load.apply import Loaded, apply
from load.diff import Difference, TableDifference, compare
from load.fhir import Written, fhir_step, person_part, refuse_unfit, write_folder
from load.foreign import Foreign, TableForeign, inspect, refuse, settle
from load.known import Known, state
from load.opening import exists, open_target
from load.proof import missed
from load.relational import Target
from load.waves import Action, LoadRow, standing_waves, touched_waves

__all__ = [
    "Action",
    "Difference",
    "Foreign",
    "Known",
    "LoadRow",
    "Loaded",
    "TableDifference",
    "TableForeign",
    "Target",
    "Written",
    "apply",
    "compare",
    "exists",
    "fhir_step",
    "inspect",
    "missed",
    "open_target",
    "person_part",
    "refuse",
    "refuse_unfit",
    "settle",
    "standing_waves",
    "state",
    "touched_waves",
    "write_folder",
]
