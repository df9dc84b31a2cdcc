"""Every kind of live source, read again, agrees with its landing; what is planted is named."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from extract.landing import land
from minns.config import Source
from minns.engine import Engine
from minns.store import Store
from validation.reconcile import compare

Rows = list[tuple[str, str]]


def seen(source: Source, folder: Path, change: Callable[[], None]) -> tuple[Any, Rows]:
    """Land, change the source, compare: the difference, and (row_key, why) of each offender."""
    landing = land(source, Store(folder / "work"), root=folder)
    change()
    with Engine(folder / "scratch", threads=1) as engine:
        [(difference, sql)] = compare(source, landing, folder, engine)
        rows = engine.rows(f"select row_key, why from ({sql}) order by all") if sql else []
    return difference, rows


def nothing() -> None:
    """Leave the source as it is."""


def journal(folder: Path) -> Source:
    """A database whose loose columns hold every storage class."""
    with sqlite3.connect(folder / "j.db") as database:
        database.execute("create table prov (id integer, text varchar, tal numeric, rå blob)")
        database.executemany(
            "insert into prov values (?, ?, ?, ?)",
            [
                (1, "inga fynd|\\#\n\x1f", 0.1, b"\x00'"),
                (2, "", 1e300, None),
                (3, None, 5, b""),
                (4, "ÅÄÖ", -1 / 3, b"x"),
                (5, "1", 12345678901234567890.0, b"y"),
            ],
        )
    database.close()
    return of_sql("sqlite:///j.db")


def of_sql(url: str) -> Source:
    tables = {"prov": {"key": ["id"]}}
    return Source.model_validate({"name": "j", "kind": "sql", "url": url, "tables": tables})


def test_what_a_database_holds_is_what_was_landed(tmp_path: Path) -> None:
    difference, rows = seen(journal(tmp_path), tmp_path, nothing)
    assert (difference.live, difference.landed, difference.segments, rows) == (5, 5, 0, [])


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("update prov set text = 'fynd' where id = 1", ("1", "changed")),
        ("update prov set tal = round(tal, 2) where id = 4", ("4", "changed")),
        ("update prov set text = null where id = 2", ("2", "changed")),
        ("update prov set text = 'ÅÄ' where id = 4", ("4", "changed")),
        ("update prov set rå = x'79' where id = 4", ("4", "changed")),
        ("delete from prov where id = 3", ("3", "gone_from_source")),
        ("insert into prov select * from prov where id = 3", ("3", "more_in_source")),
        ("insert into prov values (6, 'ny', 1, null)", ("6", "not_landed")),
    ],
)
def test_a_row_changed_after_landing_is_named(
    tmp_path: Path, sql: str, expected: tuple[str, str]
) -> None:
    source = journal(tmp_path)

    def change() -> None:
        with sqlite3.connect(tmp_path / "j.db") as database:
            database.execute(sql)
        database.close()

    difference, rows = seen(source, tmp_path, change)
    assert (difference.segments, difference.rows, rows) == (1, 1, [expected])


def test_a_source_that_is_gone_has_no_count(tmp_path: Path) -> None:
    source = journal(tmp_path)
    difference, _ = seen(source, tmp_path, (tmp_path / "j.db").unlink)
    assert (difference.live, difference.landed) == (None, 5)


def files(kind: str, encoding: str, form: dict[str, Any]) -> Source:
    tables = {"pat": {"file": "*.txt", "encoding": encoding, **form}}
    return Source.model_validate({"name": "f", "kind": kind, "folder": ".", "tables": tables})


def test_files_are_read_in_their_code_page(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes('id;text\n1;"två\nrader; ""citat"""\n2;ingå\n'.encode("cp850"))

    def damage() -> None:
        path.write_bytes(path.read_bytes().replace("ingå".encode("cp850"), b"ing"))

    source = files("csv", "cp850", {"key": ["id"]})
    assert seen(source, tmp_path, nothing)[0].rows == 0
    assert seen(source, tmp_path, damage)[1] == [("2", "changed")]


def test_lines_without_a_key_are_named_by_their_content(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("0001ÅSA \n0002BO  \n0002BO  \n".encode("latin-1"))
    fields = [{"name": "NR", "start": 1, "width": 4}, {"name": "NAMN", "start": 5, "width": 4}]
    source = files("fixed", "iso8859-1", {"fields": fields})

    def lose() -> None:
        path.write_bytes("0001ÅSA \n0002BO  \n".encode("latin-1"))

    assert seen(source, tmp_path, nothing)[0].rows == 0
    [(_, why)] = seen(source, tmp_path, lose)[1]
    assert why == "fewer_in_source"


def test_postgresql_reads_as_it_was_landed(tmp_path: Path, postgres_url: str) -> None:
    database = sa.create_engine(postgres_url)
    with database.begin() as connection:
        connection.exec_driver_sql(
            "create table prov (id bigint, tal numeric(18, 6), flyt double precision, dag date, "
            "tid timestamp, zon timestamptz, ja boolean, rå bytea, text text, vid numeric)"
        )
        connection.exec_driver_sql(
            "insert into prov values (1, 0.100000, 0.1, '2026-03-29', '2026-03-29 02:30:00.5', "
            "'2026-03-29 02:30+02', true, '\\x00ff', 'inga', 1.50), "
            "(2, null, null, null, null, null, null, null, null, null), "
            "(3, -7, 1e300, '1901-01-01', '1901-01-01', '1901-01-01 00:00Z', false, '', '', 1e30)"
        )

    def change() -> None:
        with database.begin() as connection:
            connection.exec_driver_sql("update prov set vid = 1.5 where id = 1")
            connection.exec_driver_sql("update prov set tid = tid + interval '1 day' where id = 3")

    assert seen(of_sql(postgres_url), tmp_path, nothing)[1] == []
    assert seen(of_sql(postgres_url), tmp_path, change)[1] == [("1", "changed"), ("3", "changed")]
    database.dispose()
