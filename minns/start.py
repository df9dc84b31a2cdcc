"""The two ways in: a project of one's own (`init`), and a synthetic region that runs (`demo`)."""

import json
import os
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from minns import console, demo, inquiry, pipeline
from minns.errors import ConfigError
from minns.runner import Watch
from minns.site import Mode, Site, open_site
from minns.store import write_json, write_text

#: The file of the starter folder, and where `init` puts it.
_STARTER = {
    "minns.toml": "minns.toml",
    "source.toml": "mappings/journal/source.toml",
    "patient.sql": "mappings/journal/patient.sql",
    "excluded.sql": "mappings/journal/excluded.sql",
    "wave.toml": "runbooks/wave-a.toml",
}
#: What the demo runs, in order; the last one again, to show that it loads nothing.
_RUNS: tuple[tuple[str, Mode], ...] = (
    ("wave-1", "rehearsal"),
    ("wave-1", "cutover"),
    ("wave-2", "rehearsal"),
    ("wave-2", "cutover"),
    ("wave-2", "cutover"),
)
#: The demo's record stands in the environment, since a URL may hold a password.
TARGET_VARIABLE = "MINNS_DEMO_TARGET"


def init(folder: Path) -> list[Path]:
    """Write a starter project into a folder; nothing that is there is written over."""
    made = [folder / place for place in _STARTER.values()]
    standing = [path for path in made if path.exists()]
    if standing:
        raise ConfigError(
            f"a folder without a project in {folder.resolve()}",
            found=f"{standing[0]}",
            do="Choose another folder.",
        )
    for name, path in zip(_STARTER, made, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        text = files("minns").joinpath("starter", name).read_text(encoding="utf-8")
        write_text(path, text)
    return made


@dataclass
class Shown:
    """What the demo showed: its runs, and how near the result came to the region's truth."""

    folder: Path
    runs: list[dict[str, Any]] = field(default_factory=list)
    score: dict[str, Any] = field(default_factory=dict)

    @property
    def held_up(self) -> bool:
        """Every run ended in go, and the repeated one loaded nothing."""
        return all(run["verdict"] == "go" for run in self.runs) and self.runs[-1]["changes"] == 0

    def as_json(self) -> dict[str, Any]:
        return {"folder": str(self.folder), "runs": self.runs, "score": self.score}


def demo_(
    folder: Path, persons: int, seed: int, target: str | None, watch: Watch, *, quiet: bool
) -> Shown:
    """Build the region in `folder` and run its waves; prints as it goes unless `quiet`."""
    _claim(folder, persons, seed)
    if target is not None:
        os.environ[TARGET_VARIABLE] = target
    progress = watch.begin("building the region")
    demo.build_region(folder, persons=persons, seed=seed, progress=progress)
    write_text(folder / "minns.toml", _project(target is not None))
    site = open_site(folder)
    shown = Shown(folder)
    for wave, mode in _RUNS:
        outcome = pipeline.run(site, wave, mode, watch).as_json()
        shown.runs.append(outcome)
        if not quiet:
            console.show_outcome(outcome)
            console.say("")
    shown.score = _score(site, folder)
    if not quiet:
        console.show_score(shown.score)
    return shown


def _claim(folder: Path, persons: int, seed: int) -> None:
    """A folder holds one region: the same one is run again, another one needs another folder."""
    mark = folder / "demo.json"
    wanted = {"persons": persons, "seed": seed}
    if mark.is_file():
        held = json.loads(mark.read_text(encoding="utf-8"))
        if held != wanted:
            raise ConfigError(
                f"the region of {persons} persons with seed {seed} in {folder}",
                found=f"one of {held.get('persons')} persons with seed {held.get('seed')}",
                do="Choose another --dir, or remove that folder.",
            )
    elif folder.exists() and any(folder.iterdir()):
        raise ConfigError(
            f"an empty folder at {folder}", found="other files", do="Choose another --dir."
        )
    folder.mkdir(parents=True, exist_ok=True)
    write_json(mark, wanted)


def _project(own_target: bool) -> str:
    target = f'target = "${{{TARGET_VARIABLE}}}"\n' if own_target else ""
    return f'# A synthetic region; every person in it is made up.\nwork = "work"\n{target}'


def _score(site: Site, folder: Path) -> dict[str, Any]:
    """Precision and recall against the region's truth, which no stage has read."""
    identities = folder / "identities.csv"
    inquiry.export_identities(site, identities)
    found = demo.score(folder, identities, inquiry.lineage_pattern(site))
    made = inquiry.past_run(site).tables
    told = demo.history(folder, made["transform"].folder, made["fates"].folder)
    return {
        "identities_precision": round(found.persons.precision, 5),
        "identities_recall": round(found.persons.recall, 5),
        "persons_laid_over": found.overlays,
        "laid_over_per_10000_identities": round(found.laid_over, 3),
        "facts_precision": round(told.pairs.precision, 5),
        "facts_recall": round(told.pairs.recall, 5),
        "pairs_made_to_differ": told.left_out,
        "disagreements_planted": told.planted,
        "disagreements_reported": told.reported,
        "alerts_lost": told.lost["alert"],
        "active_medicines_lost": told.lost["medication"],
    }
