"""The laws of the record hold in every database that is reached through SQLAlchemy."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from desired_rows import Place, document, person
from sqlalchemy.dialects import mssql, mysql, oracle
from sqlalchemy.schema import CreateIndex, CreateTable

# The same laws, here in the databases of `place` below.
from test_foreign_changes import (  # noqa: F401
    DEEDS,
    STATE,
    test_a_load_that_was_broken_off_is_no_foreign_change,
    test_what_loads_leave_is_no_foreign_change,
)
from test_load_faults import (  # noqa: F401
    STATE_A,
    STATE_B,
    Killed,
    stop_after,
    test_a_mapping_mended_after_the_kill_leaves_one_version_a_load,
    test_another_run_does_not_go_on_with_what_one_left_open,
    test_killed_for_good_in_the_middle,
)
from test_load_record import (  # noqa: F401
    test_a_changed_row_is_a_new_version_and_one_no_longer_true_is_closed,
    test_a_first_load_adds_all_and_a_second_nothing,
    test_every_type_reads_back_exactly,
)

import load
from load.databases import _tell_untested, said
from load.portable import PortableTarget
from load.schema import index_of, indexes, reservation, set_collation, target_metadata
from minns.errors import TargetError
from minns.model import TARGET

LOCKED = r"found it is locked by another program"


@pytest.fixture
def place(mariadb_url: str) -> Place:
    return Place(mariadb_url, None)


@pytest.fixture(params=["mariadb", "sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Whatever SQLAlchemy reaches, those too that are otherwise loaded in bulk."""
    if request.param == "sqlite":
        return Place(f"sqlite:///{tmp_path / 'record.db'}", None, portable=True)
    if request.param == "mariadb":
        return Place(request.getfixturevalue("mariadb_url"), None)
    return Place(request.getfixturevalue("postgres_url"), "record", portable=True)


def test_a_load_broken_off_goes_on_to_the_same_end(place: Place) -> None:
    place.load(STATE_A)
    with pytest.raises(Killed):
        place.load(STATE_B, run_id="run-2", batch=10, progress=stop_after(5))
    assert place.load(STATE_B, run_id="run-2", batch=7).load_id == 2
    whole = Place(f"{place.url}whole", None)
    whole.load(STATE_A)
    whole.load(STATE_B, run_id="run-2")
    assert place.everything() == whole.everything()


@pytest.mark.parametrize(("deed", "told"), [DEEDS[0], DEEDS[4], DEEDS[6]])
def test_what_others_did_is_told_and_put_right(place: Place, deed: str, told: Any) -> None:
    place.load(STATE)
    before = {name: place.current(name) for name in STATE}
    place.by_hand(deed)
    assert place.foreign() == told
    place.foreign(accept=True)
    place.load(STATE, run_id="run-2")
    assert {name: place.current(name) for name in STATE} == before
    assert not place.foreign()


@pytest.mark.parametrize("tables", [2, 9, 16])
def test_making_the_tables_is_gone_on_with_after_a_kill(place: Place, tables: int) -> None:
    made = iter(range(1, tables + 1))

    def killed(*_: Any, **__: Any) -> None:
        if next(made) == tables:
            raise Killed

    sa.event.listen(sa.Table, "after_create", killed)
    try:
        with pytest.raises(Killed):
            load.open_target(place.url)
    finally:
        sa.event.remove(sa.Table, "after_create", killed)
    assert place.load(STATE_A).load_id == 1
    assert place.rows("alembic_version") == [{"version_num": "0002"}]
    assert len(place.current("document")) == 60


def test_texts_compare_byte_for_byte(place: Place) -> None:
    titles = ["a", "A", "a ", "å", "a\u030a", "", " ", "🩺", "\\'", "%s", "x" * 9000]
    place.load({"document": [document(f"d{n}", title=t) for n, t in enumerate(titles)]})
    for title in titles:
        chosen: sa.Select[str] = sa.select(sa.column("title")).select_from(
            sa.table("current_document", schema=place.schema)
        )
        with place.connected() as connection:
            same = connection.execute(chosen.where(sa.column("title") == title)).scalars()
            assert list(same) == [title]


def test_a_record_is_the_same_whichever_way_it_was_loaded(anywhere: Place, tmp_path: Path) -> None:
    bulk = Place(f"sqlite:///{tmp_path / 'bulk.db'}", None)
    for each in (anywhere, bulk):
        each.load(STATE_A)
        each.load(STATE_B, run_id="run-2")
    for table in ("document", "person"):
        assert anywhere.current(table) == bulk.current(table)
        hashes = [
            [(r["row_id"], r["content_hash"]) for r in p.rows(table)] for p in (anywhere, bulk)
        ]
        assert hashes[0] == hashes[1]


def test_what_is_read_has_the_types_of_the_model(anywhere: Place) -> None:
    anywhere.load(
        {"person": [person("p", birth_order=2)], "document": [document("d", signed=True)]}
    )
    with load.open_target(
        anywhere.url, anywhere.schema, make=False, portable=anywhere.portable
    ) as target:
        sql = 'select "surname", "birth_order", "birth_date" from ' + target.name("person")
        with target.stream(sql) as reader:
            types = [str(field.type) for field in reader.schema]
            rows = reader.read_all().to_pylist()
    assert types == ["string", "int64", "date32[day]"]
    assert rows == [{"surname": None, "birth_order": 2, "birth_date": None}]


def test_two_runs_do_not_load_at_one_time(anywhere: Place) -> None:
    anywhere.load(STATE_A)
    with load.open_target(anywhere.url, anywhere.schema, portable=anywhere.portable):
        with pytest.raises(TargetError, match=LOCKED):
            anywhere.load(STATE_B, run_id="run-2")
        with load.open_target(anywhere.url, anywhere.schema, make=False, portable=True) as reader:
            assert [row.state for row in reader.loads()] == ["done"]
    assert anywhere.load(STATE_B, run_id="run-2").load_id == 2


def test_a_batch_that_fails_is_undone_whole(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.load(STATE_A)
    before, ingest = place.rows("document"), PortableTarget.ingest

    def broken(target: Any, table: str, rows: Any) -> None:
        ingest(target, table, rows)
        if table == "document":
            raise Killed

    monkeypatch.setattr(PortableTarget, "ingest", broken)
    with pytest.raises(Killed):
        place.load(STATE_B, run_id="run-2")
    assert place.rows("document") == before


@contextmanager
def _written_to(place: Place) -> Iterator[None]:
    """Somebody else is in the middle of changing a row."""
    with place.connected() as connection, connection.begin():
        connection.exec_driver_sql("set innodb_lock_wait_timeout = 1")
        connection.exec_driver_sql("update document set title = 'x'")
        yield


def test_a_row_that_another_holds_is_told(
    mariadb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(mariadb_url, None)
    place.load(STATE_A)
    settings = {"mysql": {"init_command": "set innodb_lock_wait_timeout = 1"}}
    monkeypatch.setattr("load.databases._SETTINGS", settings)
    with _written_to(place), pytest.raises(TargetError, match=LOCKED):
        place.load(STATE_B, run_id="run-2")
    monkeypatch.undo()
    assert place.load(STATE_B, run_id="run-2").load_id == 2


def test_a_session_that_is_cut_is_told_and_gone_on_with(mariadb_url: str) -> None:
    place = Place(mariadb_url, None)
    place.load(STATE_A)

    def cut(done: int, total: int | None = None) -> None:
        with place.connected() as connection:
            sessions = connection.exec_driver_sql(
                "select id from information_schema.processlist "
                "where db = database() and id <> connection_id()"
            )
            for number in sessions.scalars().all():
                connection.exec_driver_sql(f"kill {number}")

    with pytest.raises(TargetError, match="it went away"):
        place.load(STATE_B, run_id="run-2", batch=10, progress=cut)
    assert place.load(STATE_B, run_id="run-2").load_id == 2
    assert len(place.current("document")) == 70


def test_a_refused_password_is_not_told(mariadb_server: str) -> None:
    wrong = sa.make_url(mariadb_server).set(password="fel-hemlighet", database="t")
    for attempt in (load.exists, load.open_target):
        with pytest.raises(TargetError, match="the password or user was refused") as caught:
            attempt(wrong.render_as_string(False), None)
        assert "fel-hemlighet" not in str(caught.value)


def test_a_server_that_does_not_answer_is_told() -> None:
    with pytest.raises(TargetError, match=r"an error of the database .nobody answers") as caught:
        load.exists("mysql+pymysql://minns:hemlig@127.0.0.1:1/record", None)
    assert "hemlig" not in str(caught.value)


def test_a_driver_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(TargetError, match=r"pip install 'minns\[mariadb\]'"):
        load.exists("mysql+pymysql://minns:hemlig@127.0.0.1:1/record", None)


@pytest.mark.parametrize("code", ["28000", "ORA-01017"])
def test_errors_of_other_databases_are_told_by_their_code(code: str) -> None:
    error = sa.exc.DBAPIError("select 1", None, Exception(code, "Fel lösenord för Anna"))
    assert said(error) == "authentication"


def test_other_peoples_tables_are_refused(mariadb_url: str) -> None:
    place = Place(mariadb_url, None)
    place.load({})
    with place.connected() as connection, connection.begin():
        connection.exec_driver_sql("drop table alembic_version")
        connection.exec_driver_sql("alter table person add column theirs integer")
    with pytest.raises(TargetError, match=r"the table 'person'.*found other columns"):
        place.load(STATE_A)


def test_a_record_exists_when_its_tables_do(anywhere: Place) -> None:
    assert not load.exists(anywhere.url, anywhere.schema)
    anywhere.load({})
    assert load.exists(anywhere.url, anywhere.schema)


def test_mariadb_says_what_its_tables_hold(mariadb_url: str) -> None:
    place = Place(mariadb_url, None)
    place.load(STATE_A)
    with place.connected() as connection:
        inspector = sa.inspect(connection)
        for name, table in TARGET.items():
            assert inspector.get_table_comment(name) == {"text": table.doc}
            comments = {c["name"]: c["comment"] for c in inspector.get_columns(name)}
            assert {n: comments[n] for n in table.names} == {c.name: c.doc for c in table.columns}
            indexed = {i["name"] for i in inspector.get_indexes(name)}
            assert {f"{name}_by_{'_'.join(c)}" for c in indexes(table)} <= indexed


LONGEST = {"mssql": 128, "oracle": 128, "mysql": 64}


DIALECTS: list[sa.Dialect] = [d.dialect() for d in (mssql, oracle, mysql)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_table_can_be_said_in_every_dialect(dialect: sa.Dialect) -> None:
    metadata = target_metadata("record")
    set_collation(metadata, dialect)
    tables = [*metadata.tables.values(), reservation("record")]
    for table in tables:
        said = str(CreateTable(table).compile(dialect=dialect))
        assert said.strip().startswith("CREATE TABLE")
        names = [table.name, *(column.name for column in table.columns)]
        if table.name in TARGET:
            for columns in indexes(TARGET[table.name]):
                index = index_of(table, columns)
                assert "CREATE INDEX" in str(CreateIndex(index).compile(dialect=dialect))
                names.append(str(index.name))
        assert max(map(len, names)) <= LONGEST[dialect.name]


def test_moments_keep_their_microseconds_in_every_dialect() -> None:
    table = target_metadata(None).tables["document"]
    said = {d.name: str(table.c.written_at.type.compile(dialect=d)) for d in DIALECTS}
    assert said == {"mssql": "DATETIME2(6)", "oracle": "TIMESTAMP", "mysql": "DATETIME(6)"}


@pytest.mark.parametrize(
    ("url", "named"),
    [("mssql+pyodbc://host/record", "SQL Server"), ("oracle+oracledb://host/record", "Oracle")],
)
def test_a_database_that_nobody_tried_is_told(
    url: str, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _tell_untested.cache_clear()
    for _ in range(2):
        assert isinstance(load.open_target(url, "record", make=False), PortableTarget)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(f"minns was never run against {named}")


@pytest.mark.parametrize("url", ["mysql://host/r", "mariadb+mariadbconnector://h/r", "duckdb://"])
def test_any_other_database_is_refused(url: str) -> None:
    with pytest.raises(TargetError, match="a target in SQLite, PostgreSQL or MariaDB"):
        load.open_target(url)
