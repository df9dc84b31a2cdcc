"""The synthetic region: seeded, hard in the ways that real registers are, and true to its truth."""

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from minns.demo import build_region, canary, write_melior
from minns.demo.melior import METADATA
from minns.demo.population import listed_numbers, population
from minns.model import KINDS


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


DOCUMENT = Path(__file__).parents[1] / "docs" / "region.md"
#: Kinds that some facts of are told by several systems, other than by being copied late.
SHARED = ("care_contact", "procedure", "immunization")


@pytest.fixture(scope="module")
def told() -> Iterator[duckdb.DuckDBPyConnection]:
    with population(1000, 3) as region:
        yield region


def _number(region: duckdb.DuckDBPyConnection, query: str) -> int:
    row = region.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def test_every_clinical_kind_is_told_by_some_system(told: duckdb.DuckDBPyConnection) -> None:
    assert {row[0] for row in told.execute("select kind from truth_fact").fetchall()} == set(KINDS)


def test_the_document_names_the_table_in_which_each_system_tells_a_kind(
    told: duckdb.DuckDBPyConnection,
) -> None:
    lines = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("| ")]
    (_, *systems), *rows = [[cell.strip(" `") for cell in line[1:-1].split("|")] for line in lines]
    named = {
        (kind, system, table)
        for kind, *tables in rows
        for system, several in zip(systems, tables, strict=True)
        for table in several.split("`, `")
        if table
    }
    there = told.execute("select distinct kind, source, source_table from truth_fact").fetchall()
    assert set(there) == named


@pytest.mark.parametrize("kind", SHARED)
def test_some_facts_of_a_kind_are_told_by_two_systems(
    told: duckdb.DuckDBPyConnection, kind: str
) -> None:
    several = told.execute(
        "select count(*) from (select fact_id from truth_fact where kind = ? "
        "group by fact_id having count(distinct source) > 1)",
        [kind],
    ).fetchone()
    assert several and several[0] > 10


_STAYS = """
    select v.inskriven, k.came, k.typ, v.enhet_hsa = c.hsa as at_one_unit
    from truth_fact m
    join melior.vardtillfalle v on m.source = 'melior' and m.source_table = 'vardtillfalle'
        and cast(v.vtf_id as varchar) = m.row_key
    join truth_fact e on e.fact_id = m.fact_id and e.source = 'elvis'
    join (
        select key, strptime(substr(line, 20, 10), '%y%m%d%H%M') as came,
            substr(line, 19, 1) as typ, trim(substr(line, 40, 4)) as clinic
        from elvis.kontakt
    ) k on k.key = e.row_key
    join (
        select trim(substr(line, 1, 4)) as clinic, trim(substr(line, 35, 31)) as hsa
        from elvis.klinik
    ) c using (clinic)"""


def test_one_stay_told_by_two_systems_begins_minutes_apart_at_one_unit(
    told: duckdb.DuckDBPyConnection,
) -> None:
    apart = "abs(date_diff('minute', inskriven, came))"
    assert _number(told, f"select count(*) from ({_STAYS})") > 10
    assert not _number(
        told, f"select count(*) from ({_STAYS}) where {apart} > 20 or typ <> '3' or not at_one_unit"
    )
    assert _number(told, f"select count(*) from ({_STAYS}) where {apart} > 0")


_DOSES = """
    select m.batchnr <> a.batchnr as batch, cast(m.dosnr as varchar) <> a.dosnr as dose,
        cast(m.datum as varchar) <> a.datum as day, a.atc is null as uncoded,
        m.preparat <> a.vaccin as words
    from truth_fact x
    join melior.vaccination m on x.source = 'melior' and x.source_table = 'vaccination'
        and cast(m.vaccination_id as varchar) = x.row_key
    join truth_fact y on y.fact_id = x.fact_id and y.source = 'asynja'
    join asynja.vaccination a on cast(a.vaccid as varchar) = y.row_key"""


@pytest.mark.parametrize("what", ["batch", "dose", "uncoded", "words"])
def test_copied_vaccinations_differ_now_and_then(
    told: duckdb.DuckDBPyConnection, what: str
) -> None:
    differ = _number(told, f"select count(*) from ({_DOSES}) where {what}")
    assert 0 < differ < 0.8 * _number(told, f"select count(*) from ({_DOSES})")


def test_copied_vaccinations_keep_their_day_but_for_unreadable_ones(
    told: duckdb.DuckDBPyConnection,
) -> None:
    moved = _number(told, f"select count(*) from ({_DOSES}) where day")
    assert moved <= 0.03 * _number(told, f"select count(*) from ({_DOSES})")


def test_of_some_old_vaccinations_only_the_year_or_month_is_known(
    told: duckdb.DuckDBPyConnection,
) -> None:
    forms = told.execute("select distinct length(datum) from asynja.vaccination").fetchall()
    assert {4, 7, 10} <= {form for (form,) in forms}


def test_one_section_for_all_children_of_a_birth(told: duckdb.DuckDBPyConnection) -> None:
    twice = "select pid, day from procedure where kva = 'MCA10' group by all having count(*) > 1"
    assert _number(told, "select count(*) from procedure where kva = 'MCA10'")
    assert not _number(told, f"select count(*) from ({twice})")


def test_progress_ends_with_the_last_file(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    build_region(tmp_path, persons=5, progress=lambda done, total=None: seen.append((done, total)))
    assert seen == [(done, len(seen)) for done in range(1, len(seen) + 1)]
