"""A live journal is read at its hours, no faster than it bears, no longer than it may."""

import datetime as dt
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import extract
from extract.gently import Pace, within
from extract.rows import limited
from minns.config import Gently, Source
from minns.errors import SourceError
from minns.site import open_site
from minns.store import Store

NIGHT = "19:00-06:00"
CLOCKS = st.times().map(lambda t: dt.datetime.combine(dt.date(2026, 1, 1), t))


def source(url: str, **gently: Any) -> Source:
    tables = {"slow": {"key": ["id"]}}
    told = {"name": "old", "kind": "sql", "url": url, "tables": tables, "gently": gently}
    return Source.model_validate(told)


def files(folder: Path, rows: int, **gently: Any) -> Source:
    lines = "".join(f"{n};åäö\n" for n in range(rows))
    (folder / "slow.csv").write_text(f"id;text\n{lines}", encoding="utf-8")
    tables = {"slow": {"key": ["id"], "file": "slow.csv", "delimiter": ";"}}
    told = {"name": "old", "kind": "csv", "folder": ".", "tables": tables, "gently": gently}
    return Source.model_validate(told)


@given(CLOCKS)
def test_hours_over_midnight_are_those_that_the_day_is_not(now: dt.datetime) -> None:
    assert within(NIGHT, now) is not within("06:00-19:00", now)


@pytest.mark.parametrize(
    ("clock", "read"), [("18:59", False), ("19:00", True), ("05:59", True), ("06:00", False)]
)
def test_a_landing_begins_and_goes_on_only_within_its_hours(clock: str, read: bool) -> None:
    now = dt.datetime.strptime(f"2026-01-01 {clock}", "%Y-%m-%d %H:%M")
    pace = Pace("old", Gently(hours=NIGHT), clock=lambda: now)
    for step in (pace.begin, lambda: pace.keep(1)):
        if read:
            step()
        else:
            with pytest.raises(SourceError, match=f"{NIGHT}; found that it is {clock}"):
                step()


def test_nothing_is_landed_outside_the_hours(tmp_path: Path) -> None:
    now = dt.datetime.now()
    later, still = (f"{now + dt.timedelta(hours=n):%H:%M}" for n in (2, 4))
    with pytest.raises(SourceError, match="within them"):
        extract.land(
            files(tmp_path, 3, hours=f"{later}-{still}"), Store(tmp_path / "work"), root=tmp_path
        )
    assert not list((tmp_path / "work").rglob("*.parquet"))


@given(st.lists(st.integers(1, 50_000), min_size=1, max_size=30), st.integers(1, 100_000))
def test_no_more_rows_are_read_than_the_pace_allows(batches: list[int], rate: int) -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    pace = Pace("old", Gently(rows_a_second=rate), sleep=sleep, counted=lambda: now[0])
    for rows in batches:
        pace.keep(rows)
    assert now[0] == pytest.approx(sum(batches) / rate)


def test_a_landing_takes_the_time_that_its_pace_gives_it(tmp_path: Path) -> None:
    begun = time.monotonic()
    landed = extract.land(
        files(tmp_path, 3000, rows_a_second=2000), Store(tmp_path / "work"), root=tmp_path
    )
    assert landed.rows("slow") == 3000
    assert time.monotonic() - begun >= 1.5


def test_postgres_ends_a_statement_that_takes_too_long(tmp_path: Path, postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as database:
        database.execute("create view slow as select 1 as id, pg_sleep(5)::text as waited")
    begun = time.monotonic()
    with pytest.raises(SourceError, match="statement_seconds"):
        extract.land(
            source(postgres_url, statement_seconds=1), Store(tmp_path / "work"), root=tmp_path
        )
    assert time.monotonic() - begun < 4


def test_odbc_ends_a_statement_that_takes_too_long(
    tmp_path: Path, odbc_postgres: str, postgres_url: str
) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as database:
        database.execute("create view slow as select 1 as id, pg_sleep(5)::text as waited")
    begun = time.monotonic()
    with pytest.raises(SourceError, match=r"57014|HYT00"):
        extract.land(
            source(odbc_postgres, statement_seconds=1), Store(tmp_path / "work"), root=tmp_path
        )
    assert time.monotonic() - begun < 4


def test_mariadb_is_told_the_limit(mariadb_url: str) -> None:
    server = mariadb_url.rpartition("/")[0] + "/mysql"
    engine = sqlalchemy.create_engine(server)
    with engine.connect() as connection:
        limited(connection, 7)
        found = connection.exec_driver_sql("select @@session.max_statement_time").scalar_one()
    engine.dispose()
    assert float(found) == 7.0


def test_a_project_says_how_gently_and_wins(tmp_path: Path) -> None:
    written = 'work = "work"\n[sources.melior.gently]\nhours = "19:00-06:00"\n'
    (tmp_path / "minns.toml").write_text(written, encoding="utf-8")
    site = open_site(tmp_path)
    assert site.source("melior").gently == Gently(hours=NIGHT)
    assert site.source("elvis").gently == Gently()


@pytest.mark.parametrize("hours", ["19-06", "25:00-06:00", "19:00", "19:00–06:00"])
def test_hours_that_are_none_are_refused(hours: str) -> None:
    with pytest.raises(ValidationError):
        Gently(hours=hours)
