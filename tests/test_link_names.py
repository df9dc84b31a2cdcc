"""Names, dates and homes: what agrees, what does not, and what says nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from link.standardise import load_macros
from minns.engine import Engine


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("names")
    with Engine(folder, threads=1) as engine:
        load_macros(engine)
        yield engine


def one(db: Engine, sql: str, *values: Any) -> Any:
    return db.value(f"select {sql}", list(values))


AGREEMENTS = (
    ("Anna-Karin", "Karin", 2),
    ("Anna-Karin", "ANNAKARIN", 2),
    ("Anna-Karin Maria", "Annakarin Elisabet", 2),
    ("Anna K", "Anna Karin", 2),
    ("A K", "Anna Karin", 1),
    ("K", "Karin", 1),
    ("K", "K", 1),
    ("K", "Anna", 0),
    ("Anna K", "Eva Karin", 0),
    ("Carlsson", "Karlson", 2),
    ("Göran", "GOERAN", 2),
    ("Åke", "Aake", 2),
    ("Åström", "Aastrom", 2),
    ("Christina", "Kristina", 2),
    ("Thomas", "Tomas", 2),
    ("Öberg", "OBERG", 2),
    ("Lindqvist", "Lindquist", 2),
    ("Lindkvist", "LINDQVIST", 2),
    ("Wahlström", "Valström", 2),
    ("Gustaf", "Gustav", 2),
    ("Olofsson", "Olovson", 2),
    ("Pehr", "Pär", 2),
    ("Philip", "Filip", 2),
    ("Sarah", "Sara", 2),
    ("Møller", "Möller", 2),
    ("Strauß", "Strauss", 2),
    ("A\u030ake", "Åke", 2),
    ("O'Neill", "ONeill", 2),
    ("Mohammed", "Mohamed", 2),
    ("Mohammed", "Muhammad", 2),
    ("Maxamed", "Mohamad", 2),
    ("Axmed", "Ahmad", 2),
    ("Xuseen", "Hussein", 2),
    ("Hussain", "Hossein", 2),
    ("Cali", "Ali", 2),
    ("Cabdiraxmaan", "Abdirahman", 2),
    ("Abdul Rahman", "Abdirahman", 2),
    ("Abd al-Rahman", "Abdulrahman", 2),
    ("Abdullah", "Abdallah", 2),
    ("Al-Hassan", "Hasan", 2),
    ("Alhassan", "Al Hassan", 2),
    ("Cumar", "Omar", 2),
    ("Faduma", "Fatima", 2),
    ("Youssef", "Yusuf", 2),
    ("Bergstrom", "Bergstrom Ek", 2),
    ("von der Lühe", "Lühe", 2),
    ("Bergstr?m", "Bergström", 1),
    ("G\ufffdran", "Göran", 1),
    ("?berg", "Öberg", 1),
    ("H?kan", "Håkan", 1),
    ("?ke", "Per", 0),
    ("Johanssen", "Johansson", 1),
    ("Sven", "Erik", 0),
    ("Fatima", "Birgitta", 0),
    ("Карин", "Карин", 2),
    ("Anna", "-", None),
    ("Anna", "???", None),
)


@pytest.fixture(scope="module")
def words(db: Engine) -> dict[str, list[str] | None]:
    """Every name's words, folded in one query."""
    names = [[name] for left, right, _ in AGREEMENTS for name in (left, right)]
    db.run("create table name (name varchar)")
    db.connection.executemany("insert into name values (?)", names)
    return dict(db.rows("select name, name_words(name) from name"))


@pytest.mark.parametrize(("left", "right", "agreement"), AGREEMENTS)
def test_names(
    db: Engine, words: dict[str, Any], left: str, right: str, agreement: int | None
) -> None:
    agree = "names_agree(cast(? as varchar[]), cast(? as varchar[]))"
    assert one(db, agree, words[left], words[right]) == agreement
    assert one(db, agree, words[right], words[left]) == agreement


@pytest.mark.parametrize(
    "name",
    [
        *("Flicka", "Pojke 2", "GOSSE", "Barn 1", "Tvilling A", "Nyfödd", "Nyf?dd", "Poke"),
        *("Flicka Andersson", "Okänd", "Ok?nd", "Skyddad uppgift", "Namn saknas", "Test Testsson"),
        *("Tolvan", "N.N.", "N N", "xxx", "Reservnummer", "Anonym"),
    ],
)
def test_a_placeholder_is_no_name(db: Engine, name: str) -> None:
    assert one(db, "is_placeholder_name(?)", name) is True


@pytest.mark.parametrize(
    "name", ["Barnaby", "Anna", "Testa", "Babylonia", "Nanna", "Namnér", "Okan", "Bosse", "Frida"]
)
def test_a_name_is_no_placeholder(db: Engine, name: str) -> None:
    assert one(db, "is_placeholder_name(?)", name) is False


NAME = "Åke Öberg-Näslund åäöÅÄÖ"


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(NAME.encode().decode("cp1252"), id="UTF-8 as CP1252"),
        pytest.param(NAME.encode().decode("latin-1"), id="UTF-8 as Latin-1"),
        pytest.param(NAME.encode().decode("cp850"), id="UTF-8 as CP850"),
        pytest.param(NAME.encode().decode("cp437"), id="UTF-8 as CP437"),
        pytest.param(NAME.encode().decode("cp1252").encode().decode("cp1252"), id="twice"),
        pytest.param(NAME.encode("latin-1").decode("cp850"), id="Latin-1 as CP850"),
        pytest.param(NAME.encode("latin-1").decode("cp437"), id="Latin-1 as CP437"),
        pytest.param(NAME.encode("cp850").decode("latin-1"), id="CP850 as Latin-1"),
        pytest.param(r"]ke \berg-N{slund }{|][" + "\\", id="seven bits"),
    ],
)
def test_a_name_read_in_the_wrong_page_is_read_again(db: Engine, damaged: str) -> None:
    assert one(db, "is_damaged(?)", damaged) is True
    assert one(db, "repaired(?)", damaged) == NAME


@pytest.mark.parametrize("name", ["João", "GARCÍA", "Jõgi", "Žarko", "Göran", "O'Neill", "Ísak"])
def test_letters_of_other_languages_are_no_damage(db: Engine, name: str) -> None:
    assert one(db, "is_damaged(?)", name) is False


def test_what_cannot_be_undone_is_left(db: Engine) -> None:
    assert one(db, "repaired(?)", "Anna [gift Berg]") == "Anna [gift Berg]"
    assert one(db, "repaired(?)", "Berg_n") == "Berg?n"


@pytest.mark.parametrize(
    ("left", "right", "agreement"),
    [
        ("19900212", "19900212", 2),
        ("19900212", "19901202", 1),
        ("19900212", "19900213", 1),
        ("19900212", "19950212", 1),
        ("19900212", "19600212", 0),
        ("19900212", "19910213", 0),
        ("19900212", None, None),
    ],
)
def test_dates(db: Engine, left: str, right: str | None, agreement: int | None) -> None:
    assert one(db, "dates_agree(?, cast(? as varchar))", left, right) == agreement


def test_a_door_needs_its_postal_code(db: Engine) -> None:
    def homes(*values: str | None) -> Any:
        casts = ", ".join("cast(? as varchar)" for _ in values)
        return one(db, f"homes_agree({casts})", *values)

    assert homes("a1", "41101", None, "a1", "41101", None) == 2
    assert homes("a1", "41101", None, "a1", "50330", None) == 0
    assert homes("a1", "41101", None, "b2", "41101", None) == 1
    assert homes("a1", "41101", "123456", "b2", "50330", "123456") == 2
    assert homes(None, None, None, "b2", "50330", "123456") is None
    assert homes("a1#1101", "41101", None, "a1", "41101", None) == 2
    assert homes("a1#1101", "41101", None, "a1#1102", "41101", None) == 1
    assert homes(None, "41101", None, "a1", "41101", None) == 1
