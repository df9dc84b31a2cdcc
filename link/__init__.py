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
    bridges: str = "propose",
) -> tuple[Step, ...]:
    """The steps of the stage, last of them `link`.

    `batches`: every wave in scope, in order; `wave` is the one that runs. `frozen`: the step that
    holds the frozen model's `parameter` and `frequency` (none: all in scope is trained on).
    `registry` and `judgements` name the tables of registry events and of judgements so far.
    `bridges`: 'propose' or 'act', what a link between two persons that the registry knows comes to.
    """
    learned = frozen or "link-model"
    trained = {n: (f"{learned}.{n}",) for n in ("parameter", "frequency")}
    made: list[Step] = []

    def step(name: str, reads: _Reads, writes: tuple[str, ...], do: _Do, **parameters: Any) -> None:
        known_by = {**parameters, "model": model.fingerprint}
        made.append(
            Step(name, reads, writes, partial(do, **parameters, model=model), _CODE, known_by)
        )

    for batch in batches:
        own = {
            kind: tuple(f"shape-{source}.{kind}" for source in batch.sources)
            for kind in ("patient", "register_link", *CLINICAL)
        }
        number = batch.number
        reads = {"patient": own["patient"]}
        step(
            f"link-standardise-{number}",
            reads,
            ("standard",),
            standardise,
            sources=batch.sources,
            batch=number,
        )
        clinical = {kind: own[kind] for kind in CLINICAL}
        step(f"link-timeline-{number}", clinical, ("timeline",), timeline)
    if frozen is None:
        step(
            "link-model",
            {"standard": tuple(f"link-standardise-{b.number}.standard" for b in batches)},
            ("parameter", "frequency", "training"),
            train,
        )
    for place, batch in enumerate(batches):
        earlier = tuple(f"link-standardise-{b.number}.standard" for b in batches[:place])
        new = {"standard": (f"link-standardise-{batch.number}.standard",), "known": earlier}
        step(f"link-score-{batch.number}", {**new, **trained}, ("score",), score)
    found: _Reads = {
        "standard": tuple(f"link-standardise-{b.number}.standard" for b in batches),
        "score": tuple(f"link-score-{b.number}.score" for b in batches),
        "timeline": tuple(f"link-timeline-{b.number}.timeline" for b in batches),
        "register_link": tuple(
            f"shape-{source}.register_link" for b in batches for source in b.sources
        ),
        "registry_event": registry,
        "judgement": judgements,
    }
    results = ("identity", "pair", "held", "registry_event")
    place_in = {"wave": wave, "segment": len(registry) + 1, "bridges": bridges}
    step("link", found, results, persons, **place_in)
    return tuple(made)
