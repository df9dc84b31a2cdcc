"""Scores: which pairs are weighed, what weighs more and what less, and that the same pair always
weighs the same.
"""

import random
from pathlib import Path

import pytest
from splink import DuckDBAPI, Linker
from standards import BATCH, Bench, Row, identity, numbered, population

from link.form import settings
from link.settings import load_model

ANNA = ("anna maria", "berg", "19800312")
HOME: Row = {"street": "storgatan1", "postal_code": "41101", "phone": "31123456"}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, load_model())


def pairs_of(rows: list[Row], *, new_from: int = 0) -> set[tuple[int, int]]:
    ids = [row["id"] for row in rows]
    return {(a, b) for a in ids for b in ids if a < b and b >= new_from}


def weight(bench: Bench, left: Row, right: Row, *others: Row) -> float:
    return bench.score([left, right, *others])[left["id"], right["id"]]


def test_new_is_compared_with_known_and_new_and_known_with_known_never(bench: Bench) -> None:
    known = [identity(n, *ANNA) for n in (1, 2)]
    new = [identity(n, *ANNA, batch=2) for n in (1, 2)]
    assert set(bench.score(new, known)) == pairs_of(known + new, new_from=2 * BATCH)


def test_wave_by_wave_the_same_pairs_weigh_the_same(bench: Bench) -> None:
    first, second = population(1), population(1, batch=2)
    bench.train(first)
    apart = bench.score(first) | bench.score(second, first)
    assert apart == bench.score(first + second)


def test_neither_order_nor_threads_change_a_byte(tmp_path: Path) -> None:
    rows, files = population(2), []
    for threads in (1, 4):
        bench = Bench(tmp_path / str(threads), load_model(), threads)
        random.Random(threads).shuffle(rows)
        bench.train(rows)
        learned = bench.files
        bench.score(rows)
        files.append({**learned, **bench.files})
    assert files[0] == files[1]


def test_what_a_certain_number_decides_is_not_scored(bench: Bench) -> None:
    own = numbered("198003121234")
    certain = [identity(n, *ANNA, **own) for n in (1, 2)]
    guessed = identity(3, *ANNA, **{**own, "century_certain": False})
    assert set(bench.score([*certain, guessed])) == pairs_of([*certain, guessed]) - pairs_of(
        certain
    )


def test_a_number_that_too_many_carry_decides_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, load_model().model_copy(update={"shared_number_max": 2}))
    rows = [identity(n, *ANNA, **numbered("198003121234")) for n in (1, 2, 3)]
    assert set(bench.score(rows)) == pairs_of(rows)


def test_the_unlinkable_are_never_scored(bench: Bench) -> None:
    rows = [identity(1, *ANNA), identity(2, *ANNA, unlinkable=True)]
    assert bench.score(rows) == {}


def test_two_personal_numbers_are_weighed_only_when_name_and_birth_date_agree(bench: Bench) -> None:
    rows = [
        identity(n, given, "berg", "19800312", **HOME, **numbered(f"19800312{n:04d}"))
        for n, given in enumerate(("anna", "eva", "eva"), start=1)
    ]
    assert set(bench.score(rows)) == {(rows[1]["id"], rows[2]["id"])}


def test_a_telephone_weighs_less_the_more_share_it(bench: Bench) -> None:
    left, right = (identity(n, *ANNA, phone="31123456") for n in (1, 2))
    crowd = [identity(n, "x" * n, "y", f"19{n}0505", phone="31123456") for n in range(10, 80)]
    own = weight(bench, left, right)
    assert (
        own - 4 > weight(bench, left, right, *crowd[:20]) > weight(bench, left, right, *crowd) + 4
    )


def test_a_value_that_a_crowd_shares_joins_no_pairs(bench: Bench) -> None:
    bench.model = bench.model.model_copy(update={"block_max": 40})
    rows = [identity(n, f"n{n}", "berg", "19900101", postal_code="41101") for n in range(1, 101)]
    assert bench.score(rows) == {}


def test_what_one_family_shares_weighs_as_much_as_ever(bench: Bench) -> None:
    left, right = (identity(n, *ANNA, **HOME) for n in (1, 2))
    family = [identity(n, f"barn{n}", "berg", f"201{n}0505", **HOME) for n in (3, 4, 5)]
    assert weight(bench, left, right) == weight(bench, left, right, *family)


def test_common_values_weigh_less_and_new_ones_as_much_as_the_rarest(bench: Bench) -> None:
    bench.learned["frequency"] = [
        {"trait": "born", "value": "19900101", "share": 0.01},
        {"trait": "born", "value": "19800312", "share": 0.0001},
    ]
    common, rare, unseen = (
        weight(bench, *(identity(n, "anna", "berg", day) for n in (1, 2)))
        for day in ("19900101", "19800312", "19800313")
    )
    assert common < rare - 6
    assert rare == unseen


def test_against_the_first_of_january_another_day_of_that_year_counts_little(bench: Bench) -> None:
    def compared(day: str, other: str) -> float:
        rows = [identity(n, "anna", "berg", d, **HOME) for n, d in ((1, day), (2, other))]
        return weight(bench, *rows)

    assert compared("19900101", "19900427") - compared("19900203", "19900427") > 5
    assert compared("19900101", "19900427") < compared("19900203", "19900203") - 5


def test_the_weights_that_are_told_add_up_to_the_score(bench: Bench) -> None:
    rows = population(3)
    later = population(4, batch=2) + [
        identity(
            900 + n, "gäst", f"g{n}", f"19{n}0505", batch=2, street="gatan1", postal_code="41101"
        )
        for n in range(10, 30)
    ]
    bench.train(rows)
    scored = bench.score(rows) | bench.score(later, rows)
    assert len(scored) > 20
    told: dict[tuple[int, int], list[float]] = {}
    for line in bench.explain(rows + later, list(scored)):
        told.setdefault((line["id_l"], line["id_r"]), []).append(line["weight"])
    assert {pair: pytest.approx(sum(told[pair]), abs=1e-6) for pair in scored} == scored


def test_every_comparison_is_told_once_after_the_prior(bench: Bench) -> None:
    rows = [identity(n, *ANNA) for n in (1, 2)]
    lines = bench.explain(rows, [(rows[0]["id"], rows[1]["id"])])
    assert [line["comparison"] for line in lines] == [
        "prior",
        *(c.name for c in bench.model.comparisons),
    ]
    assert {line["comparison"]: line["level"] for line in lines} | {
        "given": "same",
        "home": "unknown",
    } == {line["comparison"]: line["level"] for line in lines}


def test_a_pair_weighs_what_splink_says(bench: Bench) -> None:
    """The same model in Splink's form, over the same faces: an independent reckoning."""
    few = bench.model.training.model_copy(update={"least_identities": 10})
    bench.model = bench.model.model_copy(update={"training": few})
    rows = population(5)
    bench.train(rows)
    ours = bench.score(rows)
    parameters = {
        (r["comparison"], r["level"]): (r["m"], r["u"]) for r in bench.learned["parameter"]
    }
    prior, _ = parameters.pop(("prior", ""))
    least = bench.model.least_frequency
    form = settings(bench.model.comparisons, parameters, prior=prior, least_frequency=least)
    with bench.faces(rows) as engine:
        api = DuckDBAPI(engine.connection.cursor())
        linker = Linker(api.register("face"), form, log_level="ERROR", validate_settings=False)
        engine.run("create table pair (match_key varchar, join_key_l bigint, join_key_r bigint)")
        engine.connection.executemany("insert into pair values ('0', ?, ?)", list(ours))
        linker.table_management.register_blocked_pairs_for_predict(api.register("pair"))
        found = linker.inference.predict().as_record_list()
    theirs = {(r["id_l"], r["id_r"]): r["match_weight"] for r in found}
    assert bench.learned["frequency"]
    assert {pair: pytest.approx(theirs[pair], abs=1e-6) for pair in ours} == ours
