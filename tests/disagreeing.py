"""Two small journals that disagree about their patients, loaded into a real record."""

from journals import Journal, record, rows_of, sound

from minns import pipeline
from minns.site import Site

STREET = "Hemliga gatan 7"
#: What the second journal says otherwise of the first, the second, the third and the fifth patient.
DENIED = ("s1", "s1", "I109", "Hypertoni", "2019-03-01", "refuted")
REFUTED = ("s1", "s1", "Penicillin", "hypersensitivity", "refuted", "N")
NONE_KNOWN = ("s2", "s2", "Ingen känd", "hypersensitivity", "active", "J")


def north() -> Journal:
    """Six patients, each with a diagnosis, a result and an alert."""
    journal = sound("n")
    journal["observation"] += [
        ("t1", "n1", "NPU02192", "2019-05-01 10:00", "1,8", "mmol/L"),
        ("t2", "n1", "NPU02192", "2019-09-01 10:00", "2,4", "mmol/L"),
    ]
    return journal


def south() -> Journal:
    """The same six patients in another journal, which says otherwise of some."""
    journal = sound("s")
    journal["alert"] = [REFUTED, NONE_KNOWN, *journal["alert"][2:]]
    journal["condition"][0] = DENIED
    results = journal["observation"]
    journal["observation"] = [*results[:2], (*results[2][:4], "7,5", "mmol/L"), *results[3:]]
    fifth = journal["patient"][4]
    journal["patient"][4] = (*fifth[:6], STREET, "sekretessmarkering")
    return journal


def load(site: Site) -> None:
    """Both waves, for real."""
    for wave in ("first", "second"):
        pipeline.run(site, wave, "cutover")


def person(site: Site, written: str) -> str:
    """The person that SOURCE:ID is."""
    source, local = written.split(":")
    where = f"source = '{source}' and local_patient_id = '{local}'"
    return str(rows_of(record(site), f"select person_id from current_identity where {where}")[0][0])


def conflict(site: Site, rule: str) -> str:
    """The only conflict that a rule found."""
    found = rows_of(record(site), f"select conflict_id from current_conflict where rule = '{rule}'")
    assert len(found) == 1, rule
    return str(found[0][0])
