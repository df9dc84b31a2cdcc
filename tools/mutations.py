"""The mutation trial: random corruptions of a loaded demo record, each alone, all to be found.

    python tools/mutations.py [--mutations 500] [--clean 20] [--persons 200] [--json FILE]

Every corruption must be found by the independent check and located to its row; regions of other
seeds, cut over and left alone, must raise no alarm.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from mutations import Trial
from projects import build

from minns import pipeline
from minns.engine import Engine
from minns.site import open_site


def trial(folder: Path, persons: int, seed: int) -> Trial:
    """A region of its own, cut over in both waves."""
    site = open_site(build(folder / "region", persons=persons, seed=seed))
    pipeline.run(site, "wave-1", "cutover")
    outcome = pipeline.run(site, "wave-2", "cutover")
    return Trial(site, outcome, folder)


def alarms(persons: int, seed: int) -> int:
    """Checks that fail over a record that nobody touched."""
    with tempfile.TemporaryDirectory() as name, Engine(Path(name) / "engine", threads=1) as engine:
        made = trial(Path(name), persons, seed)
        return len(made.findings(made.record, made.root, engine)[0])


def corrupted(mutations: int, persons: int) -> dict[str, Any]:
    """How many corruptions of each class were found and located."""
    made: Counter[str] = Counter()
    found: Counter[str] = Counter()
    located: Counter[str] = Counter()
    missed = []
    with tempfile.TemporaryDirectory() as name, Engine(Path(name) / "engine", threads=1) as engine:
        ground = trial(Path(name), persons, 1)
        for number in range(mutations):
            what, seen, pointed = ground.caught(number, engine)
            made[what] += 1
            found[what] += seen
            located[what] += pointed
            print(number, what, seen, pointed, file=sys.stderr, flush=True)
            if not (seen and pointed):
                missed.append([number, what, seen])
    return {
        "mutations": mutations,
        "found": found.total(),
        "located": located.total(),
        "classes": {w: [made[w], found[w], located[w]] for w in sorted(made)},
        "missed": missed,
    }


def main() -> None:
    """Run the trial, print its figures, and fail unless all was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--mutations", type=int, default=500)
    parser.add_argument("--clean", type=int, default=20)
    parser.add_argument("--persons", type=int, default=200)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    started = time.monotonic()
    result = corrupted(asked.mutations, asked.persons) if asked.mutations else {"missed": []}
    result["clean_runs"] = asked.clean
    result["alarms"] = sum(alarms(asked.persons, seed) for seed in range(2, 2 + asked.clean))
    result["seconds"] = round(time.monotonic() - started)
    text = json.dumps(result, indent=2)
    print(text)
    if asked.json:
        asked.json.write_text(text, encoding="utf-8")
    sys.exit(bool(result["missed"] or result["alarms"]))


if __name__ == "__main__":
    main()
