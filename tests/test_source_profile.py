"""The profile of a source: what it must find, and what it must never show."""

import json
import re
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract as babel_extract
from babel.messages.pofile import read_po
from projects import build, minns

import extract
from minns.demo import canary

SOURCES = ("melior", "asynja", "elvis", "obstetrix")
HOME = Path(extract.__file__).parent


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build(tmp_path_factory.mktemp("profile"), canary=True, persons=120)
    for name in SOURCES:
        ended = minns(folder, "source", "profile", name)
        assert ended.returncode == 0, ended.stderr
    return folder


def kept(project: Path, source: str) -> Path:
    return project / "work" / "profiles" / source / "0001"


def told(project: Path, source: str) -> Any:
    return json.loads((kept(project, source) / "profile.json").read_text(encoding="utf-8"))


def column(profile: Any, table: str, name: str) -> Any:
    return next(c for c in profile["tables"][table]["columns"] if c["name"] == name)


def texts(folder: Path) -> str:
    """All that a profile's three files say."""
    with zipfile.ZipFile(folder / "profile.xlsx") as book:
        sheets = [book.read(name).decode() for name in book.namelist()]
    files = [(folder / f"profile.{kind}").read_text(encoding="utf-8") for kind in ("json", "html")]
    return "\n".join([*files, *sheets])


@pytest.mark.parametrize("source", SOURCES)
def test_no_trace_of_the_canary_is_shown(project: Path, source: str) -> None:
    shown = texts(kept(project, source))
    assert not [trace for trace in canary.TRACES if trace in shown]


def test_no_patients_name_number_or_address_is_shown(project: Path) -> None:
    with sqlite3.connect(project / "region" / "melior.db") as journal:
        rows = journal.execute(
            "select personnr, efternamn, fornamn, adress, telefon, moder_personnr from patient"
        ).fetchall()
        staff = journal.execute("select distinct skriven_av from diagnos").fetchall()
        notes = journal.execute("select fritext from anteckning").fetchall()
    values = {str(v) for row in (*rows, *staff, *notes) for v in row if v and len(str(v)) > 3}
    shown = texts(kept(project, "melior"))
    words = set(re.findall(r"[\w-]+", shown))
    assert len(values) > 200
    assert not [v for v in values if v in words or (len(v) > 9 and v in shown)]


def test_values_are_shown_when_they_are_asked_for(project: Path, tmp_path: Path) -> None:
    ended = minns(project, "source", "profile", "melior", "--landed", "--values", "--out", "x")
    assert ended.returncode == 0, ended.stderr
    shown = json.loads((project / "x" / "profile.json").read_text(encoding="utf-8"))
    assert shown["values_shown"] is True
    assert column(shown, "patient", "ort")["codes"]


def test_what_a_journal_holds_is_found(project: Path) -> None:
    melior = told(project, "melior")
    assert set(column(melior, "patient", "personnr")["identity_numbers"]) >= {"personal"}
    assert column(melior, "patient", "fodd")["dates"]["forms"].keys() == {"YYYY-MM-DD"}
    assert column(melior, "patient", "kon")["codes"].keys() >= {"K", "M"}
    assert melior["tables"]["diagnos"]["candidate_keys"][0] == ["diagnos_id"]
    assert melior["tables"]["diagnos"]["key_holds"] is True
    assert melior["tables"]["diagnos"]["patient"] == "patient_id"
    found = {(r["table"], r["column"], r["to"]) for r in melior["references"]}
    assert {("diagnos", "patient_id", "patient"), ("diagnos", "enhet_id", "vardenhet")} <= found
    assert column(melior, "labsvar", "svar")["codes"] == {}
    assert told(project, "elvis")["tables"]["diagnos"]["columns"][0]["type"] == "string"


def test_the_same_landing_has_the_same_profile_and_a_sample_is_seeded(project: Path) -> None:
    def said(*words: str) -> str:
        asked = ("source", "profile", "elvis", "--landed", "--out", "y", "--json", *words)
        return minns(project, *asked).stdout

    assert json.loads(said()) == told(project, "elvis")
    few = said("--sample", "50", "--seed", "7")
    assert few == said("--sample", "50", "--seed", "7") != said("--sample", "50", "--seed", "8")
    scanned = json.loads(few)["tables"]["kontakt"]
    assert scanned["scanned"] < scanned["rows"]


# ------------------------------------------------------------------------- a journal made to be odd
WORDS = ("Åsa", "Örjan", "Märta", "Göran", "Björn")


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A project with a small journal that has what journals have."""
    (tmp_path / "minns.toml").write_text('mappings = "m"\n', encoding="utf-8")
    folder = tmp_path / "m" / "odd"
    folder.mkdir(parents=True)
    (folder / "source.toml").write_text(
        'name = "odd"\nkind = "sql"\nurl = "sqlite:///odd.db"\n'
        '[tables.person]\nkey = ["pid"]\n[tables.note]\n',
        encoding="utf-8",
    )
    with sqlite3.connect(tmp_path / "odd.db") as db:
        db.execute("create table person (pid text, namn text, slut text, typ text)")
        db.execute("create table note (pid text, line integer, sort text, dag text)")
        people = [
            (f"P{n:05d}", WORDS[n % 5].encode().decode("cp1252"), "9999-12-31", "AB"[n % 2])
            for n in range(60)
        ]
        db.executemany("insert into person values (?, ?, ?, ?)", people)
        lines = [(f"P{n // 2:05d}", n % 2, "X", f"{20100101 + n // 20}") for n in range(120)]
        db.executemany("insert into note values (?, ?, ?, ?)", [*lines, ("P99999", 0, "X", "x")])
    db.close()
    return tmp_path


def profiled(folder: Path, number: int = 1) -> Any:
    ended = minns(folder, "source", "profile", "odd", "--json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_damage_sentinels_pairs_of_keys_and_orphans_are_told(odd: Path) -> None:
    found = profiled(odd)
    assert column(found, "person", "namn")["damage"] == {"UTF-8 read as CP1252": 60}
    assert column(found, "person", "namn")["codes"] == {}
    assert column(found, "person", "slut")["sentinels"] == {"far future": 60}
    assert column(found, "note", "dag")["dates"]["by_year"] == {"2010": 120}
    assert found["tables"]["note"]["candidate_keys"] == [["pid", "line"]]
    [reference] = found["references"]
    assert (reference["to"], reference["orphans"]) == ("person", 1)


def test_drift_blocks_where_a_mapping_would_break(odd: Path) -> None:
    profiled(odd)
    with sqlite3.connect(odd / "odd.db") as db:
        db.execute("update person set typ = 'C' where pid < 'P00030'")
        db.execute("update person set slut = null")
    db.close()
    profiled(odd)
    place = odd / "work" / "profiles" / "odd"
    ended = minns(
        odd, "source", "profile", "--compare", str(place / "0001"), str(place / "0002"), "--json"
    )
    lines = {(d["weight"], d["column"], d["what"]) for d in json.loads(ended.stdout)}
    assert ended.returncode == 9
    assert ("blocks", "slut", "column emptied") in lines
    assert ("look", "typ", "new code") in lines
    same = minns(odd, "source", "profile", "--compare", str(place / "0002"), str(place / "0002"))
    assert (same.returncode, same.stdout) == (0, "Nothing has drifted.\n")


def test_what_is_no_profile_is_told(odd: Path) -> None:
    ended = minns(odd, "source", "profile", "--compare", "minns.toml", "minns.toml")
    assert ended.returncode == 2
    assert "profile.json" in ended.stderr
    assert minns(odd, "source", "profile").returncode == 2


def test_every_text_has_its_swedish() -> None:
    wanted = set()
    for kind, paths in (("python", HOME.rglob("*.py")), ("jinja2", HOME.rglob("*.j2"))):
        method = kind if kind == "python" else "jinja2.ext:babel_extract"
        for path in sorted(paths):
            with path.open("rb") as file:
                wanted |= {found[1] for found in babel_extract(method, file, {"_": None})}
    with (HOME / "locale/sv/LC_MESSAGES/extract.po").open("rb") as file:
        known = {m.id: m.string for m in read_po(file, locale="sv") if m.id}
    assert wanted == set(known)
    assert all(known.values())
