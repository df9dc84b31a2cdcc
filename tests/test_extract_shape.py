"""Shape: every landed row becomes canonical rows, or is quarantined, or is excluded."""

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import extract
from minns.config import Source
from minns.engine import Engine
from minns.errors import MappingError
from minns.model import CANONICAL
from minns.step import Room, Step
from minns.store import Dataset, Store

Rows = list[tuple[Any, ...]]


def run(step: Step, landing: Dataset, store: Store) -> Dataset:
    """The pipeline in ten lines: views of what is read, a draft for what is written."""
    folder = store.step_folder(step.name, "key")
    with Engine(store.scratch) as engine, store.publish(folder, "key") as draft:
        for name in step.reads:
            engine.view(name, landing.parts(name))
        step.do(Room(engine, draft))
    shaped = store.find(folder)
    assert shaped is not None and set(step.writes) == set(shaped.tables)
    return shaped


def yields(kind: str, table: str, where: str = "true", **columns: str) -> str:
    """Mapping SQL that fills `columns` of a kind and leaves the others empty."""
    given = {"source_table": f"'{table}'", "row_key": "_row_key", **columns}
    names = [name for name in CANONICAL[kind].names if name != "source"]
    parts = ", ".join(f"{given.get(name, 'null')} as {name}" for name in names)
    return f"select {parts} from {table} where {where} -- end"


PATIENT = yields("patient", "pat", local_patient_id="lid", birth_date="born", protection="'none'")
CONDITION = yields(
    "condition",
    "dia",
    local_patient_id="lid",
    status="status",
    diagnosed_on="day",
    local_code="code",
)


class Journal:
    """A small legacy journal: patients, diagnoses, a look-up table; and its mapping."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store = folder, Store(folder / "work")
        self.mapping = folder / "mapping"
        self.mapping.mkdir(exist_ok=True)
        self.write(patient=PATIENT, condition=CONDITION)

    def write(self, **files: str) -> None:
        for name, sql in files.items():
            (self.mapping / f"{name}.sql").write_text(sql, encoding="utf-8")

    def fill(self, pat: Rows, dia: Rows, ref: Rows = []) -> None:  # noqa: B006
        (self.folder / "journal.db").unlink(missing_ok=True)
        with sqlite3.connect(self.folder / "journal.db") as db:
            db.execute("create table pat (id text, lid text, born text)")
            db.execute("create table dia (id text, lid text, status text, day text, code text)")
            db.execute("create table ref (id text)")
            db.executemany("insert into pat values (?, ?, ?)", pat)
            db.executemany("insert into dia values (?, ?, ?, ?, ?)", dia)
            db.executemany("insert into ref values (?)", ref)
        db.close()

    def shape(self) -> Callable[[str], Rows]:
        """Land and shape; gives a query on the result."""
        keyed = {"key": ["id"], "may_be_empty": True}
        tables = {"pat": keyed, "dia": keyed, "ref": {"role": "reference", "may_be_empty": True}}
        url = "sqlite:///journal.db"
        source = Source.model_validate(
            {"name": "journal", "kind": "sql", "url": url, "tables": tables}
        )
        landing = extract.land(source, self.store, root=self.folder)
        (step,) = extract.steps(source, self.mapping, landing)
        shaped = run(step, landing, self.store)

        def query(sql: str) -> Rows:
            with Engine(self.store.scratch) as engine:
                for name in shaped.tables:
                    engine.view(name, shaped.parts(name))
                return engine.rows(sql)

        return query


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path)


def test_a_sound_row_becomes_a_canonical_row_in_the_contracts_types(journal: Journal) -> None:
    journal.fill([("1", "p1", "1971-01-01")], [("7", "p1", "active", "2020-02-29", "J06.9")])
    query = journal.shape()
    assert query("select source, source_table, row_key, diagnosed_on::text from condition") == [
        ("journal", "dia", "7", "2020-02-29")
    ]
    assert query("select count(*) from quarantine") == [(0,)]
    assert query("select count(*) from row") == [(2,)]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        pytest.param(("7", "p1", "active", "2020-02-30", "x"), "not_a_date", id="no such day"),
        pytest.param(("7", "p1", "active", None, "x"), "missing_diagnosed_on", id="no day"),
        pytest.param(("7", "p1", "bad", "2020-02-28", "x"), "not_allowed", id="no such status"),
        pytest.param(("7", None, "active", "2020-02-28", "x"), "missing_local_patient_id", id="id"),
        pytest.param(("7", "p9", "active", "2020-02-28", "x"), "no_such_patient", id="stranger"),
    ],
)
def test_a_row_that_breaks_a_rule_is_quarantined(
    journal: Journal, row: tuple[Any, ...], rule: str
) -> None:
    journal.fill([("1", "p1", "1971-01-01")], [row])
    query = journal.shape()
    assert query("select source_table, row_key, kind, rule from quarantine") == [
        ("dia", "7", "condition", rule)
    ]
    assert query("select count(*) from condition") == [(0,)]


def test_fields_that_break_one_rule_share_a_line(journal: Journal) -> None:
    journal.write(patient=PATIENT.replace("null as deceased_date", "born as deceased_date"))
    journal.fill([("1", "p1", "soon")], [])
    assert journal.shape()("select rule, field from quarantine") == [
        ("not_a_date", "birth_date deceased_date")
    ]


def test_rows_that_share_a_key_are_all_quarantined(journal: Journal) -> None:
    patients = [(str(n), f"p{n}", "1971-01-01") for n in range(5)]
    journal.fill([*patients, ("4", "p5", "1971-01-01")], [])
    query = journal.shape()
    assert query("select row_key, kind, rule from quarantine order by 1") == [
        ("4#1", "", "duplicate_key"),
        ("4#2", "", "duplicate_key"),
    ]
    assert query("select count(*) from patient") == [(4,)]


def test_of_two_rows_for_one_patient_none_is_chosen(journal: Journal) -> None:
    journal.fill(
        [("1", "p1", "1971-01-01"), ("2", "p1", "1972-01-01"), ("3", "p3", None)],
        [("7", "p1", "active", "2020-01-01", "x")],
    )
    query = journal.shape()
    assert query("select row_key, kind, rule from quarantine order by all") == [
        ("1", "patient", "duplicate_patient"),
        ("2", "patient", "duplicate_patient"),
        ("7", "condition", "no_such_patient"),
    ]


def test_a_quarantined_statement_leaves_only_itself_out(journal: Journal) -> None:
    document = yields(
        "document", "dia", local_patient_id="lid", status="'active'", document_id="id", body="code"
    )
    journal.write(document=document)
    journal.fill([("1", "p1", None)], [("7", "p1", "active", "never", "text")])
    query = journal.shape()
    assert query("select row_key from document") == [("7",)]
    assert query("select kind, rule from quarantine") == [("condition", "not_a_date")]


def test_rows_of_reference_tables_and_of_excluded_sql_are_excluded(journal: Journal) -> None:
    journal.write(
        condition=CONDITION.replace("where true", "where code is not null"),
        excluded="select 'dia' as source_table, _row_key as row_key, 'no_code' as rule"
        " from dia where code is null",
    )
    journal.fill([("1", "p1", None)], [("7", "p1", "active", "2020-01-01", None)], [("a",), ("a",)])
    query = journal.shape()
    assert query("select source_table, rule, count(*) from excluded group by all order by 1") == [
        ("dia", "no_code", 1),
        ("ref", "reference_table", 2),
    ]


LINK = yields("register_link", "dia", number="lid", earlier_number="code", link_kind="status")


def test_register_links_are_evidence_and_no_part_of_the_record(journal: Journal) -> None:
    journal.write(register_link=LINK)
    (journal.mapping / "condition.sql").unlink()
    journal.fill([], [("7", "n2", "changed", None, "n1"), ("8", "n3", "guessed", None, "n1")])
    query = journal.shape()
    assert query("select row_key, number, earlier_number from register_link") == [("7", "n2", "n1")]
    assert query("select source_table, row_key, rule from excluded") == [
        ("dia", "7", "register_link")
    ]
    assert query("select row_key, kind, rule from quarantine") == [
        ("8", "register_link", "not_allowed")
    ]


def test_optional_columns_may_be_left_out(journal: Journal) -> None:
    optional = [column.name for column in CANONICAL["patient"].columns if column.optional]
    journal.write(patient=f"select * exclude ({', '.join(optional)}) from (\n{PATIENT}\n)")
    journal.fill([("1", "p1", "1971-01-01")], [])
    query = journal.shape()
    assert query("select local_patient_id, birth_date::text from patient") == [("p1", "1971-01-01")]
    assert query(f"select {', '.join(optional)} from patient") == [(None,) * len(optional)]


@pytest.mark.parametrize(
    ("given", "kind", "type_"),
    [
        ("'12.7'", "patient.birth_order", "not_a_integer"),
        ("'2'", "patient.birth_order", None),
        ("2.0::double", "patient.birth_order", "not_a_integer"),
    ],
)
def test_no_number_is_rounded_to_fit(
    journal: Journal, given: str, kind: str, type_: str | None
) -> None:
    journal.write(patient=PATIENT.replace("null as birth_order", f"{given} as birth_order"))
    journal.fill([("1", "p1", None)], [])
    found = journal.shape()("select rule from quarantine")
    assert found == ([(type_,)] if type_ else [])


def test_the_same_landing_gives_the_same_bytes(journal: Journal) -> None:
    patients = [(str(n), f"p{n % 900}", "1971-01-01") for n in range(1000)]
    found = []
    for rows in (patients, patients[::-1]):
        journal.fill(rows, [])
        journal.shape()
        parts = (journal.store.folder / "steps").rglob("*.parquet")
        found.append({path.parent.name: path.read_bytes() for path in parts})
    assert found[0] == found[1]


FAULTS = {
    "a file that is no canonical table": ({"diagnosis": "select 1"}, "diagnosis.sql"),
    "a missing column": (
        {
            "condition": CONDITION.replace("null as unit,", "").replace(
                "code as local_code", "code as kod"
            )
        },
        "without local_code",
    ),
    "a surplus column": (
        {"condition": CONDITION.replace(" from dia", ", 1 as more from dia")},
        "unknown more",
    ),
    "two statements": ({"condition": f"{CONDITION}\n;select 1"}, "2 statements"),
    "SQL that does not parse": ({"condition": "selekt 1"}, "ParserException|syntax error"),
    "SQL on a table that is not there": ({"condition": "select * from nowhere"}, "nowhere"),
    "SQL that fails on a row": (
        {"condition": CONDITION.replace("day as diag", "cast(day as date) as diag")},
        "ConversionException",
    ),
    "rows dropped": (
        {"condition": CONDITION.replace("where true", "where false")},
        "drops 1 rows of table 'dia'",
    ),
    "a row named twice": (
        {"condition": CONDITION.replace("from dia", "from dia, range(2)")},
        "already named",
    ),
    "a row named by no key": (
        {"condition": CONDITION.replace("_row_key as", "null as")},
        "name none",
    ),
    "a row that was not landed": (
        {"condition": CONDITION.replace("_row_key as", "'x' as")},
        "not landed",
    ),
    "a row excluded by no rule": (
        {"excluded": "select 'dia' as source_table, _row_key as row_key, null as rule from dia"},
        "none for some",
    ),
    "a row mapped and excluded": (
        {"excluded": "select 'dia' as source_table, _row_key as row_key, 'r' as rule from dia"},
        "both maps and excludes 1 rows",
    ),
}


@pytest.mark.parametrize(("files", "found"), FAULTS.values(), ids=FAULTS.keys())
def test_a_mapping_that_breaks_the_contract_is_refused(
    journal: Journal, files: dict[str, str], found: str
) -> None:
    journal.write(**files)
    journal.fill([("1", "p1", None)], [("7-secret", "p1", "active", "19710101-secret", "x")])
    with pytest.raises(MappingError, match=found) as caught:
        journal.shape()
    assert "secret" not in str(caught.value)


WORD = st.sampled_from(
    ["1", "2", "p1", "p2", "active", "", "#1", "1|2", "2020-02-30", "2020-01-01"]
)
CELL = st.one_of(st.none(), WORD, st.text(max_size=3))
ACCOUNTED = " union ".join(
    f"select source_table, row_key from {name}" for name in (*CANONICAL, "quarantine", "excluded")
)


def tables(query: Callable[[str], Rows]) -> Rows:
    """All rows of all tables, as text."""
    names = (*CANONICAL, "quarantine", "excluded", "row")
    parts = (f"select '{name}', it::varchar from {name} it" for name in names)
    return sorted(query(" union all ".join(parts)))


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    pat=st.lists(st.tuples(CELL, CELL, CELL), max_size=6),
    dia=st.lists(st.tuples(*[CELL] * 5), max_size=6),
    ref=st.lists(st.tuples(CELL), max_size=3),
    chance=st.randoms(use_true_random=False),
)
def test_however_dirty_the_rows_all_are_accounted_for_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, pat: Rows, dia: Rows, ref: Rows, chance: random.Random
) -> None:
    """Rows, and canonical rows with quarantined and excluded ones, are the same set; the order in
    which a source gives its rows changes nothing.
    """
    journal = Journal(tmp_path_factory.mktemp("journal"))
    pat = [(f"{n}", *row[1:]) if n % 4 else row for n, row in enumerate(pat, 1)]
    dia = [(f"{n}", *row[1:]) if n % 4 else row for n, row in enumerate(dia, 1)]
    journal.fill(pat, dia, ref)
    query = journal.shape()
    landed = "select source_table, row_key from row"
    assert query(f"({landed} except ({ACCOUNTED})) union all (({ACCOUNTED}) except {landed})") == []
    assert query("select count(*) from row") == [(len(pat) + len(dia) + len(ref),)]
    shuffled = (chance.sample(rows, len(rows)) for rows in (pat, dia, ref))
    journal.fill(*shuffled)
    assert tables(journal.shape()) == tables(query)
