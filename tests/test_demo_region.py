"""The synthetic region: seeded, hard in the ways that real registers are, and true to its truth."""

import hashlib
import sqlite3
from pathlib import Path

import duckdb
import pytest

from minns.demo import build_region, canary, write_melior
from minns.demo.melior import METADATA
from minns.demo.population import listed_numbers, population


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("region")
    build_region(folder, persons=200, seed=7, canary=True)
    return folder


def _keys(folder: Path) -> set[tuple[str, str, str]]:
    found = set()
    for source in ("melior", "asynja"):
        database = sqlite3.connect(folder / "region" / f"{source}.db")
        for (table,) in database.execute("select name from sqlite_master where type = 'table'"):
            rows = database.execute(f"select * from {table}")
            found |= {(source, table, str(row[0])) for row in rows}
        database.close()
    for line in (folder / "region/elvis/DIAGNOS.TXT").read_bytes().decode("latin-1").splitlines():
        found.add(("elvis", "diagnos", f"{line[:10]}|{line[10:12]}"))
    for line in (folder / "region/elvis/KONTAKT.TXT").read_bytes().decode("latin-1").splitlines():
        found.add(("elvis", "kontakt", line[:10]))
    return found


def test_same_seed_same_bytes(region: Path, tmp_path: Path) -> None:
    build_region(tmp_path, persons=200, seed=7, canary=True)
    assert _digests(tmp_path) == _digests(region)


def test_another_seed_is_another_region(region: Path, tmp_path: Path) -> None:
    build_region(tmp_path, persons=200, seed=8, canary=True)
    same = _digests(tmp_path).items() & _digests(region).items()
    assert {name for name, _ in same} <= {"region/elvis/KLINIK.TXT"}


def test_the_truth_names_every_statement_and_no_other(region: Path) -> None:
    truth = duckdb.sql(
        f"select source, source_table, row_key from '{region}/truth/facts.parquet'"
    ).fetchall()
    assert len(truth) == len(set(truth))
    others = {"patient", "listad", "nrbyte", "vardenhet", "enhet"}
    there = {key for key in _keys(region) if key[1] not in others}
    assert {key for key in truth if key[0] != "obstetrix"} == there


def test_the_truth_names_every_identity(region: Path) -> None:
    truth = set(
        duckdb.sql(
            f"select source, local_patient_id from '{region}/truth/identities.parquet'"
        ).fetchall()
    )
    there = {(s, key) for s, table, key in _keys(region) if table in ("patient", "listad")}
    for line in (region / "region/elvis/PATIENT.TXT").read_bytes().decode("latin-1").splitlines():
        there.add(("elvis", line[:8]))
    assert {key for key in truth if key[0] != "obstetrix"} == there


def test_the_truth_tells_the_groups_of_an_identity(region: Path) -> None:
    rows = duckdb.sql(f"select mistakes, groups from '{region}/truth/identities.parquet'")
    told = [(set(mistakes.split()), set(groups.split())) for mistakes, groups in rows.fetchall()]
    assert all(mistakes <= groups for mistakes, groups in told)
    assert {"newborn", "reserve_number", "foreign_born"} <= set().union(*(g for _, g in told))


@pytest.mark.parametrize(
    ("file", "encoding"),
    [
        ("melior.db", "utf-8"),
        ("asynja.db", "utf-8"),
        ("elvis/PATIENT.TXT", "iso-8859-1"),
        ("obstetrix/patient.csv", "cp850"),
    ],
)
def test_the_canary_sits_in_every_system(region: Path, file: str, encoding: str) -> None:
    content = (region / "region" / file).read_bytes()
    assert any(trace.encode(encoding) in content for trace in canary.TRACES)


def test_without_the_canary_nobody_has_its_name(tmp_path: Path) -> None:
    build_region(tmp_path, persons=60, seed=7)
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(canary.SURNAME.encode() in content for content in files)


def test_the_export_writes_some_lines_twice(tmp_path: Path) -> None:
    build_region(tmp_path, persons=1000)
    lines = (tmp_path / "region/elvis/KONTAKT.TXT").read_bytes().splitlines()
    assert 0 < len(lines) - len(set(lines)) < 0.01 * len(lines)


def test_the_canary_is_not_an_official_test_number() -> None:
    assert canary.NUMBER not in listed_numbers()


def test_journals_hold_what_their_columns_promise() -> None:
    with population(400, 5) as region:
        for table in METADATA.sorted_tables:
            for column in table.columns:
                width = getattr(column.type, "length", None)
                longest = region.execute(
                    f'select max(length(cast("{column.name}" as varchar))) from melior.{table.name}'
                ).fetchone()
                assert not width or not longest or (longest[0] or 0) <= width, column


def test_melior_is_the_same_in_any_database(region: Path, tmp_path: Path) -> None:
    write_melior(f"sqlite:///{tmp_path}/melior.db", persons=200, seed=7, canary=True)
    for table in METADATA.sorted_tables:
        contents = []
        for path in (region / "region/melior.db", tmp_path / "melior.db"):
            database = sqlite3.connect(path)
            contents.append(database.execute(f"select * from {table.name}").fetchall())
            database.close()
        assert contents[0] == contents[1], table.name


def test_progress_ends_with_the_last_file(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    build_region(tmp_path, persons=5, progress=lambda done, total=None: seen.append((done, total)))
    assert seen == [(done, len(seen)) for done in range(1, len(seen) + 1)]
