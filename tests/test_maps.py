"""Code maps: SSSOM that is valid and merges, others' formats, states with two people."""

import csv
import io
import json
import random
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from minns.cli import app
from minns.engine import Engine
from minns.errors import ConfigError, MappingError
from minns.maps import CodeMap, load_maps, read_maps, usable, write_maps
from minns.maps.check import check_targets
from minns.maps.codemap import curie, parts
from minns.maps.exchange import Taken, Told, give, merged, take
from minns.maps.review import decide, open_maps
from minns.maps.sssom import COLUMNS, row_of, split
from minns.store import Store
from minns.terminology import Release, import_release

ROOT = Path(__file__).parents[1]
BESIDE = (folder / "shared/data" for folder in Path(__file__).parents)
PUBLIC = next((data for data in BESIDE if data.exists()), Path("none")) / "conformance"
public = pytest.mark.skipif(not PUBLIC.exists(), reason="public data not beside the repository")

MAP = CodeMap(
    map_id="lab-1",
    local_system="journal-lab",
    local_code="HB",
    local_text="Hb, kapillärt",
    system="npu",
    system_version="2024-06",
    code="NPU28309",
    display="B-Hemoglobin",
    kind="observation",
    state="approved",
    authors=("ann",),
    reviewers=("bo",),
    mapped_on="2024-01-02",
    reviewed_on="2024-01-03",
    source="journal",
)
NAMES = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1).filter(str.strip)


@given(NAMES)
def test_any_local_code_goes_through_a_curie(code: str) -> None:
    assert parts(curie("list", code)) == ("list", code)
    assert not re.search(r"[ |<>\t]", curie("list", code))


@given(text=NAMES, people=st.lists(NAMES, max_size=3, unique=True))
def test_a_map_reads_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, text: str, people: list[str]
) -> None:
    path = tmp_path_factory.mktemp("maps") / "a.sssom.tsv"
    said = replace(MAP, local_code=text, local_text=text, reviewers=tuple(people), confidence=0.5)
    write_maps(path, [said])
    assert read_maps(path).maps == (said,)


def test_the_same_maps_are_the_same_bytes(tmp_path: Path) -> None:
    maps = [replace(MAP, local_code=f"K{n}", map_id=f"m{n}") for n in range(20)]
    shuffled = random.Random(1).sample(maps, len(maps))
    for name, some in (("a", maps), ("b", shuffled)):
        write_maps(tmp_path / f"{name}.sssom.tsv", some, {"mapping_set_id": "urn:x"})
    written = [(tmp_path / f"{name}.sssom.tsv").read_bytes() for name in "ab"]
    assert written[0] == written[1]
    rows = written[0].decode().splitlines()
    assert len(rows) == len({*rows}) == 20 + 1 + rows.index("\t".join(COLUMNS))


def fits(schema: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    """What of a JSON object breaks its schema: names, types, patterns, required ones."""
    kinds = {"string": str, "array": list, "number": float, "object": dict}
    wrong = [name for name in schema["required"] if name not in values]
    for name, value in values.items():
        slot = schema["properties"].get(name, {"type": ()})
        types = slot["type"] if isinstance(slot.get("type"), list) else [slot.get("type", "string")]
        if not any(isinstance(value, kinds[kind]) for kind in types if kind in kinds):
            wrong.append(name)
        elif "pattern" in slot and not re.search(slot["pattern"], value):
            wrong.append(name)
        elif slot.get("format") == "date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            wrong.append(name)
    return wrong


@public
@pytest.mark.parametrize(
    "path", [None, *sorted((ROOT / "mappings").glob("**/codes/*.sssom.tsv"))], ids=str
)
def test_what_we_write_is_valid_sssom(tmp_path: Path, path: Path | None) -> None:
    if path is None:
        path = tmp_path / "a.sssom.tsv"
        write_maps(path, [MAP, replace(MAP, kind="", equivalence="wider", confidence=0.75)])
    schema = json.loads(
        (PUBLIC / "sssom/spec/project/jsonschema/sssom_schema.schema.json").read_text()
    )["$defs"]
    block, table = split(path.read_text(encoding="utf-8"))
    meta = yaml.safe_load(block)
    assert fits(schema["MappingSet"], meta) == []
    for row in csv.DictReader(io.StringIO(table), delimiter="\t"):
        lists = {n: row[n].split("|") for n in ("author_id", "reviewer_id") if row[n]}
        values: dict[str, Any] = {name: value for name, value in row.items() if value} | lists
        if row["confidence"]:
            values["confidence"] = float(row["confidence"])
        assert fits(schema["Mapping"], values) == []
        used = [row["subject_id"], row["predicate_id"], row["object_id"], *values["author_id"]]
        assert {curie_.partition(":")[0] for curie_ in used} <= set(meta["curie_map"])


@public
def test_sssom_of_others_is_read() -> None:
    examples = PUBLIC / "sssom/spec/examples"
    foodie = take(examples / "embedded/foodie-inc-2022-05-01.sssom.tsv", Told())
    assert foodie.skipped == {"no target": 1}
    found = {m.local_code: m for m in foodie.maps if m.equivalence == "equivalent"}
    assert found["F002"].code == "00003348" and found["F002"].local_system == "KF_FOOD"
    assert found["F002"].state == "mapped"
    external = read_maps(examples / "external/mp-hp-exact-0.0.1.sssom.tsv")
    assert external.meta["mapping_set_id"] and external.maps
    for path in sorted((PUBLIC / "sssom/sssom-py").glob("basic*.tsv")):
        if "ptable" not in path.name and "fail" not in path.name:
            assert read_maps(path).maps or "5" in path.name, path.name


@pytest.mark.parametrize(
    ("reviewers", "state", "may"),
    [
        (("bo",), "approved", True),
        (("Ann",), "approved", False),
        ((), "approved", False),
        (("ann", "bo"), "approved", True),
        (("bo",), "reviewed", False),
    ],
)
def test_a_wave_uses_what_two_people_stand_behind(
    tmp_path: Path, reviewers: tuple[str, ...], state: Any, may: bool
) -> None:
    codemap = replace(MAP, reviewers=reviewers, state=state)
    assert usable(codemap) is may
    path = tmp_path / "a.sssom.tsv"
    write_maps(path, [codemap])
    with Engine(tmp_path) as engine:
        load_maps(engine, [path])
        assert engine.value("select usable from every_map") is may


def test_a_map_goes_its_way_by_two_people() -> None:
    suggested = replace(MAP, state="suggested", authors=(), reviewers=(), mapped_on="")
    mapped = decide(suggested, "mapped", "cia", "2024-05-01")
    assert (mapped.authors, mapped.mapped_on) == (("cia",), "2024-05-01")
    with pytest.raises(ConfigError, match="another person"):
        decide(mapped, "reviewed", "Cia ", "2024-05-02")
    with pytest.raises(ConfigError, match="follows 'mapped'"):
        decide(mapped, "approved", "bo", "2024-05-02")
    reviewed = decide(mapped, "reviewed", "bo", "2024-05-02", "rätt prov")
    approved = decide(reviewed, "approved", "bo", "2024-05-03")
    assert usable(approved) and not usable(reviewed)
    assert (approved.reviewers, approved.comment) == (("bo",), "rätt prov")
    again = decide(approved, "suggested", "bo", "2024-06-01")
    assert (again.authors, again.reviewers, again.map_id) == ((), (), "lab-1")
    assert not usable(decide(approved, "rejected", "dan", "2024-06-01"))
    assert [m.state for m in open_maps([suggested, reviewed, mapped, approved])] == [
        "reviewed",
        "mapped",
        "suggested",
    ]


def test_usagi_and_concept_map_come_back_as_they_went(tmp_path: Path) -> None:
    omop = replace(MAP, system="omop", code="4034212", map_id="o", system_version="", kind="")
    for name, maps in (
        ("a.csv", [replace(MAP, state="reviewed"), replace(omop, state="reviewed")]),
        ("a.json", [MAP, replace(MAP, local_code="B", equivalence="narrower")]),
    ):
        give(tmp_path / name, maps)
        came = take(tmp_path / name, Told(system="journal-lab", source="journal"))
        assert {m.place[:-1] for m in came.maps} == {
            (*m.place[:2], "", *m.place[3:5]) for m in maps
        }
        back = {m.local_code: m for m in came.maps}
        assert back["HB"].local_text == "Hb, kapillärt"
        assert all(not usable(m) for m in came.maps)
    assert {m.equivalence for m in came.maps} == {"equivalent", "narrower"}
    assert came.maps[0].system_version == "2024-06"


@public
@pytest.mark.parametrize("name", ["UNITSfi", "ICPC", "MICROBEfi"])
def test_real_usagi_exports_are_read(name: str) -> None:
    path = PUBLIC / "usagi" / f"{name}.usagi.csv"
    taken: Taken = take(path, Told(system=name.lower()))
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert len(taken.maps) + sum(taken.skipped.values()) == len(rows)
    assert len(taken.maps) > len(rows) / 3
    assert {m.state for m in taken.maps} <= {"suggested", "mapped", "reviewed"}
    assert all(re.fullmatch(r"(20\d\d-\d\d-\d\d)?", m.mapped_on) for m in taken.maps)


def test_what_people_decided_stands_when_maps_come_in_again() -> None:
    other = replace(MAP, map_id="new", state="suggested", authors=())
    assert merged([MAP], [other]) == ([MAP], 0)
    assert merged([other], [replace(MAP, state="mapped")])[1] == 1
    assert merged([MAP], [replace(other, local_code="NA")])[1] == 1


def test_targets_are_looked_up_in_their_edition(tmp_path: Path) -> None:
    store = Store(tmp_path / "work")
    release = tmp_path / "npu.csv"
    release.write_text("Kod;Titel;Status;Ersatt av\nNPU28309;Hb;1;\nNPU00001;Gammal;0;NPU28309\n")
    import_release(store, Release(release, "npu", "2024-06"))
    listed = tmp_path / "known.csv"
    listed.write_text("system,system_version,code,display\natc,2024,A02BC01,omeprazol\n")
    maps = [
        MAP,
        replace(MAP, map_id="old", code="NPU00001"),
        replace(MAP, map_id="none", code="NPU99999"),
        replace(MAP, map_id="other", system_version="2019"),
        replace(MAP, map_id="listed", system="atc", code="A02BC01", system_version="2024"),
    ]
    found = {c.map_id: (c.verdict, c.replaced_by) for c in check_targets(store, maps, listed)}
    assert found == {
        "lab-1": ("known", ""),
        "old": ("retired", "NPU28309"),
        "none": ("unknown", ""),
        "other": ("unchecked", ""),
        "listed": ("known", ""),
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    source = tmp_path / "mappings" / "journal"
    source.mkdir(parents=True)
    (tmp_path / "minns.toml").write_text('mappings = "mappings"\n')
    (source / "source.toml").write_text('name = "journal"\nkind = "csv"\n[tables.a]\nfile = "a"\n')
    (tmp_path / "mappings" / "codes").mkdir()
    return tmp_path


def run(project: Path, *command: str) -> Any:
    return CliRunner().invoke(app, ["map", *command, "--project", str(project)])


def test_the_commands_take_a_map_from_a_file_to_a_wave(project: Path) -> None:
    incoming = project / "in.json"
    give(incoming, [MAP])
    done = run(project, "import", str(incoming), "--to", "journal", "--name", "lab", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["added"] == 1
    path = project / "mappings" / "journal" / "codes" / "lab.sssom.tsv"
    (made,) = read_maps(path).maps
    assert (made.state, made.source) == ("suggested", "journal")
    shown = json.loads(run(project, "review", "next", "journal", "--json").stdout)
    assert [line["map_id"] for line in shown] == [made.map_id]
    for state, by in (("mapped", "ann"), ("reviewed", "bo"), ("approved", "bo")):
        done = run(project, "review", "decide", made.map_id, state, "--by", by)
        assert done.exit_code == 0, done.output
    assert usable(read_maps(path).maps[0])
    assert run(project, "review", "decide", made.map_id, "mapped", "--by", "ann").exit_code == 2
    assert run(project, "check", "journal").exit_code == 0
    assert run(project, "export", str(project / "out.csv")).exit_code == 0
    assert "HB" in (project / "out.csv").read_text()
    again = run(project, "import", str(incoming), "--to", "journal", "--name", "lab", "--json")
    assert json.loads(again.stdout)["added"] == 0


def test_maps_that_come_with_minns_are_not_written(project: Path) -> None:
    done = run(project, "review", "decide", "mel-vital-001", "rejected", "--by", "ann")
    assert done.exit_code == 2
    assert "set 'mappings'" in done.output


def test_an_id_that_stands_twice_is_refused(project: Path) -> None:
    for name in "ab":
        path = project / "mappings" / "codes" / f"{name}.sssom.tsv"
        write_maps(path, [replace(MAP, local_system=name)])
    done = run(project, "check")
    assert done.exit_code == MappingError.exit_code
    assert "lab-1" in done.output


def test_a_broken_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    for name, text in {"a.csv": "x,y\n1,2\n", "a.json": "{", "a.tsv": "x\ty\n1\t2\n"}.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(MappingError, match=re.escape(name)):
            take(tmp_path / name, Told())
    with pytest.raises(ConfigError, match="--format"):
        take(ROOT / "README.md", Told())
    with pytest.raises(ConfigError, match="--system"):
        give(tmp_path / "b.csv", [MAP])
        take(tmp_path / "b.csv", Told())


def test_our_rows_have_our_columns() -> None:
    assert tuple(row_of(MAP)) == COLUMNS
