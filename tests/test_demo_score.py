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
        "source, local_patient_id, person",
        [("a", "1", "ann"), ("b", "1", "ann"), ("a", "2", "bo"), ("b", "2", "bo")],
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
