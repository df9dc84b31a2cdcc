"""Other people's records, with quite other columns, go through the same commands with a project's
TOML and no code, at a threshold that nobody chose with the truth in hand.

The sets are looked for beside the repository; without them these tests are skipped.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
from projects import minns

ROOT = Path(__file__).parents[1]
BESIDE = (folder / "shared/data/linkage" for folder in ROOT.parents)
SETS = next((folder for folder in BESIDE if folder.is_dir()), Path("none"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SETS.is_dir(), reason="no public linkage sets beside the tree"),
]

#: Who an identity is in truth: SQL over source and local_patient_id, which holds the answer in all
#: sets but one; and which pairs count.
FEBRL = "select *, split_part(local_patient_id, '-', 2) as who from identity"
PREFIX = "select *, regexp_extract(local_patient_id, '(.*)-', 1) as who from identity"
COLUMN = (
    "select i.*, t.cluster as who from identity i"
    f" join read_csv('{SETS / 'fake_1000.csv'}', all_varchar = true) t"
    " on t.unique_id = i.local_patient_id"
)
ANY, ACROSS = "true", "l.source <> r.source"


class Agreement(NamedTuple):
    """How far linked pairs are true ones and the other way; which true ones got any score."""

    precision: float
    recall: float
    f1: float
    scored: float


def _run(example: str, folder: Path, sets: Path) -> Path:
    """Run the example's wave by the command line; gives the project."""
    project = folder / example
    shutil.copytree(ROOT / "examples" / example, project)
    done = minns(project, "run", "wave", LINKAGE_SETS=str(sets))
    assert done.returncode == 0, done.stderr
    return project


def _record(project: Path) -> sqlite3.Connection:
    (path,) = project.glob("work/record*.db")
    return sqlite3.connect(path)


def _agreement(project: Path, truth: str, counted: str) -> Agreement:
    with duckdb.connect() as engine, closing(_record(project)) as record:
        rows = record.execute("select source, local_patient_id, person_id from identity").fetchall()
        engine.execute("create table identity (source text, local_patient_id text, person_id text)")
        columns = list(zip(*rows, strict=True))
        engine.execute("insert into identity select unnest(?), unnest(?), unnest(?)", columns)
        engine.execute(f"create table known as {truth}")
        (standard,) = project.glob("work/steps/link-standardise-1/*/standard")
        (score,) = project.glob("work/steps/link-score-1/*/score")
        engine.execute(
            "create table scored as select l.local_patient_id as a, r.local_patient_id as b,"
            " l.source as a_source, r.source as b_source"
            f" from '{score}/*.parquet' s join '{standard}/*.parquet' l on l.id = s.id_l"
            f" join '{standard}/*.parquet' r on r.id = s.id_r"
        )
        linked, true, both = (_count(engine, by, counted) for by in ("person_id", "who", "both"))
        (seen,) = engine.sql(
            "select count(*) from scored s join known l on l.source = a_source"
            " and l.local_patient_id = a join known r on r.source = b_source"
            f" and r.local_patient_id = b where l.who = r.who and {counted}"
        ).fetchall()
    return Agreement(both / linked, both / true, 2 * both / (linked + true), seen[0] / true)


def _count(engine: duckdb.DuckDBPyConnection, by: str, counted: str) -> int:
    """How many of the counted pairs are together by person, by truth, or by both."""
    same = {
        "person_id": "l.person_id = r.person_id",
        "who": "l.who = r.who",
        "both": "l.who = r.who and l.person_id = r.person_id",
    }
    ((count,),) = engine.sql(
        f"select count(*) from known l join known r on {same[by]}"
        f" and (l.source, l.local_patient_id) < (r.source, r.local_patient_id) where {counted}"
    ).fetchall()
    return int(count)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("example", "truth", "counted", "least"),
    [
        ("febrl4", FEBRL, ACROSS, 0.9995),
        ("febrl3", FEBRL, ANY, 0.9995),
        ("fake_1000", COLUMN, ANY, 0.87),
        ("historical", PREFIX, ANY, 0.80),
    ],
    ids=["febrl4", "febrl3", "fake_1000", "historical"],
)
def test_public_sets_are_linked_as_well_as_others_link_them(
    example: str, truth: str, counted: str, least: float, tmp_path: Path
) -> None:
    sets = SETS
    if example == "historical":
        sets = tmp_path / "sets"
        sets.mkdir()
        parquet = SETS / "historical_figures_with_errors_50k.parquet"
        duckdb.execute(f"copy (from '{parquet}') to '{sets / 'historical.csv'}' (header)")
    found = _agreement(_run(example, tmp_path, sets), truth, counted)
    assert found.f1 >= least, found
