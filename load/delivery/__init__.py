"""Resources go out to a FHIR server by difference, and what the server answered is kept.

In come the table `resource` (see `load.fhir`) and the journal of what was delivered to that server
before. Nothing is sent that the difference does not show, every write can be sent again without
harm, and what others changed on the server is told, not overwritten.
"""

from load.delivery.deliver import Delivered, Waiting, deliver, waiting
from load.delivery.journal import Journal, Refusal
from load.delivery.place import Place, place_of
from load.delivery.readback import Findings, read_back, restore
from load.delivery.server import Patience, Server

__all__ = [
    "Delivered",
    "Findings",
    "Journal",
    "Patience",
    "Place",
    "Refusal",
    "Server",
    "Waiting",
    "deliver",
    "place_of",
    "read_back",
    "restore",
    "waiting",
]
