"""Local codes become standard ones by approved maps only; none is made up."""

from pathlib import Path
from typing import Any

import pytest
from canonical_rows import Case, Row

from minns.errors import MappingError

KNOWN = "system,system_version,code,display"


@pytest.fixture
def case(tmp_path: Path) -> Case:
    case = Case(tmp_path)
    case.csv(
        "known.csv",
        "icd-10-se,2026,E11.9,Diabetes mellitus typ 2",
        "icd-10-se,2026,I10.9,Essentiell hypertoni",
        "icd-10-se,2026,I51.9,Hjärtsjukdom",
        header=KNOWN,
    )
    case.csv(
        "melior.csv",
        "m1,melior-diag,DIAB,condition,icd-10-se,2026,E11.9,Diabetes mellitus typ 2,equal,ann,bo",
        "m2,melior-diag,HJRT,,icd-10-se,2026,I51.9,Hjärtsjukdom,wider,ann,bo",
        "m3,melior-diag,EGEN,,icd-10-se,2026,I10.9,Essentiell hypertoni,equal,ann,Ann",
        "m4,melior-diag,NYAD,,icd-10-se,2026,I10.9,Essentiell hypertoni,equal,ann,",
    )
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


@pytest.mark.parametrize("code", ["EGEN", "NYAD", "OKND"])
def test_what_nobody_else_reviewed_stays_local(case: Case, code: str) -> None:
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


def test_rows_of_one_standard_code_fold(case: Case) -> None:
    case.add("condition", local_system="melior-diag", local_code="DIAB", diagnosed_on=None)
    case.rows["condition"][0]["diagnosed_on"] = case.add(
        "condition", "asynja", local_system="icd-10-se", local_code="E119"
    )["diagnosed_on"]
    record = case.run()
    assert record.one("condition")["code"] == "E11.9"
    assert {r["local_code"] for r in record["lineage"]} == {"DIAB", "E119"}


def test_a_wider_code_folds_with_nothing_but_itself(case: Case) -> None:
    case.add("condition", local_system="melior-diag", local_code="HJRT", local_text="Svikt")
    case.add("condition", local_system="melior-diag", local_code="HJRT", local_text="Flimmer")
    case.add("condition", "asynja", local_system="icd-10-se", local_code="I51.9")
    assert len(case.run()["condition"]) == 3


def test_rows_without_code_and_text_never_fold(case: Case) -> None:
    case.add("alert")
    case.add("alert")
    assert len(case.run()["alert"]) == 2


def test_two_approved_maps_for_one_code_are_refused(case: Case) -> None:
    case.csv("more.csv", "n1,melior-diag,diab,,icd-10-se,2026,E10.9,Typ 1,equal,cia,bo")
    with pytest.raises(MappingError, match=r"two for 'DIAB' of melior-diag"):
        case.run()


def test_a_code_known_twice_is_refused(case: Case) -> None:
    case.csv("known.csv", "icd-10-se,2026,e11.9,A", "icd-10-se,2026,E11.9,B", header=KNOWN)
    with pytest.raises(MappingError, match=r"each known standard code once"):
        case.run()


@pytest.mark.parametrize(
    ("header", "line"),
    [
        pytest.param("map_id,local_system", "a,b", id="columns missing"),
        pytest.param(
            "local_system,map_id,local_code,kind,system,system_version,code,display,equivalence,"
            "author,reviewer",
            "a,b,c,d,e,f,g,h,equal,i,j",
            id="columns in another order",
        ),
        pytest.param(None, "a,b,c", id="line too short"),
        pytest.param(None, "a,b,c,d,e,f,g,h,equal,i,j,k", id="line too long"),
        pytest.param(None, 'a,b,c,d,e,f,g,"h,equal,i,j', id="quote left open"),
    ],
)
def test_a_broken_map_file_is_refused(case: Case, header: str | None, line: str) -> None:
    case.csv("broken.csv", line, **({"header": header} if header else {}))
    with pytest.raises(MappingError, match=r"broken\.csv"):
        case.run()


def test_a_map_in_another_code_page_is_refused(case: Case) -> None:
    case.csv("latin.csv")
    case.maps[-1].write_bytes(case.maps[-1].read_bytes() + "ä,b,c,d,e,f,g,h,i,j,k".encode("latin1"))
    with pytest.raises(MappingError, match=r"CSV in UTF-8"):
        case.run()
