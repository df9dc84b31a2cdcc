"""The region's orders that follow on others: renewals, stop orders, split strengths."""

from collections.abc import Iterator

import duckdb
import pytest

from minns.demo.population import population


@pytest.fixture(scope="module")
def told() -> Iterator[duckdb.DuckDBPyConnection]:
    with population(600, 1) as region:
        yield region


def _count(told: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(told.execute(f"select count(*) from {query}").fetchall()[0][0])


def test_every_way_to_follow_on_an_order_occurs(told: duckdb.DuckDBPyConnection) -> None:
    ways = told.execute("select distinct what, source from follower").fetchall()
    assert set(ways) >= {("renewal", "melior"), ("renewal", "asynja"), ("stop", "melior")}
    assert ("split", "asynja") in ways


def test_an_order_follows_on_an_earlier_one_of_the_same_patient(
    told: duckdb.DuckDBPyConnection,
) -> None:
    linked = "melior.ordination a join melior.ordination b on b.ordination_id = a.avser_id"
    assert _count(told, linked) > 10
    assert _count(told, f"{linked} where a.patient_id <> b.patient_id or a.insatt < b.insatt") == 0
    lost = "melior.ordination a anti join melior.ordination b on b.ordination_id = a.avser_id"
    assert _count(told, f"{lost} where a.avser_id is not null and a.avser_id < 900000000") == 0


def test_half_the_strength_is_given_twice_as_often(told: duckdb.DuckDBPyConnection) -> None:
    split = "follower f join medication a on a.fact_id = f.new_fact join medication b"
    split += " on b.fact_id = f.fact_id where f.what = 'split'"
    number = "cast(replace(split_part({}.strength, ' ', 1), ',', '.') as double)"
    same = f"{number.format('a')} * 2 = {number.format('b')} and left(a.dose, 2) = '2x'"
    assert _count(told, split) == _count(told, f"{split} and {same}") > 0


@pytest.mark.parametrize(
    ("events", "orders", "same"),
    [
        ("melior.givet", "melior.ordination", "ordination_id = e.ordination_id and"),
        ("asynja.uthamtat", "asynja.lakemedel", "lmid = e.lmid and"),
    ],
)
def test_what_was_given_is_of_an_order_of_the_same_patient_and_no_fact_of_its_own_order(
    told: duckdb.DuckDBPyConnection, events: str, orders: str, same: str
) -> None:
    patient = "patient_id" if events.startswith("melior") else "patid"
    linked = f"{events} e join {orders} o on o.{same} o.{patient} = e.{patient}"
    assert _count(told, events) == _count(told, linked) > 10
    source, table = events.split(".")
    true = f"truth_fact where source = '{source}' and source_table = '{table}'"
    assert _count(told, events) == _count(told, f"(select distinct fact_id from {true})")
    assert _count(told, f"{true} and fact_id in (select fact_id from medication)") == 0
