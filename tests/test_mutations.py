"""Each class of corruption, planted alone in a loaded record or its source, is located to its row;
the whole trial is `make mutations`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from mutations import CLASSES, Trial
from projects import build

from minns import pipeline
from minns.engine import Engine
from minns.site import open_site


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    folder = tmp_path_factory.mktemp("mutations")
    site = open_site(build(folder / "region", persons=200))
    pipeline.run(site, "wave-1", "cutover")
    return Trial(site, pipeline.run(site, "wave-2", "cutover"), folder)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Engine(tmp_path / "engine", threads=1) as engine:
        yield engine


def test_an_untouched_record_raises_no_alarm(trial: Trial, engine: Engine) -> None:
    assert trial.findings(trial.record, trial.root, engine) == ([], set())


@pytest.mark.parametrize("number", range(len(CLASSES)), ids=sorted(CLASSES))
def test_a_corruption_is_found_and_located(trial: Trial, engine: Engine, number: int) -> None:
    name, found, located = trial.caught(number, engine)
    assert (name, found, located) == (sorted(CLASSES)[number], True, True)
