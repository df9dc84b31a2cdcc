"""The mapping of a Synthea export, on small ones made here with what the real one lacks."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minns import pipeline
from minns.engine import Engine
from minns.site import open_site

Record = dict[str, str]
Ask = Callable[[str], list[tuple[Any, ...]]]

#: The columns that the mapping reads, for an export written here.
COLUMNS = {
    "patients": "Id BIRTHDATE DEATHDATE FIRST LAST GENDER ADDRESS CITY ZIP",
    "encounters": "Id START STOP PATIENT ORGANIZATION PROVIDER ENCOUNTERCLASS CODE DESCRIPTION",
    "organizations": "Id NAME",
    "providers": "Id NAME",
    "allergies": "START STOP PATIENT ENCOUNTER CODE SYSTEM DESCRIPTION CATEGORY"
    " REACTION1 DESCRIPTION1 SEVERITY1 REACTION2 DESCRIPTION2 SEVERITY2",
    "conditions": "START STOP PATIENT ENCOUNTER CODE DESCRIPTION",
    "immunizations": "DATE PATIENT ENCOUNTER CODE DESCRIPTION",
    "medications": "START STOP PATIENT ENCOUNTER CODE DESCRIPTION",
    "observations": "DATE PATIENT ENCOUNTER CODE DESCRIPTION VALUE UNITS TYPE",
    "procedures": "START STOP PATIENT ENCOUNTER CODE DESCRIPTION",
    "careplans": "Id",
    "devices": "UDI",
    "imaging_studies": "Id SERIES_UID INSTANCE_UID",
    "supplies": "CODE",
    "claims": "Id",
    "claims_transactions": "ID",
    "payers": "Id",
    "payer_transitions": "MEMBERID",
}
PLAIN = {
    "Id": "i",
    "ID": "i",
    "PATIENT": "i",
    "ENCOUNTER": "i",
    "ORGANIZATION": "i",
    "PROVIDER": "i",
    "START": "2020-01-01T12:00:00Z",
    "DATE": "2020-01-01T12:00:00Z",
}
DAYS = {"allergies", "conditions"}


def plain(name: str, **values: str) -> Record:
    """A record of a file, harmless but for `values`."""
    record = {column: PLAIN.get(column, "") for column in COLUMNS[name].split()}
    if name in DAYS:
        record["START"] = "2020-01-01"
    return {**record, **values}


@pytest.fixture
def shaped(tmp_path: Path) -> Callable[..., Ask]:
    """Land and shape an export of one record a file, but for those given; gives a query."""

    def shape(**given: list[Record]) -> Ask:
        (tmp_path / "export").mkdir()
        for name, columns in COLUMNS.items():
            with (tmp_path / "export" / f"{name}.csv").open("w", newline="") as lines:
                writer = csv.DictWriter(lines, columns.split())
                writer.writeheader()
                writer.writerows(given.get(name, [plain(name)]))
        (tmp_path / "minns.toml").write_text("[sources.synthea]\nfolder = 'export'\n")
        small = open_site(tmp_path)
        pipeline.check_source(small, "synthea")
        (step,) = (small.store.folder / "steps" / "shape-synthea").iterdir()

        def ask(sql: str) -> list[tuple[Any, ...]]:
            with Engine(small.store.scratch) as engine:
                for folder in step.iterdir():
                    if folder.is_dir():
                        engine.view(folder.name, sorted(folder.glob("*.parquet")))
                return engine.rows(sql)

        return ask

    return shape


def test_nothing_known_is_a_negation_and_hides_no_allergy(shaped: Callable[..., Ask]) -> None:
    nothing = plain("allergies", DESCRIPTION="No known allergy (situation)")
    nuts = plain("allergies", DESCRIPTION="Peanut", SEVERITY1="MILD", SEVERITY2="SEVERE")
    past = plain("allergies", DESCRIPTION="Egg", STOP="2021-02-03")
    ask = shaped(allergies=[nothing, nuts, past])
    assert ask(
        "select local_text, negated, severity, status, valid_to::text from alert order by 1"
    ) == [
        ("Egg", False, None, "obsolete", "2021-02-03"),
        ("No known allergy (situation)", True, None, "active", None),
        ("Peanut", False, "life_threatening", "active", None),
    ]


@pytest.mark.parametrize(
    ("utc", "there"),
    [
        pytest.param("2020-01-02T04:59:59Z", "2020-01-01 23:59:59", id="winter"),
        pytest.param("2020-07-02T03:59:59Z", "2020-07-01 23:59:59", id="summer"),
    ],
)
def test_a_visit_by_night_is_of_the_day_before(
    shaped: Callable[..., Ask], utc: str, there: str
) -> None:
    ask = shaped(
        encounters=[plain("encounters", START=utc)],
        procedures=[plain("procedures", START=utc)],
    )
    assert ask("select starts_at::text, status from care_contact") == [(there, "active")]
    assert ask("select performed_on::text, recorded_at::text from procedure") == [
        (there[:10], there)
    ]


def test_texts_keep_their_quotes_commas_and_blanks(shaped: Callable[..., Ask]) -> None:
    text = ' He said "no",  twice\nand left '
    ask = shaped(observations=[plain("observations", VALUE=text, TYPE="text", UNITS="null")])
    assert ask("select value_text, value_number, unit from observation") == [(text, None, None)]


def test_records_that_are_alike_are_told_apart(shaped: Callable[..., Ask]) -> None:
    ask = shaped(conditions=[plain("conditions")] * 2)
    assert ask("select count(*), count(distinct row_key) from condition") == [(2, 2)]
    assert ask("select count(*) from quarantine") == [(0,)]


@pytest.mark.parametrize(
    ("broken", "rule", "field"),
    [
        pytest.param({"DATE": "yesterday"}, "not_a_timestamp", "observed_at", id="no time"),
        pytest.param({"DATE": ""}, "missing_observed_at", "observed_at", id="time missing"),
        pytest.param({"PATIENT": "x"}, "no_such_patient", "local_patient_id", id="stranger"),
    ],
)
def test_a_record_that_cannot_be_right_is_quarantined(
    shaped: Callable[..., Ask], broken: Record, rule: str, field: str
) -> None:
    ask = shaped(observations=[plain("observations", **broken)])
    assert ask("select rule, field from quarantine where kind = 'observation'") == [(rule, field)]
    assert ask("select count(*) from observation") == [(0,)]
