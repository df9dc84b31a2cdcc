"""A small region of one wave, run, with a protected person, for tests of samples."""

import shutil
import sqlite3
from pathlib import Path

from pages import PASSWORD
from projects import build

from minns import pipeline
from minns.samples import drawing
from minns.samples.drawing import Aim, Asked, assign
from minns.samples.state import Sample, sample
from minns.site import Site, open_site
from minns.web.users import add

WAVE = "wave-1"
HIDDEN_STREET = "Hemliga gränden 7"
#: At most a tenth wrong, with 95 % confidence: 29 facts without an error.
TENTH = Aim(error_below=0.1)


def region(folder: Path) -> Site:
    """The region after a rehearsal, with users."""
    site = open_site(build(folder, persons=60))
    with sqlite3.connect(folder / "region" / "melior.db") as journal:
        journal.execute(
            "update patient set sekretess = 1, adress = ? where patient_id = ("
            " select patient_id from ordination group by 1 order by count(*) desc limit 1)",
            (HIDDEN_STREET,),
        )
    journal.close()
    pipeline.run(site, WAVE, "rehearsal")
    for name in ("ann", "bo", "cia"):
        add(site.ledger, name, "clinician", PASSWORD)
    add(site.ledger, "trusted", "clinician", PASSWORD, protected=True)
    add(site.ledger, "leo", "lead", PASSWORD, protected=True)
    return site


def copied(site: Site, folder: Path) -> Site:
    """The same region, run and all, elsewhere."""
    shutil.copytree(site.project.root, folder)
    return open_site(folder)


def drew(
    site: Site,
    name: str,
    readers: tuple[str, ...] = (),
    adjudicators: tuple[str, ...] = (),
    *,
    aim: Aim = TENTH,
    seed: int = 7,
    least: int = 5,
    double_blind: bool = False,
) -> Sample:
    """A sample of the region; 'trusted' and 'leo' may see protected persons."""
    drawing.draw(site, Asked(WAVE, name, seed, aim, least, double_blind), "eva")
    may = ("trusted", "leo")
    people = [[(who, who in may) for who in names] for names in (readers, adjudicators)]
    assign(site, name, people[0], people[1], "eva")
    return sample(site, name)
