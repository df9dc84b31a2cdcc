"""Drawing a sample: how large it must be, which facts it has, and who reads it."""

import re
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, astuple, dataclass
from typing import Any

from minns.engine import Engine
from minns.errors import ConfigError
from minns.inquiry import newest_run
from minns.ledger import Entry
from minns.maps import SUFFIX, read_maps
from minns.pairs import said
from minns.runner import Runner
from minns.samples.state import ASSIGNED, SAMPLE, samples
from minns.site import Site
from minns.store import Dataset
from validation.sample import (
    POPULATION,
    drawn,
    most_errors,
    population_step,
    size_for,
    sizes,
    sums,
)

_NAME = re.compile(r"[a-z0-9åäö][a-z0-9åäö._-]{0,63}")
_BY_HAND = "semapv:ManualMappingCuration"
#: So many facts at most: more nobody reads, and the ledger keeps them all.
_MOST = 10_000


@dataclass(frozen=True)
class Aim:
    """What a sample is to show: a share of wrong facts below `error_below`, with this confidence,
    even if `errors_allowed` of them are found wrong.
    """

    error_below: float = 0.01
    confidence: float = 0.95
    errors_allowed: int = 0


@dataclass(frozen=True)
class Asked:
    """A sample as it is asked for; `least`: facts of each stratum of risk, at least."""

    wave: str
    name: str
    seed: int
    aim: Aim = Aim()
    least: int = 10
    double_blind: bool = False


def suggested_maps(site: Site, sources: Sequence[str]) -> tuple[str, ...]:
    """The ids of the code maps, of these sources or shared, that a machine proposed."""
    paths = [p for p in site.code_maps(tuple(sources)) if p.name.endswith(SUFFIX)]
    maps = [each for path in paths for each in read_maps(path).maps]
    return tuple(sorted({m.map_id for m in maps if m.justification != _BY_HAND}))


def population(
    site: Site, wave: str, tables: Mapping[str, Dataset], *, running: bool = False
) -> Dataset:
    """The population of a wave's samples in a desired record; found again when it was made before.

    `running`: asked by a run, which has the work folder to itself already.
    """
    sources = site.wave(wave).sources
    step = population_step(sources, suggested_maps(site, sources))
    runner = Runner(site.project, site.store, tables=dict(tables))
    made = site.store.find(site.store.step_folder(step.name, runner.key(step)))
    if made is not None:
        return made
    with nullcontext() if running else site.locked():
        runner.run((step,))
    return runner.tables[POPULATION]


def draw(site: Site, asked: Asked, by: str) -> Entry:
    """Draw a sample of the wave's last run, and write it to the ledger.

    Raises `ConfigError` for a name that is taken, an aim that cannot be met, or a wave without
    facts.
    """
    _refuse(site, asked)
    size = size_for(asked.aim.error_below, asked.aim.confidence, asked.aim.errors_allowed)
    _refuse_more(size)
    run = newest_run(site, asked.wave)
    people = population(site, asked.wave, run.tables)
    if not people.rows(POPULATION):
        raise ConfigError(
            f"facts of {asked.wave} to draw from", found="none", do="Run the wave first."
        )
    with Runner(site.project, site.store).engine() as engine:
        engine.view(POPULATION, people.parts(POPULATION))
        body = _body(engine, asked, size)
    head = {"run": run.run_id, "mode": run.started.body["mode"], "by": said(by, "by")}
    return site.ledger.append("", SAMPLE, {**head, **body})


def _body(engine: Engine, asked: Asked, size: int) -> dict[str, Any]:
    facts = drawn(engine, size, asked.least, asked.seed)
    every = sizes(engine)
    return {
        "name": asked.name,
        "wave": asked.wave,
        "seed": asked.seed,
        "aim": asdict(asked.aim),
        "least": asked.least,
        "double_blind": asked.double_blind,
        "population": sum(every.values()),
        "strata": [[name, count] for name, count in every.items()],
        "load": sums(engine),
        "facts": [list(astuple(fact)) for fact in facts],
    }


def _refuse(site: Site, asked: Asked) -> None:
    if not _NAME.fullmatch(asked.name):
        raise ConfigError(
            "a name of small letters, digits and ._-", found="another", do="Choose with --name."
        )
    if asked.name in samples(site):
        raise ConfigError(
            "a new name", found=f"a sample '{asked.name}'", do="Choose another with --name."
        )
    aim = asked.aim
    if not (0 < aim.error_below < 1 and 0.5 <= aim.confidence < 1):
        raise ConfigError(
            "an aim between 0 and 1, and a confidence from 0.5 to below 1",
            found=f"{aim.error_below:g} and {aim.confidence:g}",
            do="For example: --error-below 0.01 --confidence 0.95",
        )


def _refuse_more(size: int) -> None:
    if size > _MOST:
        raise ConfigError(
            f"an aim that at most {_MOST} facts can show",
            found=f"one that takes {size}",
            do="Choose a larger --error-below, or fewer --errors-allowed.",
        )


def assign(
    site: Site,
    name: str,
    readers: Sequence[tuple[str, bool]],
    adjudicators: Sequence[tuple[str, bool]],
    by: str,
) -> Entry:
    """Let users read a sample, or settle what its readers differ on. Each with whether protected
    persons may be shown to them.
    """
    body = {
        "sample": name,
        "readers": [list(each) for each in readers],
        "adjudicators": [list(each) for each in adjudicators],
        "by": said(by, "by"),
    }
    return site.ledger.append("", ASSIGNED, body)


def reach(of: int, aim: Mapping[str, Any], population: int) -> int:
    """How many errors a sample of so many facts may have and still show its aim; -1: none will."""
    return most_errors(of, aim["error_below"], aim["confidence"], population)
