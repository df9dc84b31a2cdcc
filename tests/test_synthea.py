"""An export that others made, as one more source: every record accounted for, nothing made up.

The export lies beside the repository where it is there at all. What is expected of it is counted
here once more from the files, by Python's csv module, and never with the mapping's own SQL.
"""

import csv
import sqlite3
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from minns import inquiry, pipeline
from minns.model import FATES, KINDS
from minns.site import Site, open_site

EXPORT = Path(__file__).resolve().parents[2] / "shared/data/clinical/synthea/synthea"

Record = dict[str, str]
WAVE = """
name = "synthea"
sources = ["synthea"]
[gates]
quarantined_share_max = 0.0
held_share_max = 0.0
review_share_max = 0.0
"""


def records(name: str) -> list[Record]:
    """A file of the export, by the standard library."""
    with (EXPORT / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def at_the_clinic(utc: str) -> str:
    """A time of the export on the clocks of the place of care."""
    there = datetime.fromisoformat(utc).astimezone(ZoneInfo("America/New_York"))
    return there.strftime("%Y-%m-%d %H:%M:%S")


def day(utc: str) -> str:
    return at_the_clinic(utc)[:10] if utc else ""


#: For each kind its file, and what two of its records must share to be one statement.
SAID: dict[str, tuple[str, Callable[[Record], tuple[Any, ...]]]] = {
    "care_contact": (
        "encounters",
        lambda r: (r["ENCOUNTERCLASS"], r["START"], r["STOP"], r["ORGANIZATION"], r["CODE"]),
    ),
    "condition": ("conditions", lambda r: (r["CODE"], r["START"], bool(r["STOP"]))),
    "alert": ("allergies", lambda r: tuple(r[c] for c in r if c not in ("START", "ENCOUNTER"))),
    "medication": ("medications", lambda r: (r["CODE"], day(r["START"]), day(r["STOP"]))),
    "observation": ("observations", lambda r: (r["CODE"], r["DATE"], r["VALUE"], r["UNITS"])),
    "procedure": ("procedures", lambda r: (r["CODE"], day(r["START"]))),
    "immunization": ("immunizations", lambda r: (r["CODE"], day(r["DATE"]))),
}
LEFT_OUT = {
    "careplans": "kind_not_in_record",
    "devices": "kind_not_in_record",
    "imaging_studies": "kind_not_in_record",
    "supplies": "consumables",
    "claims": "billing",
    "claims_transactions": "billing",
    "payers": "billing",
    "payer_transitions": "billing",
    "organizations": "reference_table",
    "providers": "reference_table",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    if not EXPORT.is_dir():
        pytest.skip("no Synthea export in ../shared/data")
    folder = tmp_path_factory.mktemp("project")
    (folder / "runbooks").mkdir()
    (folder / "runbooks" / "synthea.toml").write_text(WAVE, encoding="utf-8")
    (folder / "minns.toml").write_text(
        f"[sources.synthea]\nfolder = '{EXPORT}'\n", encoding="utf-8"
    )
    return open_site(folder)


@pytest.fixture(scope="module")
def outcome(site: Site) -> pipeline.Outcome:
    return pipeline.run(site, "synthea", "rehearsal")


@pytest.fixture
def query(site: Site, outcome: pipeline.Outcome) -> Callable[[str], list[tuple[Any, ...]]]:
    """Ask the record that the rehearsal made."""
    record = site.target("rehearsal").url.removeprefix("sqlite:///")

    def ask(sql: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(record)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    return ask


Ask = Callable[[str], list[tuple[Any, ...]]]


def test_every_record_of_every_file_has_a_fate(outcome: pipeline.Outcome) -> None:
    totals = outcome.evidence.totals
    accounts = {a.source_table: (a.extracted, a.balanced) for a in outcome.evidence.balance}
    assert accounts == {path.stem: (len(records(path.stem)), True) for path in EXPORT.glob("*.csv")}
    assert totals["extracted"] == sum(totals[fate] for fate in FATES)
    assert (totals["unexplained"], totals["quarantined"], totals["held"]) == (0, 0, 0)


def test_what_is_left_out_is_left_out_whole_and_by_name(outcome: pipeline.Outcome) -> None:
    reasons = Counter[tuple[str, str]]()
    for reason in outcome.evidence.reasons:
        if reason.fate == "excluded":
            reasons[reason.source_table, reason.rule] += reason.rows
    assert reasons == {(table, rule): len(records(table)) for table, rule in LEFT_OUT.items()}


def test_the_facts_of_each_kind_are_what_the_files_say(query: Ask) -> None:
    said = {
        kind: len({(r["PATIENT"], *what(r)) for r in records(name)})
        for kind, (name, what) in SAID.items()
    }
    held = {kind: query(f"select count(*) from current_{kind}")[0][0] for kind in KINDS}
    assert held == {kind: said.get(kind, 0) for kind in KINDS}


def test_no_patient_is_taken_for_another(outcome: pipeline.Outcome, query: Ask) -> None:
    patients = {r["Id"] for r in records("patients")}
    # Three of them share birth date, sex, town and postcode.
    shared = Counter((r["BIRTHDATE"], r["GENDER"], r["ZIP"]) for r in records("patients"))
    assert max(shared.values()) == 3
    identities = query("select local_patient_id, person_id from current_identity")
    assert {local for local, _ in identities} == patients
    assert len({person for _, person in identities}) == len(patients) == 27
    assert outcome.evidence.links.persons == 27


def test_active_and_ended_conditions_stay_so(query: Ask) -> None:
    stated = Counter("completed" if r["STOP"] else "active" for r in records("conditions"))
    assert Counter(status for (status,) in query("select status from current_condition")) == stated


def test_the_dead_stay_dead(query: Ask) -> None:
    dead = sorted(r["DEATHDATE"] for r in records("patients") if r["DEATHDATE"])
    found = query("select deceased_date from current_person where deceased_date is not null")
    assert sorted(value for (value,) in found) == dead


def test_times_are_those_of_the_place_of_care(query: Ask) -> None:
    stated = {
        r["Id"]: (at_the_clinic(r["START"]), at_the_clinic(r["STOP"]))
        for r in records("encounters")
    }
    found = query("select contact_id, starts_at, ends_at from current_care_contact")
    assert {key: (start[:19], end[:19]) for key, start, end in found} == stated


def test_an_allergy_is_of_the_day_of_its_contact(query: Ask) -> None:
    apart = query(
        "select count(*) from current_alert where valid_from <> substr(recorded_at, 1, 10)"
    )
    assert apart == [(0,)]


def test_values_codes_and_texts_are_kept_to_the_byte(query: Ask) -> None:
    stated = Counter((r["CODE"], r["DESCRIPTION"], r["VALUE"]) for r in records("observations"))
    found = query("select local_code, local_text, value_text from current_observation")
    assert Counter(found) == stated
    numbers = [float(r["VALUE"]) for r in records("observations") if r["TYPE"] == "numeric"]
    held = query("select value_number from current_observation where value_number is not null")
    assert sorted(float(value) for (value,) in held) == sorted(numbers)


def test_a_severity_is_the_worst_that_a_reaction_had(query: Ask) -> None:
    words = {"": None, "MILD": "mild", "MODERATE": "harmful", "SEVERE": "life_threatening"}
    ranks = list(words)
    stated = Counter(
        words[max(r["SEVERITY1"], r["SEVERITY2"], key=ranks.index)] for r in records("allergies")
    )
    assert Counter(value for (value,) in query("select severity from current_alert")) == stated


def test_no_code_is_made_up(outcome: pipeline.Outcome, query: Ask) -> None:
    for kind in SAID:
        mapped = query(f"select count(*) from current_{kind} where code is not null")
        assert mapped == [(0,)]
    counted = {each.kind: each.occurrences for each in outcome.evidence.coverage}
    # the units of these records are counted too: none of them is on the map
    assert counted.pop("care_unit") > 0
    assert all(each.mapped == 0 for each in outcome.evidence.coverage)
    assert counted == {kind: len(records(name)) for kind, (name, _) in SAID.items()}


def test_a_record_and_its_fact_lead_to_each_other(site: Site, query: Ask) -> None:
    contact = records("encounters")[0]["Id"]
    (fate,) = inquiry.trace(site, ["synthea", "encounters", contact])
    assert (fate["kind"], fate["fate"]) == ("care_contact", "loaded")
    (row,) = inquiry.trace(site, [fate["fact_id"]])
    assert (row["source_table"], row["row_key"]) == ("encounters", contact)


def test_a_second_rehearsal_changes_nothing(site: Site, outcome: pipeline.Outcome) -> None:
    assert outcome.loaded.total > 0
    assert pipeline.run(site, "synthea", "rehearsal").loaded.total == 0
