"""Landing: keys, hashes and checksums depend on content alone; what is wrong is told."""

import errno
import random
import sqlite3
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import extract
from extract import landing
from minns.config import Source
from minns.engine import Engine
from minns.errors import ConfigError, MinnsError, SourceError, StoreError
from minns.store import Dataset, Store

Pairs = list[tuple[Any, ...]]


def fill(folder: Path, rows: Pairs, columns: str = "a text, b text") -> None:
    (folder / "old.db").unlink(missing_ok=True)
    with sqlite3.connect(folder / "old.db") as db:
        db.execute(f"create table t ({columns})")
        db.executemany(f"insert into t values ({', '.join('?' * len(rows[0]))})", rows)
    db.close()


def land(folder: Path, *, url: str = "sqlite:///old.db", **table: Any) -> Dataset:
    told = {"name": "old", "kind": "sql", "url": url, "tables": {"t": table}}
    return extract.land(Source.model_validate(told), Store(folder / "work"), root=folder)


def keys(landed: Dataset) -> list[str]:
    return sorted(pq.read_table(landed.folder / "t")["_row_key"].to_pylist())


def test_a_key_reads_as_its_columns_do_and_is_never_ambiguous(tmp_path: Path) -> None:
    fill(tmp_path, [("1", "x"), ("a|b", "c"), ("a", "b|c"), ("a#1", ""), ("a", None), ("a", "")])
    assert keys(land(tmp_path, key=["a", "b"])) == sorted(
        ["1|x", r"a\pb|c", r"a|b\pc", r"a\h1|", r"a|\-", "a|"]
    )


def test_rows_without_a_key_are_named_by_content_and_numbered(tmp_path: Path) -> None:
    fill(tmp_path, [("x", "y"), ("x", "y"), ("x", None)])
    landed = keys(land(tmp_path))
    assert sorted(key.split("#")[1] for key in landed) == ["1", "1", "2"]
    assert len({key.split("#")[0] for key in landed}) == 2


def test_rows_that_share_a_key_are_numbered_by_content(tmp_path: Path) -> None:
    fill(tmp_path, [("k", "1"), ("k", "2"), ("u", ""), ("v", ""), ("w", "")])
    assert keys(land(tmp_path, key=["a"])) == ["k#1", "k#2", "u", "v", "w"]


def test_a_key_that_most_rows_share_was_declared_wrongly(tmp_path: Path) -> None:
    fill(tmp_path, [("k", "1"), ("k", "2"), ("u", "")])
    with pytest.raises(SourceError, match=r"the key \(a\).*found 2 of 3 rows that share theirs"):
        land(tmp_path, key=["a"])


CELL = st.one_of(st.none(), st.text("aå|#\\\n-=", max_size=3))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=12), chance=st.randoms())
@pytest.mark.parametrize("key", [[], ["a"]])
def test_the_order_of_rows_means_nothing(
    tmp_path_factory: pytest.TempPathFactory, key: list[str], rows: Pairs, chance: random.Random
) -> None:
    """Keys are unique, and the same rows in another order are the same landing."""
    folder = tmp_path_factory.mktemp("land")
    fill(folder, rows)
    try:
        first = land(folder, key=key)
    except SourceError:
        return
    assert len(set(keys(first))) == len(rows)
    fill(folder, chance.sample(rows, len(rows)))
    assert land(folder, key=key).folder == first.folder


def test_the_checksum_is_the_sum_over_the_rows_hashes(tmp_path: Path) -> None:
    fill(tmp_path, [("x", "y"), ("z", None)])
    landed = land(tmp_path)
    hashes = pq.read_table(landed.folder / "t")["_row_hash"].to_pylist()
    told = landed.manifest["tables"]["t"]
    assert told["checksum"] == sum(int(value[:12], 16) for value in hashes)
    assert told["rows"] == 2 and told["role"] == "record"
    assert told["columns"][0] == {"name": "a", "type": "string", "declared": "TEXT"}
    assert told["query"] == 'select "a", "b" from "main"."t"'


def test_large_tables_are_landed_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "PART", 100)
    monkeypatch.setattr("extract.sqlite.BATCH", 30)
    fill(tmp_path, [(str(n % 960), str(n)) for n in range(1000)])
    seen: list[tuple[int, int | None]] = []
    told = {
        "name": "old",
        "kind": "sql",
        "url": "sqlite:///old.db",
        "tables": {"t": {"key": ["a"]}},
    }
    landed = extract.land(
        Source.model_validate(told),
        Store(tmp_path / "work"),
        root=tmp_path,
        progress=lambda done, total=None: seen.append((done, total)),
    )
    assert len(landed.parts("t")) == 10
    assert len(set(keys(landed))) == 1000 and sum("#" in key for key in keys(landed)) == 80
    assert seen[0] == (30, 1000) and seen[-1] == (1000, 1000)


def test_an_unchanged_source_gives_the_snapshot_that_is_there(tmp_path: Path) -> None:
    fill(tmp_path, [("1", "x")])
    first = land(tmp_path)
    assert land(tmp_path).folder == first.folder
    fill(tmp_path, [("1", "y")])
    assert land(tmp_path).folder.name == "0002"
    assert [path.name for path in sorted(first.folder.parent.iterdir())] == ["0001", "0002"]


def test_an_empty_table_is_an_error_unless_it_may_be(tmp_path: Path) -> None:
    fill(tmp_path, [("1", "x")])
    with sqlite3.connect(tmp_path / "old.db") as db:
        db.execute("delete from t")
    db.close()
    with pytest.raises(SourceError, match=r"found none\. Set may_be_empty"):
        land(tmp_path)
    landed = land(tmp_path, may_be_empty=True)
    assert landed.rows("t") == 0
    with Engine(tmp_path / "scratch") as engine:
        engine.view("t", landed.parts("t"))
        assert [row[0] for row in engine.rows("describe t")] == ["a", "b", "_row_hash", "_row_key"]


def test_a_column_with_a_name_of_ours_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, [("1",)], "_row_key text")
    with pytest.raises(SourceError, match="no column '_row_key'"):
        land(tmp_path)


def test_a_source_without_address_or_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a url for the source old"):
        land(tmp_path, url="")
    with pytest.raises(ConfigError, match="the environment variable MINNS_NOT_SET"):
        land(tmp_path, url="postgresql://u:${MINNS_NOT_SET}@localhost/x")


def full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_fills_up_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, [("1", "x")])
    monkeypatch.setattr("minns.store.write_json", full)
    with pytest.raises(StoreError, match="the disk is full"):
        land(tmp_path)
    assert not list((tmp_path / "work" / "landing" / "old").iterdir())


@pytest.mark.parametrize("rows", [100_000])
def test_a_real_disk_that_fills_up_is_told(small_disk: Path, tmp_path: Path, rows: int) -> None:
    chance = random.Random(1)
    fill(tmp_path, [(str(n), str(chance.random()) * 5) for n in range(rows)])
    told = {"name": "old", "kind": "sql", "url": "sqlite:///old.db", "tables": {"t": {}}}
    with pytest.raises(MinnsError, match="the disk is full"):
        extract.land(Source.model_validate(told), Store(small_disk / "work"), root=tmp_path)
    assert not list((small_disk / "work" / "landing" / "old").iterdir())
