"""The independent check finds what the books hide: each planted fault is named by a check."""

import csv
import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from minns.config import Gates, Source
from minns.engine import Engine, row_hash_sql
from minns.errors import TargetError
from minns.model import BY_NAME, CANONICAL, DUCKDB, FACTS, KINDS, TARGET, Table
from minns.step import Room
from minns.store import Dataset, Store
from validation import About, Books, Live, as_json, check, gather, steps
from validation.readback import read_back

PERSON_ID, HEADER = "p-1", {"status": "active"}
ROWS = [("d1", "J45"), ("d2", "J45"), ("d3", "")]


class World:
    """One source with three diagnoses (two say the same), its books, and its target."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder, self.engine, self.made = folder, engine, 0
        self.store = Store(folder / "work")
        self.target = folder / "record.db"
        self.source()
        self.landing = self.land()
        self.shape, self.link, self.transform = self.shaped(), self.linked(), self.facts()
        self.fill_target()

    def source(self) -> None:
        with sqlite3.connect(self.folder / "melior.db") as database:
            database.execute("create table diagnos (id text, kod text)")
            database.executemany("insert into diagnos values (?, ?)", ROWS)
            database.execute("create table patient (id text)")
            database.execute("insert into patient values ('1')")
        database.close()

    def dataset(self, name: str, tables: dict[str, str]) -> Dataset:
        folder = self.store.folder / name
        with self.store.publish(folder, "key") as draft:
            for table, sql in tables.items():
                rows = self.engine.copy(sql, draft.part(table))
                draft.describe(table, rows=rows)
        found = self.store.find(folder)
        assert found
        return found

    def model(self, table: Table, *rows: dict[str, Any], hashed: bool = False) -> str:
        """SQL that yields rows of a model table, what is not given being NULL."""
        self.engine.empty(table, "hand")
        for row in rows:
            marks = ", ".join("?" * len(row))
            names = ", ".join(row)
            self.engine.run(f"insert into hand ({names}) values ({marks})", list(row.values()))
        extra = f", {row_hash_sql(table.names)} as content_hash" if hashed else ""
        self.made += 1
        name = f"hand_{self.made}"
        self.engine.run(f"create temp table {name} as select *{extra} from hand")
        return f"from {name}"

    def land(self) -> Dataset:
        rows = ", ".join(f"('{key}', '{code}', '{key}')" for key, code in ROWS)
        return self.dataset(
            "land",
            {
                "diagnos": f"select * from (values {rows}) t(id, kod, _row_key)",
                "patient": "select '1' as id, '1' as _row_key",
            },
        )

    def shaped(self) -> Dataset:
        patient = dict(at("1", "patient"), local_patient_id="1", protection="none")
        conditions = [
            dict(at(key), local_patient_id="1", local_code=code, **HEADER) for key, code in ROWS[:2]
        ]
        rows = [dict(at(key), row_hash="0" * 32) for key, _ in ROWS]
        rows.append(dict(at("1", "patient"), row_hash="1" * 32))
        content = {"patient": [patient], "condition": conditions, "row": rows}
        content["quarantine"] = [dict(at("d3"), kind="condition", rule="code_missing")]
        tables = ("row", "quarantine", "excluded", *CANONICAL)
        return self.dataset(
            "shape", {name: self.model(BY_NAME[name], *content.get(name, [])) for name in tables}
        )

    def linked(self) -> Dataset:
        identity = dict(source="melior", local_patient_id="1", person_id=PERSON_ID, since="wave-1")
        content = {"identity": [dict(identity, probability=1, method="founder")]}
        tables = ("identity", "pair", "held", "registry_event")
        return self.dataset(
            "link", {name: self.model(BY_NAME[name], *content.get(name, [])) for name in tables}
        )

    def facts(self) -> Dataset:
        fact: dict[str, Any] = dict(
            HEADER, fact_id="f-1", person_id=PERSON_ID, source="melior", local_code="J45"
        )
        fact |= {"local_text": "", "recorded_at": "2020-02-03 04:05:06", "signed": True}
        person = {"person_id": PERSON_ID, "protection": "none", "surname": r"Å|\b"}
        lineage = [
            behind(PERSON_ID, "patient", at("1", "patient"), "loaded"),
            behind("f-1", "condition", at("d1"), "loaded"),
            behind("f-1", "condition", at("d2"), "consolidated"),
        ]
        group = {"group_id": "g-1", "person_id": PERSON_ID, "orders": 1}
        content = {"condition": [fact], "person": [person], "lineage": lineage}
        content["medication_group"] = [group]
        made = {n: FACTS.get(n) or BY_NAME[n] for n in ("person", *KINDS, "medication_group")}
        tables = {n: self.model(t, *content.get(n, []), hashed=True) for n, t in made.items()}
        for name in ("lineage", "conflict", "code_use", "excluded"):
            tables[name] = self.model(BY_NAME[name], *content.get(name, []))
        return self.dataset("transform", tables)

    def fill_target(self) -> None:
        identity = self.link.parts("identity")
        with sqlite3.connect(self.target) as database:
            for table in TARGET.values():
                parts = identity if table.name == "identity" else self.transform.parts(table.name)
                self.engine.view("desired", parts)
                columns = ", ".join(f"cast({c} as varchar)" for c in table.names)
                rows = self.engine.rows(
                    f"select {columns}, {row_hash_sql(table.names)}, 1, null from desired"
                )
                declared = ", ".join(f"{c.name} {DUCKDB[c.type]}" for c in table.columns)
                declared += ", content_hash text, valid_from_load integer, valid_to_load integer"
                database.execute(f"create table {table.name} ({declared})")
                marks = ", ".join("?" * (len(table.names) + 3))
                database.executemany(f"insert into {table.name} values ({marks})", rows)
        database.close()

    def books(self) -> Books:
        step = steps(("melior",))[0]
        for view, read in step.reads.items():
            where = {"shape-melior": self.shape, "link": self.link, "transform": self.transform}
            split = [name.split(".") for name in read]
            self.engine.view(view, [p for s, table in split for p in where[s].parts(table)])
        folder = self.store.folder / "fates"
        with self.store.publish(folder, "key") as draft:
            step.do(Room(self.engine, draft))
        fates = self.store.find(folder)
        assert fates
        shapes = {"melior": self.shape}
        return Books({"melior": self.landing}, shapes, self.link, self.transform, fates)

    def live(self) -> Live:
        source = Source.model_validate(
            {
                "name": "melior",
                "kind": "sql",
                "url": "sqlite:///melior.db",
                "tables": {"diagnos": {"key": ["id"]}, "patient": {"key": ["id"]}},
            }
        )
        return Live((source,), self.folder, f"sqlite:///{self.target}")

    def failed(self) -> set[str]:
        findings = check(self.books(), self.live(), self.engine, self.folder / "checks")
        return {finding.check for finding in findings if not finding.passed}

    def change_target(self, sql: str) -> None:
        with sqlite3.connect(self.target) as database:
            database.execute(sql)
        database.close()


def at(key: str, table: str = "diagnos") -> dict[str, Any]:
    return {"source": "melior", "source_table": table, "row_key": key}


def behind(fact: str, kind: str, pointer: dict[str, Any], role: str) -> dict[str, Any]:
    return {"fact_id": fact, "kind": kind, **pointer, "role": role}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Engine(tmp_path / "scratch", threads=1) as engine:
        yield World(tmp_path, engine)


def test_true_books_pass_every_check(world: World) -> None:
    findings = check(world.books(), world.live(), world.engine, world.folder / "checks")
    assert [finding for finding in findings if not finding.passed] == []
    assert len(findings) > 50
    assert not list((world.folder / "checks").iterdir())


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("delete from lineage where role = 'loaded'", "told_rows_reach_the_target"),
        ("delete from lineage where kind = 'condition'", "facts_have_rows_behind_them"),
        ("update lineage set row_key = 'd9' where row_key = 'd1'", "lineage_points_to_landed_rows"),
        ("delete from condition", "lineage_points_to_current_facts"),
        ("update condition set valid_to_load = 1", "facts_are_as_desired"),
        ("insert into condition select * from condition", "facts_have_one_version"),
        ("update condition set local_code = 'J46'", "facts_are_as_desired"),
        ("update condition set local_text = null", "facts_are_as_desired"),
        ("update condition set signed = 'false'", "stored_hashes_are_true"),
        ("update condition set content_hash = null", "stored_hashes_are_true"),
        ("update condition set person_id = 'p-2'", "facts_belong_to_a_person"),
        ("update person set surname = 'A'", "persons_are_as_desired"),
        ("update medication_group set orders = 2", "medicines_are_as_desired"),
        ("delete from medication_group", "medicines_are_as_desired"),
        ("delete from identity", "identities_stand_once"),
        ("delete from identity", "persons_have_an_identity"),
        ("insert into identity select * from identity", "identities_stand_once"),
        ("update identity set person_id = 'p-2'", "identities_keep_their_person"),
    ],
)
def test_a_fault_in_the_target_is_found(world: World, sql: str, name: str) -> None:
    world.change_target(sql)
    assert name in world.failed()


def test_a_row_lost_between_source_and_landing_is_found(world: World) -> None:
    with sqlite3.connect(world.folder / "melior.db") as database:
        database.execute("insert into diagnos values ('d4', 'E10')")
    database.close()
    assert world.failed() == {"source_rows_are_landed", "source_rows_are_as_landed"}


def test_a_row_lost_between_landing_and_shape_is_found(world: World) -> None:
    shaped = {t: f"from read_parquet('{world.shape.parts(t)[0]}')" for t in world.shape.tables}
    shaped["row"] += " where row_key <> 'd3'"
    world.shape = world.dataset("shape-less", shaped)
    assert {"rows_have_one_fate", "no_contradiction"} <= world.failed()


def test_offenders_are_pointed_at_without_values(world: World) -> None:
    world.change_target("update condition set local_code = 'J46'")
    findings = check(world.books(), world.live(), world.engine, world.folder / "checks")
    found = next(f for f in findings if not f.passed and f.check == "facts_are_as_desired")
    assert (found.subject, found.offenders) == ("condition", 1)
    path = str(world.folder / "checks" / str(found.pointers))
    assert world.engine.rows("from read_parquet(?)", [path]) == [("condition", "f-1")]


def test_an_unreachable_source_fails_its_check(world: World) -> None:
    (world.folder / "melior.db").unlink()
    assert world.failed() == {"source_rows_are_landed", "source_rows_are_as_landed"}


def test_a_target_that_is_not_there_is_the_operators_to_mend(world: World) -> None:
    world.target.unlink()
    with pytest.raises(TargetError, match="shared record"):
        world.failed()


def _csv(path: Path) -> None:
    with path.open("w", encoding="cp850", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerows([["id", "text"], ["1", 'två\nrader; "citat"'], ["2", "å"]])
        file.write("\n")


def _fixed(path: Path) -> None:
    path.write_bytes("0001ÅSA \n0002BO  \n\n".encode("latin-1"))


@pytest.mark.parametrize(
    ("kind", "encoding", "write"),
    [("csv", "cp850", _csv), ("fixed", "iso8859-1", _fixed)],
)
def test_files_are_counted_by_their_records(
    tmp_path: Path, kind: str, encoding: str, write: Callable[[Path], None]
) -> None:
    from validation.recount import recount

    write(tmp_path / "a.txt")
    table = {"file": "*.txt", "encoding": encoding}
    source = Source.model_validate(
        {"name": "elvis", "kind": kind, "folder": ".", "tables": {"pat": table}}
    )
    assert recount(source, tmp_path) == {"pat": 2}


def test_the_evidence_of_a_run_is_computed_from_its_books(world: World) -> None:
    books = world.books()
    findings = check(books, world.live(), world.engine, world.folder / "checks")
    about = About("wave-1", "rehearsal", "r-1", "2026-11-23 10:00", rerun_changes=0)
    criteria = Gates.model_validate({"quarantined_share_max": 0.5})
    evidence = gather(books, about, findings, criteria, world.engine)
    assert evidence.go, [gate for gate in evidence.gates if gate.verdict != "pass"]
    assert evidence.totals["extracted"] == 4
    assert evidence.totals["quarantined"] == 1
    assert evidence.links.persons == 1
    assert dict(evidence.facts)["condition"] == 1
    [pointer] = evidence.pointers
    assert (pointer.rule, pointer.marks) == ("code_missing", ("0" * 12,))
    assert json.loads(json.dumps(as_json(evidence)))["go"] is True


def _hash_from_target(engine: Engine, url: str, schema: str | None, row: dict[str, Any]) -> Any:
    """Write one observation to an empty target with native types; gives the hash read back."""
    database = sa.create_engine(url)
    with database.begin() as connection:
        if schema:
            connection.exec_driver_sql(f"create schema {schema}")
        place = f"{schema}." if schema else ""
        for table in TARGET.values():
            declared = ", ".join(f"{c.name} {DUCKDB[c.type]}" for c in table.columns)
            declared += ", content_hash text, valid_from_load integer, valid_to_load integer"
            connection.exec_driver_sql(f"create table {place}{table.name} ({declared})")
        names: list[sa.ColumnClause[Any]] = [sa.column(name) for name in row]
        connection.execute(sa.insert(sa.table("observation", *names, schema=schema)).values(row))
    database.dispose()
    read_back(engine, sa.make_url(url), schema)
    return engine.rows("select truth, stored from target_observation")


@pytest.mark.parametrize("text", ["", r"a|b\p", "två\nrader", "-", "=", None])
def test_own_hash_and_engines_hash_agree_over_postgresql(
    tmp_path: Path, postgres_url: str, text: str | None
) -> None:
    row = {
        "fact_id": "f-1",
        "value_number": Decimal("123456789012.123456"),
        "observed_at": datetime(2026, 3, 29, 2, 30, 0, 500000),
        "signed": False,
        "local_text": text,
    }
    table = FACTS["observation"]
    with Engine(tmp_path / "scratch", threads=1) as engine:
        engine.empty(table, "wanted")
        marks = ", ".join("?" * len(row))
        engine.run(f"insert into wanted ({', '.join(row)}) values ({marks})", list(row.values()))
        wanted = engine.value(f"select {row_hash_sql(table.names)} from wanted")
        assert _hash_from_target(engine, postgres_url, "record", row) == [(UUID(wanted), None)]
