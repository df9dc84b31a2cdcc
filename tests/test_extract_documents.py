"""Documents: each is read once, its rows land by table, and what cannot be read is quarantined."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import extract
from extract import reach
from extract.documents import Document, Faulty, Taken
from extract.source import Field
from minns.config import Source, SourceTable
from minns.engine import Engine
from minns.errors import ConfigError
from minns.step import Room
from minns.store import Dataset, Store

Rows = list[tuple[Any, ...]]
CARDS = b"""patient p1
weight 70
weight 71
%
patient p2
torn
%
patient p3
%
"""
MAPPINGS = {
    "patient": """select 'patient' as source_table, _row_key as row_key, id as local_patient_id,
        null as number, null as number_issuer, null as previous_number, null as given_names,
        null as surname, null as birth_date, 'unknown' as sex, 'none' as protection,
        null as street, null as postal_code, null as city, null as phone,
        null as deceased_date, null as mother_number, null as birth_order, null as recorded_at
        from patient""",
    "excluded": """select 'weight' as source_table, _row_key as row_key, 'not_wanted' as rule
        from weight""",
}


class Cards:
    """A kind of documents: cards that '%' ends, each line a row of the table that it names."""

    path = "cards"
    read: list[int]

    def __init__(self) -> None:
        self.read = []

    def fields(self, name: str, table: SourceTable) -> tuple[Field, ...]:
        own = Field("id" if name == "patient" else "kg", "text", pa.string())
        place = (Field("file", "text", pa.string()), Field("number", "integer", pa.int64()))
        return (*place, Field("line", "integer", pa.int64()), own)

    def split(self, path: Path, table: SourceTable) -> Iterator[Document]:
        start = 0
        for number, content in enumerate(path.read_bytes().split(b"%\n")[:-1], 1):
            yield Document(path.name, number, start, content)
            start += len(content) + 2

    def take(self, document: Document, table: SourceTable) -> Taken:
        self.read.append(document.number)
        rows = []
        for line, text in enumerate(document.content.decode().splitlines(), 1):
            name, _, value = text.partition(" ")
            if not value:
                raise Faulty("torn_card")
            rows.append((name, {"line": line, "id" if name == "patient" else "kg": value}))
        return Taken(rows)


def source(**tables: dict[str, Any]) -> Source:
    place = {"key": ["file", "number", "line"], "may_be_empty": True}
    whole = {"key": ["file", "number"], "role": "reference", "file": "*.cards"}
    listed = {"document": whole, "patient": place, "weight": place} | tables
    return Source.model_validate({"name": "cards", "kind": "csv", "folder": ".", "tables": listed})


@pytest.fixture
def cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cards:
    kind = Cards()
    monkeypatch.setitem(reach.DOCUMENTS, "csv", kind)
    (tmp_path / "a.cards").write_bytes(CARDS)
    return kind


def query(engine_folder: Path, dataset: Dataset) -> Callable[[str], Rows]:
    def ask(sql: str) -> Rows:
        with Engine(engine_folder) as engine:
            for name in dataset.tables:
                engine.view(name, dataset.parts(name))
            return engine.rows(sql)

    return ask


def shaped(folder: Path, landing: Dataset, store: Store) -> Dataset:
    mapping = folder / "mapping"
    mapping.mkdir()
    for name, sql in MAPPINGS.items():
        (mapping / f"{name}.sql").write_text(sql, encoding="utf-8")
    (step,) = extract.steps(source(), mapping, landing)
    place = store.step_folder(step.name, "key")
    with Engine(store.scratch) as engine, store.publish(place, "key") as draft:
        for name in step.reads:
            engine.view(name, landing.parts(name))
        step.do(Room(engine, draft))
    found = store.find(place)
    assert found is not None
    return found


def test_every_document_is_read_once_and_lands_by_table(tmp_path: Path, cards: Cards) -> None:
    store = Store(tmp_path / "work")
    landing = extract.land(source(), store, root=tmp_path)
    ask = query(store.scratch, landing)
    assert cards.read == [1, 2, 3]
    assert ask("select _row_key, id from patient order by 1") == [
        ("a.cards|1|1", "p1"),
        ("a.cards|3|1", "p3"),
    ]
    assert ask("select kg from weight order by line") == [("70",), ("71",)]
    assert list(store.scratch.rglob("*.arrow")) == []


def test_a_document_is_kept_to_the_byte_with_its_fault(tmp_path: Path, cards: Cards) -> None:
    store = Store(tmp_path / "work")
    ask = query(store.scratch, extract.land(source(), store, root=tmp_path))
    kept = ask("select content, start, _fault from document order by number")
    assert b"%\n".join(row[0] for row in kept) + b"%\n" == CARDS
    assert [row[2] for row in kept] == [None, "torn_card", None]
    assert all(CARDS[start:].startswith(content) for content, start, _ in kept)


def test_what_cannot_be_read_is_quarantined_by_its_fault(tmp_path: Path, cards: Cards) -> None:
    store = Store(tmp_path / "work")
    ask = query(
        store.scratch, shaped(tmp_path, extract.land(source(), store, root=tmp_path), store)
    )
    assert ask("select source_table, row_key, kind, rule from quarantine") == [
        ("document", "a.cards|2", "", "torn_card")
    ]
    assert ask("select local_patient_id from patient order by 1") == [("p1",), ("p3",)]
    assert ask("select row_key from excluded where rule = 'reference_table' order by 1") == [
        ("a.cards|1",),
        ("a.cards|3",),
    ]


def test_documents_without_a_table_of_their_own_are_refused(tmp_path: Path, cards: Cards) -> None:
    only = Source.model_validate(
        {"name": "cards", "kind": "csv", "folder": ".", "tables": {"patient": {"file": "*"}}}
    )
    with pytest.raises(ConfigError, match=r"Expected a table 'document'"):
        extract.land(only, Store(tmp_path / "work"), root=tmp_path)


def test_an_unchanged_folder_lands_once(tmp_path: Path, cards: Cards) -> None:
    store = Store(tmp_path / "work")
    first = extract.land(source(), store, root=tmp_path)
    assert extract.land(source(), store, root=tmp_path).folder == first.folder
