"""The score: what a perfect, a timid and a careless linkage get."""

from pathlib import Path

import duckdb
import pytest

from minns.demo import Score, score


def _write(path: Path, columns: str, rows: list[tuple[str, ...]]) -> Path:
    values = ", ".join(str(row) for row in rows)
    duckdb.sql(f"select * from (values {values}) t({columns})").write_parquet(str(path))
    return path


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    (tmp_path / "truth").mkdir()
    _write(
        tmp_path / "truth" / "identities.parquet",
        "source, local_patient_id, person, groups",
        [
            ("a", "1", "ann", "twin"),
            ("b", "1", "ann", "twin newborn"),
            ("a", "2", "bo", ""),
            ("b", "2", "bo", "reserve_number"),
        ],
    )
    _write(
        tmp_path / "truth" / "facts.parquet",
        "source, source_table, row_key, kind, fact_id",
        [("a", "t", "1", "alert", "f"), ("b", "t", "1", "alert", "f")],
    )
    return tmp_path


def _scored(truth: Path, persons: str, facts: str) -> Score:
    where = [("a", "1"), ("b", "1"), ("a", "2"), ("b", "2")]
    identities = _write(
        truth / "identities.parquet",
        "source, local_patient_id, person_id",
        [(*at, person) for at, person in zip(where, persons, strict=True)],
    )
    lineage = _write(
        truth / "lineage.parquet",
        "fact_id, kind, source, source_table, row_key",
        [(facts[0], "alert", "a", "t", "1"), (facts[1], "alert", "b", "t", "1")],
    )
    return score(truth, identities, lineage)


def test_the_truth_itself_scores_full(truth: Path) -> None:
    result = _scored(truth, "xxyy", "ff")
    assert (result.persons.precision, result.persons.recall, result.overlays) == (1, 1, 0)
    assert (result.facts.precision, result.facts.recall) == (1, 1)


def test_a_missed_link_costs_recall(truth: Path) -> None:
    result = _scored(truth, "xwyy", "fg")
    assert (result.persons.precision, result.persons.recall, result.overlays) == (1, 0.5, 0)
    assert result.facts.recall == 0


def test_a_false_merge_costs_precision_and_is_an_overlay(truth: Path) -> None:
    result = _scored(truth, "xxxx", "ff")
    assert (result.persons.found, result.persons.both, result.overlays) == (6, 2, 1)


def test_a_group_owns_every_pair_that_one_of_it_is_in(truth: Path) -> None:
    groups = _scored(truth, "xxwy", "ff").groups
    assert set(groups) == {"newborn", "reserve_number", "twin"}
    assert (groups["twin"].recall, groups["newborn"].true, groups["newborn"].recall) == (1, 1, 1)
    assert (groups["reserve_number"].true, groups["reserve_number"].recall) == (1, 0)


def test_persons_laid_over_are_told_by_ten_thousand_identities(truth: Path) -> None:
    assert (_scored(truth, "xxxx", "ff").laid_over, _scored(truth, "xxyy", "ff").laid_over) == (
        2500,
        0,
    )


def test_a_truth_without_groups_scores_too(truth: Path) -> None:
    path = truth / "truth" / "identities.parquet"
    without = path.with_name("without.parquet")
    duckdb.sql(f"select * exclude (groups) from '{path}'").write_parquet(str(without))
    without.replace(path)
    assert _scored(truth, "xxyy", "ff").groups == {}
