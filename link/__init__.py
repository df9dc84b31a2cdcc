"""Which identities are one person: the link stage, as the steps that `pipeline.py` runs."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

from link.model import train
from link.persons import persons
from link.scores import score
from link.settings import LinkSettings
from link.standardise import standardise
from minns import codes
from minns.step import Step

__all__ = ["LinkSettings", "steps"]

_CODE = (Path(__file__).parent, Path(codes.__file__), Path(codes.__file__).with_suffix(".sql"))


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
    limits = asdict(settings)
    patients = tuple(f"shape-{source}.patient" for source in sources)
    standard = {"standard": ("link-standardise.standard",)}
    return (
        Step(
            "link-standardise",
            {"patient": patients},
            ("standard",),
            partial(standardise, sources=sources, settings=settings),
            _CODE,
            {"sources": list(sources), **limits},
        ),
        Step(
            "link-model", standard, ("parameter",), partial(train, settings=settings), _CODE, limits
        ),
        Step(
            "link-score",
            {**standard, "parameter": ("link-model.parameter",), "registry_event": registry},
            ("score",),
            partial(score, settings=settings),
            _CODE,
            limits,
        ),
        Step(
            "link",
            {
                **standard,
                "score": ("link-score.score",),
                "registry_event": registry,
                "judgement": judgements,
            },
            ("identity", "pair", "held", "registry_event"),
            partial(persons, wave=wave, segment=len(registry) + 1, settings=settings),
            _CODE,
            {"wave": wave, "segment": len(registry) + 1, **limits},
        ),
    )
