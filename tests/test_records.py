"""The same wave gives the same record, whichever database holds the journal or the record."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from projects import build, minns

from minns import demo, pipeline
from minns.model import CANONICAL, TARGET, Table
from minns.runner import Runner
from minns.site import Site, open_site
from minns.store import Dataset

PERSONS = 150


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("records"), persons=PERSONS)


def site_with(region: Path, folder: Path, toml: str) -> Site:
    """A project of its own beside the region's files."""
    folder.mkdir()
    (folder / "region").symlink_to(region / "region")
    (folder / "minns.toml").write_text(f'work = "work"\n{toml}', encoding="utf-8")
    return open_site(folder)


def read(url: str, schema: str | None, table: Table) -> set[tuple[str, ...]]:
    """What a record holds now, as SQLAlchemy reads it, without a word of our own reading code."""
    engine = sa.create_engine(url)
    try:
        found = sa.Table(
            f"current_{table.name}", sa.MetaData(), schema=schema, autoload_with=engine
        )
        columns = [found.c[name] for name in ("row_id", "content_hash", *table.names)]
        with engine.connect() as connection:
            return {
                tuple(_text(value) for value in row)
                for row in connection.execute(sa.select(*columns))
            }
    finally:
        engine.dispose()


def _text(value: object) -> str:
    text = str(value)
    # SQLite keeps booleans as 0 and 1 and moments as text with microseconds.
    return {"False": "0", "True": "1"}.get(text, text).removesuffix(".000000")


def test_postgresql_holds_the_record_that_sqlite_holds(
    tmp_path: Path, region: Path, postgres_url: str
) -> None:
    lite = site_with(region, tmp_path / "lite", "")
    pipeline.run(lite, "wave-1", "cutover")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECORD", postgres_url)
        big = site_with(region, tmp_path / "big", 'target = "${RECORD}"\n')
        first = pipeline.run(big, "wave-1", "cutover")
        second = pipeline.run(big, "wave-1", "cutover")
        place = big.target("cutover")
    assert first.evidence.go and second.loaded.total == 0
    for table in TARGET.values():
        there = read(place.url, place.schema, table)
        here = read(lite.target("cutover").url, None, table)
        assert there == here, table.name
        assert there or table.name == "access_block"


def shaped(site: Site, name: str) -> Dataset:
    runner = Runner(site.project, site.store)
    return pipeline.shape_source(site, runner, name)


def canonical(site: Site, dataset: Dataset) -> dict[str, set[tuple[object, ...]]]:
    with Runner(site.project, site.store).engine() as engine:
        found = {}
        for kind in CANONICAL:
            engine.view(kind, dataset.parts(kind))
            found[kind] = set(engine.rows(f"select * from {kind}"))
        return found


@pytest.mark.parametrize("way", ["postgres_url", "odbc_postgres"])
def test_melior_is_the_same_journal_in_every_database(
    tmp_path: Path, region: Path, postgres_url: str, way: str, request: pytest.FixtureRequest
) -> None:
    demo.write_melior(postgres_url, persons=PERSONS, seed=1)
    url = postgres_url if way == "postgres_url" else request.getfixturevalue(way)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MELIOR", url)
        elsewhere = site_with(
            region, tmp_path / "elsewhere", '[sources.melior]\nurl = "${MELIOR}"\n'
        )
        there = canonical(elsewhere, shaped(elsewhere, "melior"))
    at_home = site_with(region, tmp_path / "home", "")
    assert there == canonical(at_home, shaped(at_home, "melior"))


def test_the_demo_runs_into_a_postgresql_record(tmp_path: Path, postgres_url: str) -> None:
    ended = minns(
        tmp_path, "demo", "--persons", "100", "--dir", "demo", "--target", postgres_url, "--json"
    )
    assert ended.returncode == 0, ended.stderr
    assert "tyst-kanarie" not in ended.stdout + ended.stderr
    written = [p for p in (tmp_path / "demo").rglob("*") if p.is_file() and p.suffix != ".parquet"]
    assert not [p for p in written if b"tyst-kanarie" in p.read_bytes()]
