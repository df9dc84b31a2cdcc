"""Canonical rows become one history per person.

In come the canonical tables of every source in scope, the identities with their persons, and the
code maps. Out goes the desired record: every table of `minns.model.TARGET`, each row with the hash
of its content, and what the codes were. Nothing is chosen silently here: rows that say the same
are folded into one fact with all of them behind it, rows that disagree stay apart as a conflict.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from minns.model import KINDS, TARGET
from minns.step import Step
from transform.record import desired_record
from transform.settle import settle_step
from transform.values import UNITS

__all__ = ["settle_step", "steps"]

_HERE = Path(__file__).parent
_CODES = tuple(_HERE.parent / "minns" / name for name in ("codes.py", "maps", "terminology"))


def steps(
    sources: tuple[str, ...],
    scope: Mapping[str, tuple[str, ...]],
    code_maps: tuple[Path, ...],
    units: tuple[Path, ...] = (UNITS,),
) -> tuple[Step, ...]:
    """The one step `transform`.

    `sources`: all in scope, earlier waves' first: the order decides which row founds a fact.
    `scope`: by source, the care units that its wave takes (none: all). `code_maps`: the files
    of the code maps, the list of known standard codes, the manifests of editions. `units`: the
    folders of the tables of units, a project's own after the packaged one.
    """
    taken = ("patient", *KINDS)
    reads = {kind: tuple(f"shape-{source}.{kind}" for source in sources) for kind in taken}
    return (
        Step(
            name="transform",
            reads={**reads, "identity": ("link.identity",), "held": ("link.held",)},
            writes=(*TARGET, "excluded", "code_use", "code_patients"),
            do=partial(
                desired_record, sources=sources, scope=scope, code_maps=code_maps, units=units
            ),
            code=(_HERE, *units, *_CODES, *code_maps),
            parameters={"sources": sources, "scope": {k: list(v) for k, v in scope.items()}},
        ),
    )
