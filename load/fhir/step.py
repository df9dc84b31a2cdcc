"""The pure step `fhir`: the desired record's tables become FHIR R4 resources."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from load.fhir.compose import Names, compose
from minns.codes import CodeSystem
from minns.errors import BalanceError
from minns.model import TARGET
from minns.step import Room, Step
from minns.store import Dataset

_HERE = Path(__file__).parent
#: The columns of the table `resource`.
COLUMNS = ("resource_type", "resource_id", "person_id", "content_hash", "body")


def fhir_step(
    standards: Sequence[str], systems: Mapping[str, CodeSystem], base: str = "urn:minns"
) -> Step:
    """The step `fhir`, which reads the record from `transform` and `settle`.

    `standards`: references to the link stage's tables `standard` (`link-standardise-1.standard` and
    on), for the numbers that a person had. `systems`: code systems with this project's URIs.
    `base`: what the project's own URIs begin with. Writes `resource` (COLUMNS, by type, in an order
    that is always the same) and `refused`: what no schema or reference let through (type, id,
    person, rule and path, never a value).
    """
    reads = {name: (f"transform.{name}",) for name in TARGET}
    return Step(
        name="fhir",
        reads={**reads, "conflict": ("settle.conflict",), "standard": tuple(standards)},
        writes=("resource", "refused"),
        do=partial(_do, systems=systems, base=base),
        code=(_HERE,),
        parameters={
            "base": base,
            "systems": {name: system.uri for name, system in sorted(systems.items())},
        },
    )


def _do(room: Room, systems: Mapping[str, CodeSystem], base: str) -> None:
    compose(room, Names(systems, base))


def refuse_unfit(made: Dataset) -> None:
    """Raise when a resource was refused: by then it is a row of `refused`, and nothing has left."""
    refused = made.rows("refused")
    if refused:
        raise BalanceError(
            "every resource to keep to its schema and every reference to lead somewhere",
            found=f"{refused} places where one does not",
            do=f"Read {made.folder}/refused; nothing has been written or sent.",
        )
