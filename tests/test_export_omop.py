"""The record as OMOP tables: the model's own columns, nothing lost untold, nothing made to happen
that did not.
"""

import csv
import datetime
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from exports import DAY, Files, Held, fact, site_with, someone
from omop_cdm54 import defined
from releases import wrote

from load.research import Choice
from load.research import omop as research
from minns import exporting
from minns.errors import ConfigError
from minns.exporting import Asked
from minns.site import Site
from minns.terminology import Release, import_release

_TYPES = {"i": "INTEGER", "d": "DATE", "t": "TIMESTAMP", "n": "DECIMAL(18,6)"}
EVENTS = (
    "visit_occurrence condition_occurrence drug_exposure procedure_occurrence measurement "
    "observation note"
).split()
ALL = Asked(Choice(with_identifiers=True, with_texts=True))


@pytest.fixture(scope="module")
def written(cut_over: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("out") / "cdm"
    exporting.omop(cut_over, folder, Asked(csv=True))
    yield folder


@pytest.fixture(scope="module")
def all_of_it(cut_over: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("out") / "all"
    exporting.omop(cut_over, folder, ALL)
    yield folder


def told(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def test_every_table_has_the_columns_of_the_model(written: Path) -> None:
    files = Files(written)
    assert {*files.names} == {*defined(), "unmapped"}
    for table, columns in defined().items():
        types = files.types(table)
        assert list(types) == [name for name, _, _ in columns]
        for name, kind, _ in columns:
            own = name.endswith("_id") and not name.endswith("concept_id")
            assert types[name] == ("BIGINT" if own else _TYPES.get(kind, "VARCHAR")), name


@pytest.mark.parametrize("which", ["written", "all_of_it"])
def test_what_must_be_filled_is_and_no_text_is_too_long(
    which: str, request: pytest.FixtureRequest
) -> None:
    files = Files(request.getfixturevalue(which))
    for table, columns in defined().items():
        for name, kind, required in columns:
            if required:
                assert files.column(f"select count(*) from {table} where {name} is null") == [0]
            if kind.isdigit():
                longest = files.column(f"select coalesce(max(length({name})), 0) from {table}")
                assert longest[0] <= int(kind)


@pytest.mark.parametrize("which", ["written", "all_of_it"])
def test_ids_are_unique_and_lead_somewhere(which: str, request: pytest.FixtureRequest) -> None:
    files = Files(request.getfixturevalue(which))
    for table, columns in defined().items():
        names = [name for name, _, _ in columns]
        if f"{table}_id" in names:
            twice = f"select count(*) - count(distinct {table}_id) from {table}"
            assert files.column(twice) == [0]
        for other in ("person", "care_site", "provider", "location", "visit_occurrence"):
            if f"{other}_id" in names:
                given = f"(from {table} where {other}_id is not null)"
                lost = f"select count(*) from {given} as t anti join {other} using ({other}_id)"
                assert files.column(lost) == [0]


def test_every_fact_is_exported_or_left_out_for_a_reason(cut_over: Site, written: Path) -> None:
    books = told(written)["facts"]
    assert {kind: book["record"] for kind, book in books.items()} == Held(cut_over).counts()
    for book in books.values():
        assert book["exported"] + sum(book["left_out"].values()) == book["record"]
    files = Files(written)
    rows = sum(files.column(f"select count(*) from {table}")[0] for table in EVENTS)
    assert rows == sum(book["exported"] for book in books.values())
    assert rows == sum(told(written)["tables"][table] for table in EVENTS)


def test_nothing_leads_to_what_is_left_out(cut_over: Site, written: Path, all_of_it: Path) -> None:
    hidden = Held(cut_over).hidden()
    for folder in (written, all_of_it):
        assert Files(folder).holding(hidden) == []
    where = "from current_person where protection = 'none'"
    open_ids = set(Held(cut_over).column(f"select person_id {where}"))
    assert set(Files(all_of_it).column("select person_source_value from person")) <= open_ids


def test_people_are_not_named_unless_it_is_asked_for(
    cut_over: Site, written: Path, all_of_it: Path
) -> None:
    held = Held(cut_over)
    where = "where protection = 'none' and length(street) > 5"
    named = held.column(f"select street from current_person {where}")
    named += held.column("select author from current_condition where blocked is null")
    assert Files(written).holding(named) == []
    assert {"location.address_1", "provider.provider_source_value"} == set(
        Files(all_of_it).holding(named)
    )
    assert Files(written).column("select count(*) from note") == [0]
    assert Files(all_of_it).column("select count(*) > 0 from note") == [True]


def test_the_same_record_gives_the_same_bytes(
    cut_over: Site, written: Path, tmp_path: Path
) -> None:
    exporting.omop(cut_over, tmp_path / "again", Asked(csv=True))
    for path in written.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


def test_the_csv_files_say_the_same(written: Path) -> None:
    files = Files(written)
    for table in defined():
        with (written / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
        assert lines[0] == list(files.types(table))
        assert len(lines) - 1 == files.column(f"select count(*) from {table}")[0]


def test_events_lie_within_the_observation_period(written: Path) -> None:
    files = Files(written)
    sql = """
        select count(*) from condition_occurrence as c
        left join observation_period as p on p.person_id = c.person_id and condition_start_date
            between observation_period_start_date and observation_period_end_date
        where p.person_id is null"""
    assert files.column(sql) == [0]
    assert files.column("select count(*) from visit_occurrence") > [0]


@pytest.fixture(scope="module")
def hand_made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One fact of each sort that matters, and a vocabulary of a few concepts."""
    folder = tmp_path_factory.mktemp("hand")
    site = site_with(folder / "p", RECORD)
    vocabulary = folder / "athena"
    for name, text in VOCABULARY.items():
        wrote(vocabulary, name, text)
    import_release(site.store, Release(vocabulary, system="omop", version="v5.0-2024"))
    yield site


@pytest.fixture(scope="module")
def mapped(hand_made: Site, tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("out") / "cdm"
    exporting.omop(hand_made, folder, ALL)
    return Files(folder)


def _coded(system: str, code: str) -> dict[str, str]:
    return {"local_system": f"own-{system}", "local_code": f"l-{code}", "system": system} | {
        "code": code
    }


RECORD = {
    "person": [
        someone("P1"),
        someone("P2", birth_date=None, number="198001012384", number_type="personal"),
        someone("P3", birth_date=None),
    ],
    "care_contact": [
        fact("care_contact", "stay", category="inpatient"),
        fact("care_contact", "call", category="phone", starts_at=None),
    ],
    "condition": [
        fact("condition", "asthma", **_coded("icd-10-se", "J45.9")),
        fact("condition", "screening", **_coded("icd-10-se", "Z12.3")),
        fact("condition", "denied", negated=True),
        fact("condition", "perhaps", certainty="suspected"),
        fact("condition", "struck", status="nullified"),
        fact("condition", "wrong", status="refuted"),
        fact("condition", "whose", person_id="P3"),
        fact("condition", "own", person_id="P2", **_coded("own-list", "X")),
    ],
    "alert": [
        fact("alert", "penicillin", **_coded("atc", "J01CE02"), severity="harmful"),
        fact("alert", "asthmatic", **_coded("icd-10-se", "J45.9"), category="disease"),
    ],
    "medication": [
        fact("medication", "tablet", **_coded("atc", "J01CE02"), stage="dispense", dose_days=7),
        fact("medication", "month", date_precision="month", starts_on=DAY),
        fact("medication", "stopped", order_type="stop"),
        fact("medication", "backwards", ends_on=DAY - datetime.timedelta(days=3)),
        fact("medication", "never", starts_on=None),
    ],
    "observation": [
        fact(
            "observation",
            "potassium",
            **_coded("loinc", "2823-3"),
            value_text="<4,1",
            value_number=4,
            comparator="<",
            unit="mmol/l",
            standard_number=4,
            standard_unit="mmol/L",
        ),
        fact("observation", "smear", value_text="pos", value_kind="finding", finding="positive"),
        fact("observation", "undone", value_kind="not_done"),
        fact("observation", "cancelled", result_status="cancelled"),
        fact("observation", "first", replaced_by="potassium"),
    ],
    "document": [fact("document", "note"), fact("document", "draft", standing="unsigned")],
}
#: A few concepts: number, name, domain, vocabulary, standard, code, reason for which it is invalid.
CONCEPTS = """
    1 asthma Condition ICD10 - J45.9 -
    2 asthma Condition SNOMED S 195967001 -
    3 screening Observation ICD10 - Z12.3 -
    4 screening Procedure SNOMED S 24623002 -
    5 penicillin Drug ATC C J01CE02 -
    6 penicillin Drug RxNorm S 7984 -
    7 drug-allergy Observation SNOMED S 416098002 -
    8 potassium Measurement LOINC S 2823-3 -
    9 mmol-per-litre Unit UCUM S mmol/L -
    10 positive Meas-Value SNOMED S 10828004 -
    11 old-asthma Condition SNOMED S 1 U"""
MAPS = "1 2 -, 1 11 -, 1 7 D, 3 4 -, 5 6 -"
_CONCEPT = "concept_id concept_name domain_id vocabulary_id standard_concept concept_code"


def _tabbed(lines: list[str]) -> str:
    return "".join(line.strip().replace(" ", "\t").replace("\t-", "\t") + "\n" for line in lines)


VOCABULARY = {
    "CONCEPT.csv": _tabbed(
        [f"{_CONCEPT} invalid_reason valid_start_date valid_end_date"]
        + [f"{line} 19700101 20991231" for line in CONCEPTS.strip().splitlines()]
    ),
    "CONCEPT_RELATIONSHIP.csv": _tabbed(
        ["concept_id_1 concept_id_2 relationship_id invalid_reason"]
        + [" ".join([*m.split()[:2], "Maps_to", m.split()[2]]) for m in MAPS.split(", ")]
    ).replace("Maps_to", "Maps to"),
}


def test_what_did_not_happen_is_no_event(hand_made: Site, tmp_path: Path) -> None:
    manifest = exporting.omop(hand_made, tmp_path / "cdm", ALL)
    left = {kind: book["left_out"] for kind, book in manifest["facts"].items() if book["record"]}
    assert left == {
        "care_contact": {"no_date": 1},
        "condition": {
            "negated": 1,
            "no_birth_year": 1,
            "nullified": 1,
            "refuted": 1,
            "suspected": 1,
        },
        "alert": {},
        "medication": {"no_date": 1, "stop_order": 1},
        "observation": {"cancelled": 1, "not_done": 1, "replaced": 1},
        "document": {"unsigned": 1},
    }
    assert manifest["persons"]["left_out"] == {"no_birth_year": 1}


def test_a_code_has_its_standard_concept_and_keeps_its_own(mapped: Files) -> None:
    said = "condition_source_value, condition_source_concept_id, condition_concept_id"
    rows = mapped.rows(f"select {said} from condition_occurrence order by all")
    assert rows == [("l-J45.9", 1, 2), ("l-J45.9", 1, 2), ("l-X", 0, 0)]


def test_the_domain_of_the_concept_decides_the_table(mapped: Files) -> None:
    said = "procedure_concept_id, procedure_source_concept_id"
    assert mapped.rows(f"select {said} from procedure_occurrence") == [(4, 3)]


def test_a_warning_of_a_drug_is_no_exposure_to_it(mapped: Files) -> None:
    said = "observation_concept_id, value_as_concept_id, qualifier_source_value"
    assert mapped.rows(f"select {said} from observation") == [(7, 6, "harmful")]
    assert mapped.column("select count(*) from drug_exposure where drug_concept_id = 6") == [1]


def test_a_result_has_its_unit_and_its_comparator(mapped: Files) -> None:
    said = (
        "measurement_concept_id, operator_concept_id, value_as_number, unit_concept_id, "
        "unit_source_value, value_source_value"
    )
    where = "where measurement_concept_id = 8"
    assert mapped.rows(f"select {said} from measurement {where}") == [
        (8, 4171756, 4, 9, "mmol/l", "<4,1")
    ]
    findings = "select value_as_concept_id from measurement where value_source_value = 'pos'"
    assert mapped.column(findings) == [10]


def test_a_drug_ends_no_day_before_it_begins(mapped: Files, hand_made: Site) -> None:
    spans = mapped.rows(
        "select drug_exposure_end_date - drug_exposure_start_date, drug_type_concept_id "
        "from drug_exposure order by all"
    )
    assert spans == [(0, 32833), (0, 32833), (6, 32825)]
    dates = told(mapped.folder)["dates"]["drug_exposure"]
    assert dates == {
        "end_by_days": 1,
        "end_before_start": 1,
        "end_is_start": 1,
        "first_day_of_period": 1,
    }


def test_unmapped_codes_are_told(mapped: Files) -> None:
    assert mapped.rows("select local_system, code, rows from unmapped where code is not null") == [
        ("own-own-list", "X", 1)
    ]
    counted = told(mapped.folder)["concepts"]["condition_occurrence"]
    assert counted == {"rows": 3, "unmapped": 1}


def test_the_year_of_birth_may_be_that_of_the_number(mapped: Files) -> None:
    said = "person_source_value, year_of_birth, month_of_birth"
    assert mapped.rows(f"select {said} from person order by all") == [
        ("P1", 1950, 5),
        ("P2", 1980, None),
    ]


def test_the_vocabulary_is_named_and_one_that_is_not_there_refused(
    mapped: Files, hand_made: Site, tmp_path: Path
) -> None:
    assert mapped.column("select vocabulary_version from cdm_source") == ["v5.0-2024"]
    with pytest.raises(ConfigError, match=r"v5[.]0-2024"):
        exporting.omop(hand_made, tmp_path / "cdm", Asked(vocabulary="v6"))


@pytest.mark.parametrize("digits", [1, 2])
def test_ids_that_meet_are_told_apart_the_same_each_time(
    hand_made: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digits: int
) -> None:
    whole = research.write_tables

    monkeypatch.setattr(research, "write_tables", partial(whole, digits=digits))
    folders = [tmp_path / name for name in ("first", "second")]
    manifests = [exporting.omop(hand_made, folder, ALL) for folder in folders]
    if digits == 1:
        assert manifests[0]["ids_hashed_again"]
    for table in EVENTS:
        one, two = ((folder / f"{table}.parquet").read_bytes() for folder in folders)
        assert one == two
        files = Files(folders[0])
        assert files.column(f"select count(*) - count(distinct {table}_id) from {table}") == [0]
        lost = f"select count(*) from {table} anti join person using (person_id)"
        assert files.column(lost) == [0]
