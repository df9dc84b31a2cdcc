"""Which identities are one person: the link stage, as the steps that `pipeline.py` runs.

What a wave's identities are compared with is fixed once it is done: each wave has its own steps of
standardising and scoring, which a later run finds again, and scores new against known and new
against new only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from link.model import train
from link.persons import persons
from link.scores import score
from link.settings import LinkModel, load_model
from link.standardise import standardise
from link.timeline import timeline
from minns.step import Step

__all__ = ["Batch", "LinkModel", "load_model", "steps"]

_Reads = Mapping[str, tuple[str, ...]]
_Do = Callable[..., None]
_CODE = (Path(__file__).parent,)
_LEARNED = ("parameter", "frequency")
_TRAINED = (*_LEARNED, "training")
_RESULTS = ("identity", "pair", "held", "registry_event")
#: Canonical tables from which the timeline of an identity is taken.
CLINICAL = ("care_contact", "condition", "procedure", "medication", "observation", "document")


@dataclass(frozen=True)
class Batch:
    """The sources that one wave brings, in order; `number` counts the waves in scope from 1."""

    wave: str
    number: int
    sources: tuple[str, ...]


def steps(
    batches: Sequence[Batch],
    model: LinkModel,
    *,
    wave: str,
    frozen: str | None = None,
    registry: tuple[str, ...] = (),
    judgements: tuple[str, ...] = (),
    segment: int | None = None,
    bridges: str = "propose",
) -> tuple[Step, ...]:
    """The steps of the stage, last of them `link`.

    `batches`: every wave in scope, in order; `wave` is the one that runs. `frozen`: the step that
    holds the frozen model's `parameter` and `frequency` (none: all in scope is trained on).
    `registry` and `judgements` name the tables of registry events and of judgements so far;
    `segment` is the number of the next one (none: that after as many as there are).
    `bridges`: 'propose' or 'act', what a link between two persons that the registry knows comes to.
    """
    made = _Steps(model)
    for batch in batches:
        made.prepare(batch)
    standards = tuple(f"link-standardise-{batch.number}.standard" for batch in batches)
    if frozen is None:
        made.add("link-model", {"standard": standards}, _TRAINED, train)
    learned = {table: (f"{frozen or 'link-model'}.{table}",) for table in _LEARNED}
    for place, batch in enumerate(batches):
        reads = {"standard": standards[place : place + 1], "known": standards[:place], **learned}
        made.add(f"link-score-{batch.number}", reads, ("score",), score)
    found: _Reads = {
        "standard": standards,
        "score": tuple(f"link-score-{batch.number}.score" for batch in batches),
        "timeline": tuple(f"link-timeline-{batch.number}.timeline" for batch in batches),
        "register_link": _shaped(batches, "register_link"),
        "registry_event": registry,
        "judgement": judgements,
    }
    place_in = {"wave": wave, "segment": segment or len(registry) + 1, "bridges": bridges}
    made.add("link", found, _RESULTS, persons, **place_in)
    return tuple(made.steps)


def _shaped(batches: Sequence[Batch], kind: str) -> tuple[str, ...]:
    return tuple(f"shape-{source}.{kind}" for batch in batches for source in batch.sources)


class _Steps:
    """The steps on their way; each result also depends on the model's definition."""

    def __init__(self, model: LinkModel) -> None:
        self.model = model
        self.steps: list[Step] = []

    def add(
        self, name: str, reads: _Reads, writes: tuple[str, ...], do: _Do, **parameters: Any
    ) -> None:
        """One more step."""
        known_by = {**parameters, "model": self.model.fingerprint}
        made = partial(do, **parameters, model=self.model)
        self.steps.append(Step(name, reads, writes, made, _CODE, known_by))

    def prepare(self, batch: Batch) -> None:
        """What is made of a batch by itself."""
        number = batch.number
        self.add(
            f"link-standardise-{number}",
            {"patient": _shaped([batch], "patient")},
            ("standard",),
            standardise,
            sources=batch.sources,
            batch=number,
        )
        clinical = {kind: _shaped([batch], kind) for kind in CLINICAL}
        self.add(f"link-timeline-{number}", clinical, ("timeline",), timeline)
