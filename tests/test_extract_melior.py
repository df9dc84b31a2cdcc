"""The demo's hospital journal gives the same canonical rows from every database and driver."""

import importlib.util
from pathlib import Path

import pytest

import extract
from extract import reach
from minns.config import load_source
from minns.engine import Engine
from minns.model import CANONICAL
from minns.step import Room
from minns.store import Store

MAPPING = Path(extract.__file__).parent.parent / "mappings" / "melior"
PERSONS = 200


def shaped(url: str, folder: Path, root: Path) -> dict[str, list[str]]:
    """All canonical, quarantined and excluded rows, as text."""
    store = Store(folder)
    source = load_source(MAPPING / "source.toml").model_copy(update={"url": url})
    landing = extract.land(source, store, root=root)
    (step,) = extract.steps(source, MAPPING, landing)
    with Engine(store.scratch) as engine, store.publish(folder / "shaped", "key") as draft:
        for name in step.reads:
            engine.view(name, landing.parts(name))
        step.do(Room(engine, draft))
    found = {}
    with Engine(store.scratch) as engine:
        for name in (*CANONICAL, "quarantine", "excluded"):
            engine.view("it", sorted((folder / "shaped" / name).glob("*.parquet")))
            found[name] = sorted(map(repr, engine.rows("select * from it")))
    return found


def test_every_way_gives_the_same_canonical_rows(
    postgres_url: str, odbc_postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if importlib.util.find_spec("minns.demo") is None or not MAPPING.exists():
        pytest.skip("the demo is not there")
    region = importlib.import_module("minns.demo.region")
    region.build_region(tmp_path, persons=PERSONS, seed=1)
    region.write_melior(postgres_url, PERSONS, 1)
    expected = shaped("sqlite:///region/melior.db", tmp_path / "sqlite", tmp_path)
    assert sum(map(len, expected.values())) > PERSONS
    assert shaped(postgres_url, tmp_path / "copy", tmp_path) == expected
    assert shaped(odbc_postgres, tmp_path / "odbc", tmp_path) == expected
    monkeypatch.delitem(reach.DATABASES, "postgresql")
    assert shaped(postgres_url, tmp_path / "rows", tmp_path) == expected
