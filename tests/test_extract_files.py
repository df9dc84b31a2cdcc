"""Delimited and fixed-width files: exact text, and one clear sentence for a damaged file."""

import random
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import extract
from extract import delimited
from minns.config import Source
from minns.errors import ConfigError, SourceError
from minns.store import Dataset, Store

NAMES = "Åsa Öberg\nÄnglamark Sjöö\nBjörn – Åkerström\n"


def source(kind: str, **table: Any) -> Source:
    given = {"name": "old", "kind": kind, "folder": "files", "tables": {"t": table}}
    return Source.model_validate(given)


def land(folder: Path, data: bytes, kind: str = "csv", **table: Any) -> Dataset:
    (folder / "files").mkdir(exist_ok=True)
    (folder / "files" / "t.txt").write_bytes(data)
    wanted = source(kind, file="t*.txt", **table)
    return extract.land(wanted, Store(folder / "work"), root=folder)


def rows(landed: Dataset) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(landed.folder / "t").to_pylist()
    return sorted(found, key=lambda row: str(row["_row_key"]))


@pytest.mark.parametrize("page", ["cp850", "latin-1", "cp1252", "utf-8", "utf-8-sig"])
def test_swedish_text_arrives_in_every_code_page(tmp_path: Path, page: str) -> None:
    landed = land(
        tmp_path, "id;namn\r\n1;Åsa Öberg-Ähl é ü\r\n".encode(page), encoding=page, key=["id"]
    )
    assert [(r["id"], r["namn"]) for r in rows(landed)] == [("1", "Åsa Öberg-Ähl é ü")]


def test_fields_arrive_exactly_as_they_stand(tmp_path: Path) -> None:
    text = 'id;a;b\r\n1; x ;"two\r\nlines; ""quoted"""\r\n2;;NULL\r\n3;007;"1e5"\r\n'
    landed = land(tmp_path, text.encode(), key=["id"])
    assert [(r["a"], r["b"]) for r in rows(landed)] == [
        (" x ", 'two\r\nlines; "quoted"'),
        ("", "NULL"),
        ("007", "1e5"),
    ]


def test_no_header_other_marks_and_several_files(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "t2.txt").write_bytes(b"2|'b|'\n")
    table: dict[str, Any] = {
        "header": False,
        "columns": ["id", "x"],
        "delimiter": "|",
        "quote": "'",
    }
    landed = land(tmp_path, b"1|a\n", key=["id"], **table)
    assert [(r["id"], r["x"]) for r in rows(landed)] == [("1", "a"), ("2", "b|")]
    assert landed.manifest["tables"]["t"]["files"] == [
        {"name": "t.txt", "bytes": 4},
        {"name": "t2.txt", "bytes": 7},
    ]


def test_fixed_fields_are_cut_by_characters_blanks_included(tmp_path: Path) -> None:
    fields = [{"name": "id", "start": 1, "width": 2}, {"name": "namn", "start": 4, "width": 6}]
    data = "01xÅSA   \r\n02yÖRJAN \r\n".encode("latin-1")
    landed = land(tmp_path, data, "fixed", fields=fields, encoding="latin-1", key=["id"])
    assert [(r["id"], r["namn"]) for r in rows(landed)] == [("01", "ÅSA   "), ("02", "ÖRJAN ")]


def test_a_last_fixed_line_needs_no_line_end(tmp_path: Path) -> None:
    fields = [{"name": "id", "start": 1, "width": 2}]
    assert land(tmp_path, b"01\n02", "fixed", fields=fields).rows("t") == 2


@pytest.mark.parametrize(
    ("data", "line", "found"),
    [
        pytest.param(b"id;x\n1;hemlig\n2\n3;c\n", 3, "2 fields", id="too few fields"),
        pytest.param(b"id;x\n1;a\n2;hemlig;c\n", 3, "2 fields", id="too many fields"),
        pytest.param(b'id;x\n1;"a\nb"\n2\n', 4, "2 fields", id="after an embedded line end"),
        pytest.param(b"id;x\n1;a\n2;hem", 3, "line end", id="cut off in a field"),
        pytest.param(b'id;x\n1;a\n2;"hemlig\n', 3, "quotes in pairs", id="quote not closed"),
        pytest.param(b'id;x\n1;"hemlig\n2;b\n', 2, "quotes in pairs", id="quote not closed early"),
    ],
)
def test_a_damaged_file_is_told_by_line(tmp_path: Path, data: bytes, line: int, found: str) -> None:
    with pytest.raises(SourceError, match=rf"{found}.* in line {line} of t\.txt") as caught:
        land(tmp_path, data)
    assert "hem" not in str(caught.value)


@pytest.mark.parametrize("data", [b"0123\n01234\n0123\n", b"0123\n012\n", b"0123\n\n0123\n"])
def test_a_fixed_line_of_another_length_is_told(tmp_path: Path, data: bytes) -> None:
    fields = [{"name": "id", "start": 1, "width": 4}]
    with pytest.raises(SourceError, match=r"4 characters in line 2 of t\.txt"):
        land(tmp_path, data, "fixed", fields=fields)


@pytest.mark.parametrize(
    ("actual", "told", "found"),
    [
        ("cp850", "utf-8", "bytes like cp850"),
        ("latin-1", "utf-8", "bytes like iso8859-1"),
        ("cp850", "latin-1", "bytes like cp850"),
        ("latin-1", "cp850", "bytes like iso8859-1"),
        ("utf-8", "cp850", "bytes like utf-8"),
        ("utf-8", "latin-1", "bytes like utf-8"),
        ("utf-8", "cp1252", "bytes like utf-8"),
        ("latin-1", "ascii", "bytes like iso8859-1"),
        ("cp1252", "latin-1", "bytes like cp1252"),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "fixed"])
def test_a_wrong_code_page_is_told(
    tmp_path: Path, kind: str, actual: str, told: str, found: str
) -> None:
    page = actual if actual.startswith(("utf", "cp1252")) else "cp850"
    names = NAMES.encode(page, "ignore").decode(page).splitlines()
    lines = [f"{name:20}\n" for name in names]
    fields = [{"name": "namn", "start": 1, "width": 20}]
    table = {"fields": fields} if kind == "fixed" else {"header": False, "columns": ["namn"]}
    with pytest.raises(SourceError, match=f"Expected {told} in t.txt; found {found} by line [13]"):
        land(tmp_path, "".join(lines).encode(actual, "ignore"), kind, encoding=told, **table)


def test_other_mistakes_are_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        extract.land(source("csv"), Store(tmp_path / "work"), root=tmp_path)
    with pytest.raises(ConfigError, match="a code page that Python knows"):
        land(tmp_path, b"id\n1\n", encoding="cp12345")
    with pytest.raises(ConfigError, match="one ASCII character as delimiter"):
        land(tmp_path, b"id\n1\n", delimiter=";;")
    with pytest.raises(SourceError, match="a name that stands twice"):
        land(tmp_path, b"id;id\n1;2\n")
    with pytest.raises(SourceError, match="the column 'y' in table 't' of old"):
        land(tmp_path, b"id\n1\n", columns=["y"])
    with pytest.raises(SourceError, match="rows in table 't' of old; found none"):
        land(tmp_path, b"id\n")
    (tmp_path / "files" / "t2.txt").write_bytes(b"other\n1\n")
    with pytest.raises(SourceError, match=r"the header of t\.txt in t2\.txt"):
        land(tmp_path, b"id\n1\n")
    with pytest.raises(SourceError, match=r"the file 'u' of old in .*; found no such file"):
        extract.land(source("csv", file="u"), Store(tmp_path / "work"), root=tmp_path)


def test_rows_that_cross_blocks_arrive_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "BLOCK", 1 << 12)
    chance = random.Random(1)
    texts = ["".join(chance.choices('åä"\n; x', k=chance.randrange(900))) for _ in range(300)]
    quoted = (text.replace('"', '""') for text in texts)
    lines = [f'{n};"{text}"\r\n' for n, text in enumerate(quoted)]
    landed = land(tmp_path, "".join(["id;x\r\n", *lines]).encode("cp850"), encoding="cp850")
    assert {r["id"]: r["x"] for r in rows(landed)} == {str(n): t for n, t in enumerate(texts)}
