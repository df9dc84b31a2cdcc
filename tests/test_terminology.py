"""Releases of code systems become editions: codes, texts, validity, what replaced what."""

import csv
import datetime
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from releases import ATC, ICD, KVA, NPU, athena, rf2, wrote
from typer.testing import CliRunner

from minns.cli import app
from minns.config import load_project
from minns.engine import Engine
from minns.errors import ConfigError
from minns.site import Site
from minns.store import Store
from minns.terminology import Edition, Release, editions, import_release, known_codes_sql, look_up
from minns.terminology.shelf import concepts_sql

BESIDE = (folder / "shared/data" for folder in Path(__file__).parents)
PUBLIC = next((data for data in BESIDE if data.exists()), Path("none")) / "conformance"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "work")


def concepts(edition: Edition) -> dict[str, dict[str, Any]]:
    with Engine(edition.folder.parents[2] / "scratch") as engine:
        names = [row[0] for row in engine.rows(f"describe ({concepts_sql([edition])})")]
        rows = engine.rows(concepts_sql([edition]))
    return {row[names.index("code")]: dict(zip(names, row, strict=True)) for row in rows}


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_icd_is_read_in_any_code_page_and_rubbish_is_counted(
    store: Store, tmp_path: Path, encoding: str
) -> None:
    text = ICD if encoding == "utf-8" else ICD.removeprefix("\ufeff")
    path = wrote(tmp_path, "icd.txt", text, encoding)
    edition = import_release(store, Release(path, "icd-10-se", "2024"))
    assert (edition.format, edition.concepts, edition.retired) == ("icd-10-se", 3, 0)
    assert edition.refused == {
        "broken line": 1,
        "not a code of the system": 1,
        "code without text": 1,
    }
    found = concepts(edition)
    assert found["X11.9"]["display"] == "Påhittad sjuka utan besvär"
    assert found["X11.9"]["parents"] == ["X11"]
    assert found["X11"]["synonyms"] == ['Åldersform "vuxen']
    assert edition.valid_from == datetime.date(2024, 1, 1)


@pytest.mark.parametrize(
    ("name", "text", "system", "concepts_", "retired"),
    [
        pytest.param("kva.txt", KVA, "kva", 2, 1, id="KVÅ"),
        pytest.param("atc.txt", ATC, "atc", 5, 0, id="ATC"),
        pytest.param("npu.csv", NPU, "npu", 2, 1, id="NPU"),
    ],
)
def test_a_text_release_is_known_by_its_codes(
    store: Store, tmp_path: Path, name: str, text: str, system: str, concepts_: int, retired: int
) -> None:
    edition = import_release(store, Release(wrote(tmp_path, name, text), version="2024"))
    assert (edition.system, edition.concepts, edition.retired) == (system, concepts_, retired)
    assert not edition.refused


def test_atc_codes_tell_their_parents(store: Store, tmp_path: Path) -> None:
    edition = import_release(store, Release(wrote(tmp_path, "a.txt", ATC), version="2024"))
    parents = {code: concept["parents"] for code, concept in concepts(edition).items()}
    assert parents["X01AB02"] == ["X01AB"]
    assert parents["X"] == []


def test_columns_of_any_name_can_be_named(store: Store, tmp_path: Path) -> None:
    path = wrote(tmp_path, "own.csv", "nr;betyder\na1;ett\na2;två\n")
    with pytest.raises(ConfigError, match="--format"):
        import_release(store, Release(path, "own", "1"))
    with pytest.raises(ConfigError, match=r"nr, betyder.*--column"):
        import_release(store, Release(path, "own", "1", "table"))
    columns = {"code": "nr", "display": "betyder"}
    assert import_release(store, Release(path, "own", "1", "table", None, columns)).concepts == 2


def test_snomed_prefers_swedish_and_knows_what_replaced_what(store: Store, tmp_path: Path) -> None:
    edition = import_release(store, Release(rf2(tmp_path / "rf2")))
    assert (edition.system, edition.version) == ("snomed-ct", "20240531")
    assert edition.refused == {"broken line": 1, "code without text": 1}
    found = concepts(edition)
    assert found["101"]["display"] == "allergi mot jordnöt"
    assert "Peanut allergy" in found["101"]["synonyms"]
    assert found["101"]["parents"] == ["102"]
    assert found["102"]["display"] == "Nut allergy"
    assert found["102"]["synonyms"] == []
    retired = found["103"]
    assert (retired["active"], retired["replaced_by"]) == (False, ["102"])
    assert retired["valid_to"] == datetime.date(2023, 7, 31)


def test_a_snapshot_without_its_language_refset_is_refused(store: Store, tmp_path: Path) -> None:
    folder = rf2(tmp_path / "rf2")
    next(folder.rglob("*Language*.txt")).unlink()
    with pytest.raises(ConfigError, match="no file of language"):
        import_release(store, Release(folder))


def test_athena_gives_one_vocabulary_or_all_by_number(store: Store, tmp_path: Path) -> None:
    folder = athena(tmp_path / "athena")
    atc = import_release(store, Release(folder, "atc"))
    assert (atc.version, atc.concepts, atc.retired) == ("ATC-2024-02", 2, 1)
    assert concepts(atc)["X01AB01"]["replaced_by"] == ["X01AB02"]
    everything = import_release(store, Release(folder / "CONCEPT.csv", "omop"))
    assert (everything.version, everything.concepts) == ("v5.0-30-AUG-24", 3)
    with pytest.raises(ConfigError, match="ATC, SNOMED"):
        import_release(store, Release(folder, "loinc", "1"))


def code_system(**more: Any) -> dict[str, Any]:
    child = {"code": "b", "display": "Under", "designation": [{"language": "sv", "value": "Barn"}]}
    gone = {
        "code": "c",
        "display": "Old",
        "property": [
            {"code": "status", "valueCode": "retired"},
            {"code": "replacedBy", "valueCode": "a"},
            {"code": "deprecationDate", "valueDateTime": "2019-12-31"},
        ],
    }
    return {
        "resourceType": "CodeSystem",
        "url": "http://example.org/own",
        "version": "3.1",
        "content": "complete",
        "concept": [{"code": "a", "display": "Above", "concept": [child]}, gone],
        **more,
    }


def test_fhir_code_systems_and_value_sets_are_read(store: Store, tmp_path: Path) -> None:
    path = wrote(tmp_path, "cs.json", json.dumps(code_system()))
    edition = import_release(store, Release(path, "own"))
    found = concepts(edition)
    assert (edition.version, set(found)) == ("3.1", {"a", "b", "c"})
    assert (found["b"]["parents"], found["b"]["synonyms"]) == (["a"], ["Barn"])
    assert (found["c"]["active"], found["c"]["replaced_by"]) == (False, ["a"])
    value_set = {
        "resourceType": "ValueSet",
        "compose": {
            "include": [
                {"system": "http://loinc.org", "concept": [{"code": "8480-6", "display": "Sys"}]},
                {"system": "http://example.org/x", "concept": [{"code": "q"}]},
            ]
        },
    }
    path = wrote(tmp_path, "vs.json", json.dumps(value_set))
    assert list(concepts(import_release(store, Release(path, "loinc", "2.77")))) == ["8480-6"]


def codes_of(concept: Mapping[str, Any]) -> list[str]:
    own = [concept["code"]] if "code" in concept else []
    return own + [code for child in concept.get("concept", []) for code in codes_of(child)]


@pytest.mark.skipif(not PUBLIC.exists(), reason="public data not beside the repository")
def test_every_code_system_of_fhir_can_be_read(store: Store, tmp_path: Path) -> None:
    with tarfile.open(PUBLIC / "hl7.fhir.r4.core-4.0.1.tgz") as archive:
        members = [m for m in archive.getmembers() if "/CodeSystem-" in m.name][::60]
        for number, member in enumerate(members):
            content = archive.extractfile(member)
            assert content is not None
            resource = json.load(content)
            if "concept" not in resource:
                continue
            path = wrote(tmp_path, f"{number}.json", json.dumps(resource))
            edition = import_release(store, Release(path, f"system-{number}"))
            assert set(concepts(edition)) == set(codes_of(resource))


@pytest.mark.skipif(not PUBLIC.exists(), reason="public data not beside the repository")
def test_ucum_has_all_the_units_of_its_essence(store: Store) -> None:
    path = PUBLIC / "ucum" / "ucum-essence.xml"
    edition = import_release(store, Release(path))
    text = path.read_text(encoding="ascii")
    assert edition.version == "2.2"
    assert edition.concepts == text.count("<unit ") + text.count("<base-unit ")
    assert concepts(edition)["[pH]"]["display"] == "pH"


def test_what_is_no_release_is_told_in_a_sentence(store: Store, tmp_path: Path) -> None:
    for name, content in {"a.bin": b"\0\1\2", "b.json": b"{", "c.txt": b"x\ny\n"}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ConfigError, match="looks like none of them"):
            import_release(store, Release(tmp_path / name, "own", "1"))
    with pytest.raises(ConfigError, match="--version"):
        import_release(store, Release(wrote(tmp_path, "k.txt", KVA)))
    with pytest.raises(ConfigError, match="letters, digits"):
        import_release(store, Release(tmp_path / "k.txt", version="../2024"))
    with pytest.raises(ConfigError, match="nothing there"):
        import_release(store, Release(tmp_path / "none.txt"))
    assert editions(store) == []


def two_editions(store: Store, folder: Path) -> None:
    old = "Kod;Titel;Ersatt av\nXA001;Gammal text;\nXA002;Avskaffat;\n"
    new = "Kod;Titel;Status;Ersatt av\nXA001;Ny text;aktiv;\nXA002;Avskaffat;utgått;XA001\n"
    for year, text in (("2020", old), ("2024", new)):
        import_release(store, Release(wrote(folder, f"{year}.txt", text), "kva", year))


def test_editions_stand_side_by_side_and_hold_by_date(store: Store, tmp_path: Path) -> None:
    two_editions(store, tmp_path)
    assert [edition.version for edition in editions(store, "kva")] == ["2020", "2024"]
    day = datetime.date(2022, 5, 1)
    assert look_up(store, "kva", "xa001")[0].display == "Ny text"
    assert look_up(store, "kva", "XA001", day=day)[0].display == "Gammal text"
    gone = look_up(store, "kva", "XA002")[0]
    assert (gone.state, gone.replaced_by) == ("retired", ("XA001",))
    assert look_up(store, "kva", "XA002", day=day)[0].state == "valid"
    assert [concept.code for concept in look_up(store, "kva", "ny TEXT")] == ["XA001"]
    with pytest.raises(ConfigError, match="2019-01-01"):
        look_up(store, "kva", "XA001", day=datetime.date(2019, 1, 1))


def test_a_retired_code_is_known_by_the_edition_that_had_it(store: Store, tmp_path: Path) -> None:
    two_editions(store, tmp_path)
    with Engine(tmp_path / "scratch") as engine:
        known = engine.rows(known_codes_sql(concepts_sql(editions(store))) + " order by code")
    assert known == [("kva", "2024", "XA001", "Ny text"), ("kva", "2020", "XA002", "Avskaffat")]


def test_the_order_of_lines_does_not_matter(tmp_path: Path) -> None:
    header, *lines = ["Kod;Titel", "XA001;B", "XA001;A", "XB001;C", "XC001;D"]
    written = []
    for number, order in enumerate((lines, lines[::-1])):
        path = wrote(tmp_path, f"{number}.txt", "\n".join([header, *order]) + "\n")
        edition = import_release(Store(tmp_path / str(number)), Release(path, "kva", "2024"))
        written.append(next(edition.folder.glob("concept/*.parquet")).read_bytes())
    assert written[0] == written[1]


def test_importing_again_finds_what_is_there(store: Store, tmp_path: Path) -> None:
    path = wrote(tmp_path, "k.txt", KVA)
    first = import_release(store, Release(path, version="2024"))
    stamp = (first.folder / "manifest.json").stat().st_mtime_ns
    assert import_release(store, Release(path, version="2024")) == first
    assert (first.folder / "manifest.json").stat().st_mtime_ns == stamp


def project(folder: Path, text: str = "") -> Site:
    wrote(folder, "minns.toml", text)
    return Site(load_project(folder / "minns.toml"))


def test_names_of_systems_are_the_projects_to_choose(tmp_path: Path) -> None:
    text = '[code_systems.kva]\nuri = "http://example.org/kva"\n[code_systems.own]\noid = "1.2.3"\n'
    systems: Mapping[str, Any] = project(tmp_path, text).code_systems
    assert systems["kva"].uri == "http://example.org/kva"
    assert systems["kva"].oid == "1.2.752.116.1.3.2.1.4"
    assert systems["own"].uri == "urn:oid:1.2.3"
    assert systems["atc"].uri == "http://www.whocc.no/atc"


def test_the_commands_import_list_and_look_up(tmp_path: Path) -> None:
    project(tmp_path)
    release = wrote(tmp_path, "icd.txt", ICD)
    run = CliRunner().invoke
    place = ["--project", str(tmp_path)]
    done = run(app, ["terminology", "import", str(release), "--version", "2024", *place])
    assert done.exit_code == 0, done.output
    assert "3 concepts" in done.output
    assert "1 lines not taken: broken line" in done.output
    listed = json.loads(run(app, ["terminology", "list", "--json", *place]).stdout)
    assert [(line["system"], line["version"]) for line in listed] == [("icd-10-se", "2024")]
    found = run(app, ["terminology", "lookup", "icd-10-se", "x119", "--json", *place])
    assert json.loads(found.stdout)[0]["code"] == "X11.9"
    assert run(app, ["terminology", "lookup", "icd-10-se", "saknas", *place]).exit_code == 2


def test_quoted_cells_keep_their_delimiters(store: Store, tmp_path: Path) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([["Kod", "Titel"], ["XA001", "ett; två"]])
    edition = import_release(
        store, Release(wrote(tmp_path, "q.csv", out.getvalue()), "kva", "2024")
    )
    assert concepts(edition)["XA001"]["display"] == "ett; två"
