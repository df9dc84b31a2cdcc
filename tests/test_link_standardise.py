"""What becomes of a patient as a source tells it: one example of each trap."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from standardising import number, run, standard, told

WOMAN, MAN = number("19900212", 984), number("19900212", 981)
WRONG = f"{WOMAN[:-1]}{(int(WOMAN[-1]) + 1) % 10}"


def day(written: str) -> datetime.date:
    return datetime.date.fromisoformat(written)


NAMES: list[Any] = [
    # given names, surname, called: given words, key, called; surname words, key
    ("Maria Anna", "Berg", None, ["maria", "ana"], "ana maria", "maria", ["berg"], "berg"),
    ("Maria Anna", "Berg", "Anna", ["maria", "ana"], "ana maria", "ana", ["berg"], "berg"),
    (
        "Anna-Karin",
        "Ek-Berg",
        None,
        ["ana", "karin"],
        "ana karin",
        "ana",
        ["ek", "berg"],
        "berg ek",
    ),
    ("Anna K", "Berg Ek", None, ["ana"], "ana", "ana", ["berg", "ek"], "berg ek"),
    ("K", "Berg", None, ["k"], None, None, ["berg"], "berg"),
    ("Carl", "von Essen", None, ["karl"], "karl", "karl", ["esen"], "esen"),
    ("Carl", "Af", None, ["karl"], "karl", "karl", ["af"], "af"),
    ("Flicka", "Andersson", None, None, None, None, ["anderson"], "anderson"),
    ("Flicka Andersson", None, None, None, None, None, None, None),
    ("Tvilling A", "Andersson (barn)", None, None, None, None, ["anderson"], "anderson"),
    ("Barn 1", "Okänd", None, None, None, None, None, None),
    ("Skyddad", "Uppgift", None, None, None, None, None, None),
    ("Okänd", "Man", None, None, None, None, None, None),
    ("Ali", "Man", None, ["ali"], "ali", "ali", ["man"], "man"),
    ("Anna", "Testsson", "Okänd", ["ana"], "ana", "ana", None, None),
    ("Anna Berg", None, None, ["ana", "berg"], "ana berg", "ana", None, None),
    ("GÃ¶ran", "SjÃ¶", None, ["goran"], "goran", "goran", ["sjo"], "sjo"),
    ("G?ran", "Sj\ufffd", None, ["g?ran"], "g?ran", "g?ran", ["sj?"], "sj?"),
    ("-", "", None, None, None, None, None, None),
]


def test_names(tmp_path: Path) -> None:
    rows = [
        told(f"{i:02d}", given_names=given, surname=surname, called_name=called)
        for i, (given, surname, called, *_) in enumerate(NAMES)
    ]
    made, _ = run(tmp_path, rows)
    columns = ("given_words", "given_key", "called", "surname_words", "surname_key")
    for row, (given, surname, _, *expected) in zip(made, NAMES, strict=True):
        assert [row[c] for c in columns] == expected, (given, surname)
        assert row["given_first"] == (row["given_words"][0] if row["given_key"] else None)


PHONES = [
    ("031-12 34 56", "31123456"),
    ("+46 31 12 34 56", "31123456"),
    ("+46 (0)31-123456", "31123456"),
    ("0046-31123456", "31123456"),
    ("0701-23 45 67", "01234567"),
    ("+46701234567", "01234567"),
    ("08-123 4", None),
    ("08-123456", "8123456"),
    ("031-123456 / 0701-234567", "31123456"),
    ("070/1234567", "01234567"),
    ("123457", "123457"),
    ("000000", None),
    ("0000000000", None),
    ("99999999", None),
    ("12345678", None),
    ("saknas", None),
]
STREETS = [
    ("Storgatan 1", "storgatan1"),
    ("STORGATAN 1", "storgatan1"),
    ("Storg. 1", "storgatan1"),
    ("Björkv. 12", "bjorkvagen12"),
    ("Storgatan 1 A", "storgatan1a"),
    ("Storgatan 1A", "storgatan1a"),
    ("Storgatan 1 lgh 1101", "storgatan1#1101"),
    ("Storgatan 1 A, Lgh. 1101", "storgatan1a#1101"),
    ("Storgatan 1, 2 tr", "storgatan1"),
    ("c/o Berg, Storgatan 1", "storgatan1"),
    ("C/O Eva Berg Storgatan 1", "storgatan1"),
    ("AAsvaegen 11", "asvagen11"),
    ("Åsvägen 11", "asvagen11"),
    ("├àsv├ñgen 11", "asvagen11"),
    ("Okänd", None),
    ("-", None),
]
POSTCODES = [
    ("41101", "41101"),
    ("411 01", "41101"),
    ("SE-411 01", "41101"),
    ("S-41101", "41101"),
    ("TA4 2UG", "ta42ug"),
    ("00000", None),
    ("-", None),
]


@pytest.mark.parametrize(
    ("column", "cases"),
    [("phone", PHONES), ("street", STREETS), ("postal_code", POSTCODES)],
)
def test_homes(tmp_path: Path, column: str, cases: list[tuple[str, str | None]]) -> None:
    rows = [told(f"{i:02d}", **{column: written}) for i, (written, _) in enumerate(cases)]
    made, _ = run(tmp_path, rows)
    assert [row[column] for row in made] == [expected for _, expected in cases]


@pytest.mark.parametrize("protection", ["sekretessmarkering", "skyddad_folkbokforing"])
def test_protected_persons_have_no_home(tmp_path: Path, protection: str) -> None:
    home = {"street": "Storgatan 1", "postal_code": "41101", "phone": "031-123456"}
    row = standard(tmp_path, protection=protection, given_names="Eva", **home)
    assert row["protected"] is True and row["given_key"] == "eva"
    assert (row["street"], row["postal_code"], row["phone"]) == (None, None, None)


BIRTHS = [
    ("1990-02-12", None, "19900212", False),
    ("1990-01-01", None, "19900101", True),
    ("1990-07-01", None, "19900701", True),
    ("1606-01-22", None, "16060122", False),
    ("1900-01-01", None, None, False),
    ("1753-01-01", None, None, False),
    ("9999-12-31", None, None, False),
    ("1900-01-01", WOMAN, "19900212", False),
    (None, WOMAN, "19900212", False),
    (None, WRONG, None, False),
    ("1990-02-14", WOMAN, "19900214", False),
]


def test_day_of_birth(tmp_path: Path) -> None:
    rows = [
        told(f"{i:02d}", birth_date=day(born) if born else None, number=written)
        for i, (born, written, *_) in enumerate(BIRTHS)
    ]
    made, _ = run(tmp_path, rows)
    assert [(r["born"], r["born_weak"]) for r in made] == [tuple(case[2:]) for case in BIRTHS]


SEXES = [
    ("female", None, "female"),
    ("unknown", None, None),
    (None, WOMAN, "female"),
    ("unknown", MAN, "male"),
    ("male", MAN, "male"),
    ("female", MAN, None),
    ("female", "19900212X801", "female"),
]


def test_sex(tmp_path: Path) -> None:
    rows = [told(f"{i}", sex=sex, number=written) for i, (sex, written, _) in enumerate(SEXES)]
    made, _ = run(tmp_path, rows)
    assert [row["sex"] for row in made] == [sex for *_, sex in SEXES]


def test_the_dead(tmp_path: Path) -> None:
    days = ("2019-05-01", "9999-12-31")
    made, _ = run(tmp_path, [told(d, deceased_date=day(d)) for d in days])
    assert [row["deceased"] for row in made] == ["20190501", None]


UNLINKABLE: list[tuple[dict[str, Any], bool]] = [
    ({}, False),
    ({"identity_status": "uncertain"}, False),
    ({"identity_status": "false"}, True),
    ({"identity_status": "fictitious"}, True),
    ({"identity_status": "anonymous"}, True),
    ({"given_names": "Anonym"}, True),
    ({"surname": "Anonym 12"}, True),
    ({"given_names": "Okänd"}, False),
    ({"given_names": "Skyddad", "surname": "Uppgift"}, False),
]


def test_who_is_never_linked_by_a_score(tmp_path: Path) -> None:
    made, _ = run(tmp_path, [told(f"{i}", **more) for i, (more, _) in enumerate(UNLINKABLE)])
    assert [row["unlinkable"] for row in made] == [expected for _, expected in UNLINKABLE]


VGR, ISSUER = "19810829M071", "1.2.752.113.11.0.2.1.1.1"


NUMBERS: list[tuple[dict[str, Any], str | None, str | None]] = [
    ({"number": WOMAN}, WOMAN, None),
    ({"number": f"{WOMAN[2:8]}-{WOMAN[8:]}"}, WOMAN, None),
    ({"number": WRONG}, None, None),
    ({"number": VGR, "number_issuer": ISSUER}, f"{VGR}@{ISSUER}", None),
    ({"number": VGR}, None, None),
    ({"number": "A17", "number_issuer": "9.9"}, "A17@9.9", None),
    ({"number": WOMAN, "previous_number": MAN}, WOMAN, MAN),
    ({"previous_number": VGR}, None, f"{VGR}@?"),
    ({"previous_number": WRONG}, None, None),
    ({"previous_number": "191212121212"}, None, None),
    ({}, None, None),
]


def test_what_a_number_counts_as(tmp_path: Path) -> None:
    made, _ = run(tmp_path, [told(f"{i:02d}", **case[0]) for i, case in enumerate(NUMBERS)])
    columns = ("number_key", "previous_key")
    assert [tuple(row[c] for c in columns) for row in made] == [case[1:] for case in NUMBERS]


CHILD, OLD = number("20150909", 984), number("19150909", 984)
CENTURIES: list[tuple[dict[str, Any], str, bool]] = [
    ({"number": CHILD[2:]}, CHILD, False),
    ({"number": CHILD}, CHILD, True),
    ({"number": CHILD[2:], "birth_date": day("1915-09-09")}, OLD, True),
    ({"number": CHILD[2:], "previous_number": "19150909K088"}, OLD, True),
    ({"number": OLD, "previous_number": CHILD[2:]}, OLD, True),
    ({"number": WOMAN[2:], "previous_number": CHILD[2:]}, WOMAN, False),
]


def test_the_century_of_a_short_number(tmp_path: Path) -> None:
    made, _ = run(tmp_path, [told(f"{i}", **case[0]) for i, case in enumerate(CENTURIES)])
    assert [(r["number_key"], r["century_certain"]) for r in made] == [c[1:] for c in CENTURIES]
    assert made[4]["previous_key"] == OLD


def test_the_mothers_number_counts_when_valid(tmp_path: Path) -> None:
    made, _ = run(tmp_path, [told("1", mother_number=WOMAN), told("2", mother_number=WRONG)])
    assert [row["mother_key"] for row in made] == [WOMAN, None]


def test_ids_follow_batch_source_and_local_id(tmp_path: Path) -> None:
    rows = [
        told("2"),
        told("1"),
        told("9", source="b"),
        told("1", source="b"),
        told("5", source="c"),
    ]
    made, _ = run(tmp_path, rows, sources=("b", "a"))
    assert [(r["id"] - 3 * 2**40, r["source"], r["local_patient_id"]) for r in made] == [
        (1, "b", "1"),
        (2, "b", "9"),
        (3, "a", "1"),
        (4, "a", "2"),
    ]


def test_what_was_recorded_last_holds(tmp_path: Path) -> None:
    early, late = datetime.datetime(2019, 1, 1), datetime.datetime(2021, 1, 1)
    rows = [
        told("1", given_names="Anna", recorded_at=early, row_key="1"),
        told("1", given_names="Eva", recorded_at=late, row_key="2"),
        told("1", given_names="Pia", recorded_at=None, row_key="3"),
        told("2", given_names="Ulla"),
    ]
    made, _ = run(tmp_path, rows)
    assert [row["given_key"] for row in made] == ["eva", "ula"]


def test_a_source_read_in_a_dos_page_is_read_again_throughout(tmp_path: Path) -> None:
    rows = [
        told("1", surname="Bj÷rk"),
        told("2", surname="Nõslund"),
        told("3", surname="Jõgi", source="b"),
    ]
    made, _ = run(tmp_path, rows)
    assert [row["surname_key"] for row in made] == ["bjork", "naslund", "jogi"]


def test_traits_pass_through(tmp_path: Path) -> None:
    assert standard(tmp_path, traits='{"occupation": "poet"}')["traits"] == '{"occupation": "poet"}'
