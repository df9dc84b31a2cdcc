"""Rows that say the same are one fact; rows that disagree are all kept, and shown."""

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from canonical_rows import DAY, Case

PENICILLIN: dict[str, Any] = {"local_system": "atc", "local_code": "J01CE02"}
ALVEDON: dict[str, Any] = {**PENICILLIN, "order_type": "start", "starts_on": DAY}
LATER = DAY + datetime.timedelta(days=400)
AT = datetime.datetime(2020, 3, 1, 8, 30)

#: A kind, what both rows say, and what the second says beside it without disagreeing.
SAME = [
    ("care_contact", {"starts_at": AT, "care_unit": "E01"}, {"ends_at": AT}),
    ("condition", PENICILLIN, {"certainty": "confirmed"}),
    ("condition", {**PENICILLIN, "chronic": True}, {"diagnosed_on": LATER}),
    ("condition", PENICILLIN, {"negated": False, "chronic": False}),
    ("condition", PENICILLIN, {"chronic": True}),
    ("condition", {**PENICILLIN, "category": "main"}, {"category": "secondary"}),
    ("alert", PENICILLIN, {"severity": "harmful"}),
    ("alert", PENICILLIN, {"valid_from": DAY}),
    ("medication", ALVEDON, {"dose_text": "1 tablett"}),
    ("medication", {**ALVEDON, "dose_text": "1 Tablett"}, {"dose_text": "1 tablett "}),
    ("observation", PENICILLIN, {"value_text": "7,2"}),
    ("procedure", PENICILLIN, {"author": "Bo"}),
    ("immunization", PENICILLIN, {"batch": "A1"}),
    ("document", {"body": "Mår väl.\n", "written_at": AT}, {"title": "Besök"}),
    ("access_block", {"blocked_care_unit": "E01"}, {"block_id": "17"}),
]
#: A kind, what both rows say, and on what they disagree: two facts and a conflict.
CONFLICTS: list[tuple[str, dict[str, Any], str, Any, Any]] = [
    ("care_contact", {"starts_at": AT}, "status", "active", "completed"),
    ("care_contact", {"starts_at": AT}, "ends_at", AT, datetime.datetime(2020, 3, 2)),
    ("condition", PENICILLIN, "status", "active", "refuted"),
    ("condition", PENICILLIN, "certainty", "suspected", "confirmed"),
    ("condition", PENICILLIN, "chronic", False, True),
    ("condition", PENICILLIN, "negated", None, True),
    ("alert", PENICILLIN, "severity", "mild", "life_threatening"),
    ("alert", PENICILLIN, "status", "active", "obsolete"),
    ("alert", PENICILLIN, "negated", None, True),
    ("medication", ALVEDON, "dose_text", "1 tablett", "2 tabletter"),
    ("medication", ALVEDON, "ends_on", None, DAY),
    ("medication", ALVEDON, "status", "active", "stopped"),
    ("observation", PENICILLIN, "value_text", "7,2", "7,3"),
    ("observation", PENICILLIN, "status", "completed", "nullified"),
    ("procedure", PENICILLIN, "status", "completed", "nullified"),
    ("immunization", PENICILLIN, "batch", "A1", "A2"),
    ("immunization", PENICILLIN, "dose_number", 1, 2),
    ("document", {"body": "Mår väl.", "written_at": AT}, "signed", True, False),
]
#: A kind, what both rows say, and what keeps them apart without a conflict.
APART: list[tuple[str, dict[str, Any], str, Any, Any]] = [
    ("care_contact", {"starts_at": AT}, "care_unit", "E01", "E02"),
    ("condition", PENICILLIN, "diagnosed_on", DAY, LATER),
    ("condition", PENICILLIN, "date_precision", "year", None),
    ("procedure", PENICILLIN, "date_precision", "year", "month"),
    ("alert", PENICILLIN, "valid_to", None, DAY),
    ("alert", PENICILLIN, "comment", "utslag", "andnöd"),
    ("alert", {"local_system": "melior-x", "local_code": "ÖVR"}, "local_text", "Nötter", "Fisk"),
    ("medication", ALVEDON, "stage", None, "administration"),
    ("medication", ALVEDON, "route", "oralt", "rektalt"),
    ("observation", PENICILLIN, "observed_at", AT, datetime.datetime(2020, 3, 1, 8, 31)),
    ("observation", PENICILLIN, "utc_offset", "+01:00", "+02:00"),
    ("document", {"body": "Mår väl.", "written_at": AT}, "body", "Mår väl.", "Mår väl. "),
    ("access_block", {"blocked_care_unit": "E01"}, "status", "active", "stopped"),
    ("access_block", {"blocked_care_unit": "E01"}, "information_to", None, DAY),
    ("access_block", {"blocked_care_unit": "E01"}, "exempt", None, "lak upp"),
    ("access_block", {"blocked_care_unit": "E01"}, "block_type", "inner", "outer"),
]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


@pytest.mark.parametrize(("kind", "both", "more"), SAME)
def test_rows_that_do_not_disagree_are_one_fact(
    case: Case, kind: str, both: dict[str, Any], more: dict[str, Any]
) -> None:
    case.add(kind, **both)
    case.add(kind, "asynja", **{**both, **more})
    record = case.run()
    assert len(record[kind]) == 1
    assert record.roles(kind) == {"loaded": 1, "consolidated": 1}
    assert record["conflict"] == []


@pytest.mark.parametrize(("kind", "both", "field", "one", "other"), CONFLICTS)
def test_rows_that_disagree_are_two_facts_in_conflict(
    case: Case, kind: str, both: dict[str, Any], field: str, one: Any, other: Any
) -> None:
    case.add(kind, **{**both, field: one})
    case.add(kind, "asynja", **{**both, field: other})
    record = case.run()
    facts = {f["source"]: f for f in record[kind]}
    assert {s: f[field] for s, f in facts.items()} == {"melior": one, "asynja": other}
    assert record.roles(kind) == {"loaded": 2}
    conflict = record.one("conflict")
    assert (conflict["field"], conflict["rule"]) == (field, f"{kind}_{field}_differs")
    assert conflict["fact_id"] == facts["melior"]["fact_id"]
    assert conflict["other_fact_id"] == facts["asynja"]["fact_id"]


@pytest.mark.parametrize(("kind", "both", "field", "one", "other"), APART)
def test_rows_about_different_things_stay_apart(
    case: Case, kind: str, both: dict[str, Any], field: str, one: Any, other: Any
) -> None:
    case.add(kind, **{**both, field: one})
    case.add(kind, "asynja", **{**both, field: other})
    record = case.run()
    assert {f["source"]: f[field] for f in record[kind]} == {"melior": one, "asynja": other}
    assert record["conflict"] == []


def test_one_person_is_not_another(case: Case) -> None:
    case.add("alert", patient="p", **PENICILLIN)
    case.add("alert", patient="q", **PENICILLIN)
    assert {f["person_id"] for f in case.run()["alert"]} == {"person-p", "person-q"}


def test_a_decimal_comma_is_a_decimal_point(case: Case) -> None:
    number = {**PENICILLIN, "value_number": Decimal("7.2")}
    case.add("observation", **number, value_text="7,2", unit="mmol/L")
    case.add("observation", "asynja", **number, value_text="7.20", unit="mmol/l")
    record = case.run()
    assert record.one("observation")["value_text"] == "7,2"
    case.add("observation", "asynja", **number, value_text="7.2", unit="mol/l")
    assert len(case.run()["observation"]) == 2


def test_prefixes_of_units_are_not_confused(case: Case) -> None:
    for unit in ("mU/L", "MU/L"):
        case.add("observation", **PENICILLIN, value_number=Decimal(5), unit=unit)
    record = case.run()
    assert len(record["observation"]) == 2
    assert len(record["conflict"]) == 1


def test_less_than_five_is_not_five(case: Case) -> None:
    for comparator in ("<", None):
        case.add(
            "observation", **PENICILLIN, value_number=Decimal(5), comparator=comparator, unit="g/l"
        )
    assert len(case.run()["conflict"]) == 1


def test_no_known_allergy_hides_none(case: Case) -> None:
    case.add("alert", local_text="Ingen känd överkänslighet", negated=True)
    known = case.add("alert", "asynja", **PENICILLIN, severity="life_threatening")
    record = case.run()
    assert {f["negated"] for f in record["alert"]} == {True, None}
    assert record.one("conflict")["rule"] == "alert_none_known_but_known"
    known["status"] = "refuted"
    assert case.run()["conflict"] == []


def test_two_active_orders_of_one_drug_in_different_doses_conflict(case: Case) -> None:
    case.add("medication", **ALVEDON, dose_text="1 x 1")
    later = case.add("medication", "asynja", **{**ALVEDON, "starts_on": LATER}, dose_text="1 x 2")
    assert case.run().one("conflict")["rule"] == "medication_active_dose_differs"
    later["status"] = "stopped"
    assert case.run().one("conflict")["rule"] == "medication_stopped_elsewhere"


def test_free_text_is_kept_to_the_byte(case: Case) -> None:
    body = "  Rad ett\r\n\tÅÄÖ | 'citat' \\ \"q\" \u2028\n" + "x" * 8000
    case.add("document", body=body)
    assert case.run().one("document")["body"] == body


def test_a_chronic_diagnosis_is_as_old_as_its_first_record(case: Case) -> None:
    case.add("condition", **PENICILLIN, chronic=True, diagnosed_on=LATER)
    case.add("condition", "asynja", **PENICILLIN, chronic=True, diagnosed_on=DAY)
    fact = case.run().one("condition")
    assert (fact["diagnosed_on"], fact["source"]) == (DAY, "melior")


def test_what_is_known_of_a_date_goes_with_it(case: Case) -> None:
    case.add("condition", **PENICILLIN, chronic=True, diagnosed_on=LATER)
    case.add("condition", **PENICILLIN, chronic=True, diagnosed_on=DAY, date_precision="month")
    fact = case.run().one("condition")
    assert (fact["diagnosed_on"], fact["date_precision"]) == (DAY, "month")


def test_a_chronic_disease_is_one_however_often_it_is_met(case: Case) -> None:
    case.add("condition", **PENICILLIN, chronic=True, diagnosed_on=DAY)
    case.add("condition", "asynja", **PENICILLIN, diagnosed_on=LATER)
    assert case.run().one("condition")["diagnosed_on"] == DAY


def test_an_episode_of_another_day_is_not_drawn_into_the_chronic_diagnosis(case: Case) -> None:
    case.add("condition", **PENICILLIN, chronic=True, diagnosed_on=DAY)
    case.add("condition", "asynja", **PENICILLIN, chronic=False, diagnosed_on=LATER)
    days = sorted(fact["diagnosed_on"] for fact in case.run()["condition"])
    assert days == [DAY, LATER]


def test_nobody_signs_for_another(case: Case) -> None:
    case.add("alert", **PENICILLIN, author="Ann")
    case.add("alert", "asynja", **PENICILLIN, author="Bo", signed=True, care_unit="E02")
    record = case.run()
    fact = record.one("alert")
    assert (fact["author"], fact["signed"], fact["care_unit"]) == ("Ann", None, None)
    assert {r["care_unit"] for r in record["lineage"]} == {None, "E02"}


@pytest.mark.parametrize(
    ("words", "shown"),
    [((True, True), True), ((True, False), False), ((True, None), None), ((None, False), False)],
)
def test_the_strictest_word_on_showing_counts(
    case: Case, words: tuple[bool | None, ...], shown: bool | None
) -> None:
    for word in words:
        case.add("alert", **PENICILLIN, approved_for_patient=word)
    assert case.run().one("alert")["approved_for_patient"] is shown


def test_an_empty_value_takes_no_side(case: Case) -> None:
    for source, severity in (("melior", None), ("asynja", "mild"), ("asynja", "harmful")):
        case.add("alert", source, **PENICILLIN, severity=severity)
    record = case.run()
    facts = {f["severity"]: f["fact_id"] for f in record["alert"]}
    assert set(facts) == {None, "mild", "harmful"}
    conflict = record.one("conflict")
    assert (conflict["fact_id"], conflict["other_fact_id"]) == (facts["mild"], facts["harmful"])


def test_an_empty_value_is_filled_from_the_first_that_has_one(case: Case) -> None:
    case.add("alert", **PENICILLIN)
    case.add("alert", **PENICILLIN, valid_from=LATER, severity="mild")
    case.add("alert", "asynja", **PENICILLIN, comment="utslag", valid_from=DAY)
    fact = case.run().one("alert")
    assert (fact["severity"], fact["comment"], fact["valid_from"]) == ("mild", "utslag", DAY)


def test_a_later_source_changes_no_id(case: Case) -> None:
    case.add("alert", **PENICILLIN, severity="mild")
    case.add("alert", **PENICILLIN, severity="harmful")
    case.add("alert", local_text="Nötter")
    before = {f["fact_id"] for f in case.run()["alert"]}
    case.add("alert", "asynja", **PENICILLIN, severity="mild")
    case.add("alert", "asynja", **PENICILLIN, severity="life_threatening")
    assert before < {f["fact_id"] for f in case.run()["alert"]}


def test_the_earlier_wave_founds_the_fact(case: Case) -> None:
    case.add("alert", "asynja", **PENICILLIN)
    case.add("alert", "melior", **PENICILLIN)
    assert case.run().one("alert")["source"] == "melior"
    case.sources = ("asynja", "melior")
    assert case.run().one("alert")["source"] == "asynja"


def test_nothing_in_nothing_out(case: Case) -> None:
    record = case.run()
    assert {t: record.dataset.rows(t) for t in record.dataset.tables if record[t]} == {}


KSH: dict[str, Any] = {"local_system": "ksh97-p", "local_code": "I10-P", "local_text": "Hypertoni"}
ICD: dict[str, Any] = {"local_system": "icd-10-se", "local_code": "I109"}


@pytest.fixture
def coarse(case: Case) -> Case:
    """A case in which primary care's I10-P is mapped to I10, which says less than I10.9."""
    case.known(
        "icd-10-se,2024,I10.9,Essentiell hypertoni",
        "icd-10-se,2024,I10.0,Annan",
        "icd-10-se,2024,I10,Hypertoni",
    )
    case.map("m1", "ksh97-p:I10-P", "icd-10-se:I10", equivalence="wider")
    return case


@pytest.mark.parametrize("first", ["ksh", "icd"])
def test_a_coarser_code_goes_with_the_finer_one_whoever_came_first(
    coarse: Case, first: str
) -> None:
    sources = ("melior", "asynja") if first == "ksh" else ("asynja", "melior")
    coarse.add("condition", sources[0], **KSH, chronic=True, diagnosed_on=DAY)
    coarse.add("condition", sources[1], **ICD, diagnosed_on=LATER)
    record = coarse.run()
    fact = record.one("condition")
    assert (fact["code"], fact["local_code"], fact["diagnosed_on"]) == ("I10.9", "I109", DAY)
    assert {row["local_code"] for row in record["lineage"]} >= {"I10-P", "I109"}


@pytest.mark.parametrize(
    ("ksh", "icd"),
    [
        ({"diagnosed_on": DAY}, {"diagnosed_on": LATER}),
        ({"chronic": True, "diagnosed_on": DAY}, {"chronic": False, "diagnosed_on": LATER}),
        ({"negated": True}, {}),
    ],
)
def test_a_coarser_code_of_another_episode_is_its_own(
    coarse: Case, ksh: dict[str, Any], icd: dict[str, Any]
) -> None:
    coarse.add("condition", "asynja", **KSH, **ksh)
    coarse.add("condition", **ICD, **icd)
    assert {f["code"] for f in coarse.run()["condition"]} == {"I10", "I10.9"}


def test_a_coarser_code_over_two_finer_ones_is_its_own(coarse: Case) -> None:
    coarse.add("condition", "asynja", **KSH)
    coarse.add("condition", **ICD)
    coarse.add("condition", **{**ICD, "local_code": "I10.0"})
    assert sorted(f["code"] for f in coarse.run()["condition"]) == ["I10", "I10.0", "I10.9"]


def test_a_coarser_code_that_says_otherwise_is_a_conflict(coarse: Case) -> None:
    coarse.add("condition", "asynja", **KSH, status="completed")
    coarse.add("condition", **ICD)
    record = coarse.run()
    assert len(record["condition"]) == 2
    assert record.one("conflict")["rule"] == "condition_status_differs"


def test_a_main_diagnosis_is_one_though_another_calls_it_secondary(case: Case) -> None:
    case.add("condition", **PENICILLIN, category="secondary")
    case.add("condition", "asynja", **PENICILLIN, category="main")
    record = case.run()
    assert record.one("condition")["category"] == "main"
    said = {row["category"] for row in record["lineage"] if row["kind"] == "condition"}
    assert said == {"main", "secondary"}


def test_what_is_struck_out_keeps_no_two_rows_apart(case: Case) -> None:
    case.add("alert", **PENICILLIN, severity="mild", status="nullified")
    case.add("alert", "asynja", **PENICILLIN, severity="harmful")
    case.add("alert", "asynja", **PENICILLIN)
    facts = {f["status"]: f["severity"] for f in case.run()["alert"]}
    assert facts == {"nullified": "mild", "active": "harmful"}


def test_the_same_words_are_the_same_thing_in_every_system(case: Case) -> None:
    said = {"local_code": "Vill inte ha blod", "local_text": "Vill inte ha blod"}
    case.add("alert", **said, local_system="melior-varning")
    case.add("alert", "asynja", **said, local_system="asynja-ok")
    assert len(case.run()["alert"]) == 1


def test_one_stay_is_told_by_two_clocks(case: Case) -> None:
    stay = {"category": "inpatient", "care_unit": "E01", "status": "completed"}
    out = AT + datetime.timedelta(days=3)
    near = datetime.timedelta(minutes=20)
    case.add("care_contact", **stay, starts_at=AT, ends_at=out)
    case.add("care_contact", "asynja", **stay, starts_at=AT + near, ends_at=out - near)
    case.add("care_contact", "asynja", **stay, starts_at=AT + near)
    case.add("care_contact", **stay, starts_at=out + near, ends_at=out + 2 * near)
    record = case.run()
    assert sorted(f["starts_at"] for f in record["care_contact"]) == [AT, out + near]
    assert record["conflict"] == []


def test_a_stay_that_ends_on_another_day_is_disputed(case: Case) -> None:
    stay: dict[str, Any] = {"category": "inpatient", "care_unit": "E01", "starts_at": AT}
    for days in (2, 3):
        case.add("care_contact", **stay, ends_at=AT + datetime.timedelta(days=days))
    assert case.run().one("conflict")["rule"] == "care_contact_ends_at_differs"
