"""What an identity's care says about when and where its patient was."""

from link.settings import LinkModel
from minns.model import TIMELINE
from minns.step import Room


def timeline(room: Room, model: LinkModel) -> None:
    """Reads the clinical tables of a batch; writes `timeline`."""
    room.engine.empty(TIMELINE, "nothing")
    room.write("timeline", "from nothing")
