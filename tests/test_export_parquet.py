"""The record as open columnar files: whole, the same each time, and without what is closed."""

import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from desired_rows import Desired, Place
from exports import Files, Held, fact, site_with, someone
from typer.testing import CliRunner

from load.research import Choice, columnar
from minns import exporting
from minns.cli import app
from minns.errors import ConfigError, StoreError
from minns.exporting import Asked
from minns.model import FACTS
from minns.site import Site, open_site

ALL = Asked(Choice(with_identifiers=True, with_texts=True))


@pytest.fixture(scope="module")
def written(cut_over: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("out") / "record"
    exporting.parquet(cut_over, folder, Asked())
    yield folder


@pytest.fixture(scope="module")
def all_of_it(cut_over: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("out") / "all"
    exporting.parquet(cut_over, folder, ALL)
    yield folder


def test_every_fact_is_exported_or_left_out_for_a_reason(cut_over: Site, written: Path) -> None:
    manifest = json.loads((written / "manifest.json").read_text(encoding="utf-8"))
    files, books = Files(written), manifest["facts"]
    assert {kind: book["record"] for kind, book in books.items()} == Held(cut_over).counts()
    for kind, book in books.items():
        assert book["exported"] + sum(book["left_out"].values()) == book["record"]
        if kind != "access_block":
            assert files.column(f"select count(*) from {kind}") == [book["exported"]]
    assert {why for book in books.values() for why in book["left_out"]} == {
        "protected",
        "blocked",
        "block",
    }


def test_nothing_leads_to_what_is_left_out(cut_over: Site, written: Path, all_of_it: Path) -> None:
    hidden = Held(cut_over).hidden()
    assert len(hidden) > 20
    for folder in (written, all_of_it):
        assert Files(folder).holding(hidden) == []
        for text in folder.glob("*.[jm]*"):
            assert not any(each in text.read_text(encoding="utf-8") for each in hidden)
        assert not (folder / "access_block.parquet").exists()


def test_people_are_not_named_unless_it_is_asked_for(
    cut_over: Site, written: Path, all_of_it: Path
) -> None:
    held = Held(cut_over)
    names = [
        value
        for column in ("number", "given_names", "surname", "street", "phone")
        for value in held.column(f"select {column} from current_person where length({column}) > 5")
    ]
    authors = held.column("select author from current_condition")
    bodies = held.column("select body from current_document")
    assert Files(written).holding([*names, *authors, *bodies]) == []
    told = Files(all_of_it)
    assert {"person.number", "person.street", "person.phone"} <= set(told.holding(names))
    assert told.holding(bodies) == ["document.body"]
    assert "mother_number" not in told.types("person")


def test_a_protected_person_is_not_named_even_where_names_are(
    cut_over: Site, all_of_it: Path
) -> None:
    held, files = Held(cut_over), Files(all_of_it)
    where = "from current_person where protection <> 'none' and number is not null"
    assert files.holding(held.column(f"select number {where}")) == []
    assert files.column("select distinct protection from person") == ["none"]


@pytest.mark.parametrize("which", ["written", "all_of_it"])
def test_every_reference_leads_somewhere(which: str, request: pytest.FixtureRequest) -> None:
    files = Files(request.getfixturevalue(which))
    kinds = [kind for kind in FACTS if kind != "access_block"]
    persons = "(select person_id from person)"
    for table in (*kinds, "identity", "medication_group", "conflict"):
        assert files.column(f"select count(*) from {table} where person_id not in {persons}") == [0]
    facts = " union all ".join(f"select fact_id, '{k}' as kind from {k}" for k in kinds)
    known = f"({facts} union all select person_id, 'patient' from person)"
    lineage = f"select count(*) from lineage anti join {known} as k using (fact_id, kind)"
    assert files.column(lineage) == [0]
    for side in ("fact_id", "other_fact_id"):
        sql = f"select count(*) from conflict where kind <> 'patient' and {side} not in "
        assert files.column(sql + f"(select fact_id from {known})") == [0]
    for table, column in (("medication", "chain_id"), ("observation", "replaced_by")):
        sql = f"select count(*) from {table} where {column} not in (select fact_id from {table})"
        assert files.column(sql) == [0]
    groups = "select count(*) from medication where group_id not in "
    assert files.column(groups + "(select group_id from medication_group)") == [0]


def test_ids_that_leave_cannot_be_traced_back_without_the_key(
    cut_over: Site, written: Path, tmp_path: Path
) -> None:
    held, files = Held(cut_over), Files(written)
    own = held.column("select person_id from current_person")
    facts = held.column("select fact_id from current_lineage")
    orders = held.column("select order_id from current_medication where length(order_id) > 5")
    assert files.holding([*own, *facts, *orders]) == []
    assert not set(own) & set(files.column("select person_id from person"))
    key = cut_over.store.folder / "research.key"
    assert key.stat().st_mode & 0o077 == 0
    text = (key.read_text(encoding="ascii").strip() + own[0]).encode()
    (protected,) = held.rows(f"select protection from current_person where person_id = '{own[0]}'")
    known = hashlib.sha256(text).hexdigest()[:20] in files.column("select person_id from person")
    assert known == (protected == ("none",))
    exporting.parquet(cut_over, tmp_path / "other", Asked(key=tmp_path / "other.key"))
    other = Files(tmp_path / "other").column("select person_id from person")
    assert len(other) == files.column("select count(*) from person")[0]
    assert not set(other) & set(files.column("select person_id from person"))
    (tmp_path / "other.key").write_text("short", encoding="ascii")
    with pytest.raises(StoreError, match="a key"):
        exporting.parquet(cut_over, tmp_path / "other", Asked(key=tmp_path / "other.key"))


def test_both_exports_know_a_person_by_one_id(
    cut_over: Site, written: Path, tmp_path: Path
) -> None:
    exporting.omop(cut_over, tmp_path / "cdm", Asked())
    known = Files(tmp_path / "cdm").column("select person_source_value from person")
    assert sorted(known) == Files(written).column("select person_id from person order by all")


def test_the_same_record_gives_the_same_bytes(
    cut_over: Site, written: Path, tmp_path: Path
) -> None:
    exporting.parquet(cut_over, tmp_path / "again", Asked())
    for path in written.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


def test_the_dictionary_tells_every_column_and_no_other(written: Path, all_of_it: Path) -> None:
    for folder in (written, all_of_it):
        files = Files(folder)
        told = json.loads((folder / "dictionary.json").read_text(encoding="utf-8"))
        assert sorted(told) == files.names
        for table, about in told.items():
            types = {column["name"]: column["type"] for column in about["columns"]}
            assert types == files.types(table)
            assert not set(types) & set(about["left_out"])
            assert files.column(f"select count(*) from {table}") == [about["rows"]]
        text = (folder / "dictionary.md").read_text(encoding="utf-8")
        assert all(f"## {table}" in text for table in told)


def test_it_can_be_as_it_stood_after_an_earlier_load(cut_over: Site, tmp_path: Path) -> None:
    manifest = exporting.parquet(cut_over, tmp_path / "then", Asked(as_of=1))
    then = "valid_from_load = 1"
    counted = Held(cut_over).column(f"select count(*) from condition where {then}")
    assert manifest["facts"]["condition"]["record"] == counted[0]
    assert manifest["load"] == 1
    with pytest.raises(ConfigError):
        exporting.parquet(cut_over, tmp_path / "never", Asked(as_of=99))
    assert not (tmp_path / "never").exists()


def shut_and_open() -> Desired:
    """One person, of whom each kind has a blocked fact and an open one that leads to it."""
    shut = {"blocked": "inner", "blocked_by": "b"}
    order = {"group_id": "g", "picture": "ended", "picture_reason": "renewed", "source": "s"}
    group = dict.fromkeys(["orders", "open_orders", "sources"], 1)
    differs = dict.fromkeys(["state_differs", "dose_differs", "strength_differs"], False)
    about = {"person_id": "P1", "blocked": "inner", "name": "shut", "state": "ended"}
    sides = {"fact_id": "seen", "other_fact_id": "shut", "evidence_hash": "h", "state": "open"}
    conflict = {"person_id": "P1", "kind": "medication", "rule": "r", "field": "status", **sides}
    row = {"kind": "medication", "source": "s", "source_table": "t", "role": "loaded"}
    return {
        "person": [someone("P1")],
        "access_block": [fact("access_block", "b")],
        "medication": [
            fact("medication", "shut", order_id="1", **order, **shut),
            fact("medication", "seen", order_id="2", renews="1", chain_id="shut", **order),
        ],
        "medication_group": [{"group_id": "g", **about, **group, **differs}],
        "observation": [
            fact("observation", "later", result_id="9", **shut),
            fact("observation", "earlier", replaced_by="later"),
        ],
        "alert": [
            fact("alert", "worse", substance_group="nuts", **shut),
            fact("alert", "open", substance_group="nuts", worst_severity="life_threatening"),
        ],
        "conflict": [{"conflict_id": "c", **conflict}],
        "lineage": [{"fact_id": f, "row_key": f, **row} for f in ("shut", "seen")],
    }


def test_what_a_block_hides_is_not_told_by_what_was_derived_from_it(tmp_path: Path) -> None:
    site = site_with(tmp_path / "p", shut_and_open())
    manifest = exporting.parquet(site, tmp_path / "out", ALL)
    files = Files(tmp_path / "out")
    assert files.holding(["shut", "later", "worse", "b", "g", "c", "1"]) == []
    assert files.column("select fact_id from medication") == ["seen"]
    assert files.column("select worst_severity from alert") == [None]
    left = {name: book["left_out"] for name, book in manifest["besides"].items()}
    assert left["conflict"] == left["medication_group"] == left["lineage"] == {"blocked": 1}


def test_every_target_gives_the_same_files(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = "å 'q' | - = \r\n\t 🩺"
    desired = {
        "person": [someone("P1"), someone("P2", birth_date=None)],
        "document": [fact("document", "d1", body=odd), fact("document", "d2", body="", title="-")],
        "observation": [
            fact("observation", f"o{n}", value_number=number, abnormal=flag)
            for n, (number, flag) in enumerate([(None, None), (Decimal("-0.000001"), True)])
        ],
    }
    one = site_with(tmp_path / "one", desired)
    monkeypatch.setenv("RECORD", postgres_url)
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "minns.toml").write_text('target = "${RECORD}"\n', encoding="utf-8")
    two = open_site(tmp_path / "two")
    place = two.target("cutover")
    Place(place.url, place.schema).load(desired)
    for site in (one, two):
        exporting.parquet(site, site.project.root / "out", ALL)
    written = Files(tmp_path / "one" / "out")
    assert written.rows("select body, title from document") == [(odd, None), ("", "-")]
    for name in written.names:
        pair = [(tmp_path / at / "out" / f"{name}.parquet").read_bytes() for at in ("one", "two")]
        assert pair[0] == pair[1], name


def test_a_folder_with_anything_else_is_not_touched(cut_over: Site, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    for place in (tmp_path / "mine", tmp_path / "mine" / "thesis.txt"):
        with pytest.raises(StoreError, match="not touched"):
            exporting.parquet(cut_over, place, Asked())
    assert (tmp_path / "mine" / "thesis.txt").read_text(encoding="utf-8") == "years of work"


def test_an_export_that_breaks_leaves_the_earlier_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = site_with(tmp_path / "p", {"person": [someone("P1")]})
    exporting.parquet(site, tmp_path / "out", Asked())
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    Place(site.target("cutover").url, None).load({"person": [someone("P2")]}, run_id="run-2")

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(columnar, "write_tables", broken)
        with pytest.raises(KeyboardInterrupt):
            exporting.parquet(site, tmp_path / "out", Asked())
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "p"]
    assert list(site.store.scratch.iterdir()) == []
    exporting.parquet(site, tmp_path / "out", Asked())
    after = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert (after["load"], after["persons"]["exported"]) == (2, 1)


def test_the_ledger_says_who_exported_what(cut_over: Site, tmp_path: Path) -> None:
    arguments = ["export", "parquet", str(tmp_path / "out"), "--by", "maj", "--json"]
    ended = CliRunner().invoke(app, [*arguments, "--project", str(cut_over.project.root)])
    assert ended.exit_code == 0, ended.output
    assert json.loads(ended.stdout)["facts"]["access_block"]["exported"] == 0
    noted = cut_over.ledger.entries("export")[-1].body
    assert (noted["by"], noted["what"], noted["with_identifiers"]) == ("maj", "parquet", False)


def test_a_project_without_a_record_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "minns.toml").write_text('work = "work"\n', encoding="utf-8")
    arguments = ["export", "parquet", str(tmp_path / "out"), "--project", str(tmp_path)]
    ended = CliRunner().invoke(app, arguments)
    assert ended.exit_code == 2
    assert not (tmp_path / "out").exists()
