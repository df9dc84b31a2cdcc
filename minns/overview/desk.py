"""`minns show person`: who is meant, who looks, and what the record holds of them."""

from pathlib import Path
from typing import Any

from minns.inquiry import exported
from minns.overview.page import render
from minns.overview.reading import read
from minns.overview.sections import overview
from minns.recorded import note_reading, person_of, reader, recorded
from minns.site import Site


def person(
    site: Site,
    what: str,
    language: str,
    *,
    rehearsal: bool = False,
    as_of: int | None = None,
    by: str | None = None,
) -> dict[str, Any]:
    """The overview of a patient, named by the person's id or by SOURCE:ID of an identity; `as_of`:
    as it stood after the load with this number.

    The ledger is told first who looks at whom.
    """
    moment = site.ledger.moment()
    with recorded(site, rehearsal=rehearsal, as_of=as_of) as record:
        person_id = person_of(record, what)
        note_reading(site, record, person_id, "overview", by)
        patient = read(record, person_id, moment[:10])
        head = {"record": record.shown, "mode": record.mode, "moment": moment, "by": reader(by)}
    return {**head, "as_of": as_of, **overview(patient, language)}


def write_page(shown: dict[str, Any], path: Path, language: str) -> None:
    """Write the overview as HTML to the file that was asked for, for its owner's eyes only."""
    page = render(shown, language)
    with exported(path) as aside:
        aside.chmod(0o600)
        aside.write_text(page, encoding="utf-8")
