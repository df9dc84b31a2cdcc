"""Local codes become standard ones by approved maps only; none is made up."""

from pathlib import Path
from typing import Any

import pytest
from canonical_rows import Case, Row

from minns.errors import MappingError
from minns.maps.sssom import COLUMNS
from minns.store import Store
from minns.terminology import Release, import_release


@pytest.fixture
def case(tmp_path: Path) -> Case:
    case = Case(tmp_path)
    case.known(
        "icd-10-se,2026,E11.9,Diabetes mellitus typ 2",
        "icd-10-se,2026,I10.9,Essentiell hypertoni",
        "icd-10-se,2026,I51.9,Hjärtsjukdom",
    )
    case.map("m1", "melior-diag:DIAB", "icd-10-se:E11.9", kind="condition", display="Diabetes")
    case.map("m2", "melior-diag:HJRT", "icd-10-se:I51.9", equivalence="wider")
    case.map("m3", "melior-diag:EGEN", "icd-10-se:I10.9", reviewers=("Ann",))
    case.map("m4", "melior-diag:NYAD", "icd-10-se:I10.9", reviewers=())
    case.map("m5", "melior-diag:HALV", "icd-10-se:I10.9", state="reviewed")
    case.map("m6", "melior-diag:NARA", "icd-10-se:I10.9", equivalence="")
    return case


def coded(case: Case, system: str, code: str, **more: Any) -> Row:
    case.add("condition", local_system=system, local_code=code, **more)
    return case.run().one("condition")


@pytest.mark.parametrize("written", ["E11.9", "e11.9", "E119", " E119 "])
def test_a_code_of_a_known_edition_is_itself(case: Case, written: str) -> None:
    fact = coded(case, "icd-10-se", written)
    assert (fact["code"], fact["map_id"], fact["equivalence"]) == ("E11.9", "same", "equal")
    assert fact["local_code"] == written
    assert fact["display"] == "Diabetes mellitus typ 2"


def test_an_approved_map_gives_the_standard_code(case: Case) -> None:
    fact = coded(case, "melior-diag", "diab", local_text="Åldersdiabetes")
    assert (fact["code"], fact["map_id"]) == ("E11.9", "m1")
    assert (fact["local_code"], fact["local_text"]) == ("diab", "Åldersdiabetes")


@pytest.mark.parametrize("code", ["EGEN", "NYAD", "HALV", "NARA", "OKND"])
def test_what_nobody_else_approved_stays_local(case: Case, code: str) -> None:
    fact = coded(case, "melior-diag", code, local_text="Egen kod")
    assert fact["equivalence"] == "unmapped"
    assert [fact[n] for n in ("system", "code", "display", "map_id")] == [None] * 4
    assert (fact["local_code"], fact["local_text"]) == (code, "Egen kod")


def test_a_map_of_one_kind_serves_no_other(case: Case) -> None:
    case.add("procedure", local_system="melior-diag", local_code="DIAB")
    assert case.run().one("procedure")["equivalence"] == "unmapped"


def test_use_of_codes_is_counted(case: Case) -> None:
    for patient in ("p", "q", "q"):
        case.add("condition", patient=patient, local_system="melior-diag", local_code="OKND")
    use = case.run().one("code_use")
    assert (use["occurrences"], use["patients"], use["code"]) == (3, 2, None)


def test_a_patient_with_one_open_code_is_not_mapped(case: Case) -> None:
    for patient, code in (("p", "DIAB"), ("q", "DIAB"), ("q", "OKND")):
        case.add("condition", patient=patient, local_system="melior-diag", local_code=code)
    case.add("condition", patient="r", local_text="Yrsel")
    count = case.run().one("code_patients")
    assert (count["kind"], count["patients"], count["patients_mapped"]) == ("condition", 2, 1)


def test_rows_of_one_standard_code_fold(case: Case) -> None:
    case.add("condition", local_system="melior-diag", local_code="DIAB", diagnosed_on=None)
    case.rows["condition"][0]["diagnosed_on"] = case.add(
        "condition", "asynja", local_system="icd-10-se", local_code="E119"
    )["diagnosed_on"]
    record = case.run()
    assert record.one("condition")["code"] == "E11.9"
    assert {r["local_code"] for r in record["lineage"]} == {"DIAB", "E119"}


def test_two_things_of_one_list_are_not_one_finer_thing(case: Case) -> None:
    case.add("condition", local_system="melior-diag", local_code="HJRT", local_text="Svikt")
    case.add("condition", local_system="melior-diag", local_code="HJRT", local_text="Flimmer")
    case.add("condition", "asynja", local_system="icd-10-se", local_code="I51.9")
    assert len(case.run()["condition"]) == 3


def test_rows_without_code_and_text_never_fold(case: Case) -> None:
    case.add("alert")
    case.add("alert")
    assert len(case.run()["alert"]) == 2


def test_two_approved_maps_for_one_code_are_refused(case: Case) -> None:
    case.map("n1", "melior-diag:diab", "icd-10-se:E10.9")
    with pytest.raises(MappingError, match=r"two for 'DIAB' of melior-diag"):
        case.run()


def test_a_code_known_twice_is_refused(case: Case) -> None:
    case.known("icd-10-se,2026,e11.9,A", "icd-10-se,2026,E11.9,B")
    with pytest.raises(MappingError, match=r"each known standard code once"):
        case.run()


def broken(case: Case, header: str, line: str = "", name: str = "broken.sssom.tsv") -> None:
    case.file(name, f"# license: x\n{header}\n{line}\n")


ROW = "\t".join(["a:1", "", "skos:exactMatch", "b:2", "", "semapv:MappingReview", *[""] * 9])


@pytest.mark.parametrize(
    ("header", "line"),
    [
        pytest.param("subject_id\tobject_id", "a:1\tb:2", id="columns missing"),
        pytest.param("\t".join(reversed(COLUMNS)), ROW, id="columns in another order"),
        pytest.param("\t".join(COLUMNS), "a:1\t\tskos:exactMatch", id="line too short"),
        pytest.param("\t".join(COLUMNS), ROW + "\tmore", id="line too long"),
        pytest.param("\t".join(COLUMNS), f'"{ROW}', id="quote left open"),
    ],
)
def test_a_broken_map_file_is_refused(case: Case, header: str, line: str) -> None:
    broken(case, header, line)
    with pytest.raises(MappingError, match=r"broken\.sssom\.tsv"):
        case.run()


def test_a_map_without_id_and_state_is_refused(case: Case) -> None:
    broken(case, "\t".join(COLUMNS), ROW)
    with pytest.raises(MappingError, match=r"id and state.*'1' of a"):
        case.run()


def test_a_map_in_another_code_page_is_refused(case: Case) -> None:
    path = case.file("latin.sssom.tsv", "")
    path.write_bytes("# öl\n".encode("latin1"))
    with pytest.raises(MappingError, match=r"UTF-8"):
        case.run()


def test_a_map_that_is_no_sssom_is_not_passed_over(case: Case) -> None:
    case.file("old.csv", "map_id,local_system\n")
    with pytest.raises(MappingError, match=r"old\.csv"):
        case.run()


def edition(case: Case, version: str, text: str) -> None:
    path = case.folder / f"{version}.txt"
    path.write_text(f"Kod\tTitel\tStatus\n{text}", encoding="utf-8")
    place = import_release(Store(case.folder / "work"), Release(path, "icd-10-se", version))
    case.maps.append(place.folder / "manifest.json")


def test_an_edition_of_the_store_knows_its_codes(case: Case) -> None:
    edition(case, "2020", "E11.9\tGammal text\taktiv\nE11.8\tUtgången\taktiv\nI10.9\tH\taktiv\n")
    edition(case, "2024", "E11.9\tNy text\taktiv\nE11.8\tUtgången\tutgått\n")
    assert coded(case, "icd-10-se", "e119")["display"] == "Ny text"
    case.rows.clear()
    assert coded(case, "icd-10-se", "E118")["system_version"] == "2020"
    case.rows.clear()
    assert coded(case, "icd-10-se", "I51.9")["equivalence"] == "unmapped"


def test_a_target_that_its_edition_does_not_have_is_refused(case: Case) -> None:
    edition(case, "2024", "E11.9\tDiabetes\taktiv\n")
    case.map("m7", "melior-diag:FEL", "icd-10-se:E77.7", system_version="2024")
    with pytest.raises(MappingError, match=r"m7.*'E77\.7'.*minns map check"):
        case.run()
