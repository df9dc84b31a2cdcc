"""Which identities are one person: the link stage, as the steps that `pipeline.py` runs."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from link.model import train
from link.persons import persons
from link.scores import score
from link.settings import LinkSettings
from link.standardise import standardise
from minns.step import Step

__all__ = ["LinkSettings", "steps"]

_Reads = Mapping[str, tuple[str, ...]]
_Do = Callable[..., None]
_CODE = (Path(__file__).parent,)


def steps(
    sources: tuple[str, ...],
    known: tuple[str, ...],
    wave: str,
    settings: LinkSettings = LinkSettings(),  # noqa: B008
    registry: tuple[str, ...] = (),
    judgements: tuple[str, ...] = (),
) -> tuple[Step, ...]:
    """The steps of the stage, last of them `link`.

    `sources` are all in scope, earlier waves' first (`known` of them were loaded before);
    `registry` and `judgements` name the tables of registry events and of judgements so far.
    """
    patients = tuple(f"shape-{source}.patient" for source in sources)
    standard = {"standard": ("link-standardise.standard",)}
    events = {"registry_event": registry}
    learned = {"parameter": ("link-model.parameter",)}
    found = {"score": ("link-score.score",), "judgement": judgements}
    place = {"wave": wave, "segment": len(registry) + 1}

    def step(name: str, reads: _Reads, writes: tuple[str, ...], do: _Do, **parameters: Any) -> Step:
        known_by = {**parameters, **asdict(settings)}
        made = partial(do, **parameters, settings=settings)
        return Step(name, reads, writes, made, _CODE, known_by)

    read = {"patient": patients}
    results = ("identity", "pair", "held", "registry_event")
    return (
        step("link-standardise", read, ("standard",), standardise, sources=sources),
        step("link-model", standard, ("parameter",), train),
        step("link-score", {**standard, **learned, **events}, ("score",), score),
        step("link", {**standard, **found, **events}, results, persons, **place),
    )
