"""A landing can be proved: against its own manifest, and against the source it came from."""

import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import pytest
from projects import minns

ROWS = 200
TOML = """
name = "small"
kind = "sql"
url = "sqlite:///small.db"
[tables.person]
key = ["pnr"]
[tables.visit]
key = ["visit_id"]
[tables.line]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a small journal, landed once."""
    (tmp_path / "minns.toml").write_text('mappings = "m"\n', encoding="utf-8")
    folder = tmp_path / "m" / "small"
    folder.mkdir(parents=True)
    (folder / "source.toml").write_text(TOML, encoding="utf-8")
    with sqlite3.connect(tmp_path / "small.db") as db:
        db.execute("create table person (pnr text, namn text)")
        db.execute("create table visit (visit_id integer, pnr text, dag text, note text)")
        db.execute("create table line (what text)")
        db.executemany("insert into person values (?, ?)", [("189001019802", "Åsa Å")])
        db.executemany("insert into visit values (?, ?, ?, ?)", map(visit, range(ROWS)))
        db.executemany("insert into line values (?)", [("a",), ("a",), ("b",)])
    db.close()
    land(tmp_path)
    return tmp_path


def visit(number: int) -> tuple[int, str, str, str]:
    return (number, "189001019802", f"2020-01-{number % 28 + 1:02d}", f"note {number}")


def land(project: Path) -> None:
    ended = minns(project, "source", "profile", "small")
    assert ended.returncode == 0, ended.stderr


def change(project: Path, *statements: str) -> None:
    with sqlite3.connect(project / "small.db") as db:
        for statement in statements:
            db.execute(statement)
    db.close()


def verified(project: Path, *words: str) -> tuple[int, Any]:
    ended = minns(project, "landing", "verify", "small", "--json", *words)
    return ended.returncode, json.loads(ended.stdout)


def part(project: Path) -> Path:
    return project / "work" / "landing" / "small" / "0001" / "visit" / "part-00001.parquet"


def rewrite(path: Path, query: str) -> None:
    """Another file in the place of one, made by `query` from `landed`."""
    aside = path.with_suffix(".aside")
    with duckdb.connect() as db:
        db.execute(f"create view landed as from read_parquet('{path}')")
        db.execute(f"copy ({query}) to '{aside}' (format parquet)")
    aside.replace(path)


def test_a_manifest_tells_how_it_was_landed(project: Path) -> None:
    path = project / "work" / "landing" / "small" / "0001" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    [told] = manifest["tables"]["visit"]["parts"]
    assert told["rows"] == ROWS
    assert told["bytes"] == part(project).stat().st_size
    assert told["checksum"] == manifest["tables"]["visit"]["checksum"]
    assert len(told["sha256"]) == 64
    assert "select" in manifest["tables"]["visit"]["query"]
    assert manifest["notes"].keys() >= {"driver", "moment", "by", "versions"}
    assert "189001019802" not in path.read_text(encoding="utf-8")


def test_a_whole_landing_is_the_source(project: Path) -> None:
    code, told = verified(project)
    assert (code, told["whole"], told["faults"]) == (0, True, [])
    assert told["rows"] == ROWS + 4
    ended = minns(project, "landing", "verify", "small")
    assert "Its source holds the same." in ended.stdout


def test_a_row_that_was_altered_is_named(project: Path) -> None:
    altered = "case when visit_id in (17, 90) then 'other' else note end as note"
    rewrite(part(project), f"select * replace ({altered}) from landed")
    code, told = verified(project, "--files")
    assert code == 9
    assert {f["row"] for f in told["faults"] if f["row"]} == {"17", "90"}
    assert told["against_source"] is None


def test_a_row_that_was_taken_out_or_put_in_is_counted_and_named_by_the_source(
    project: Path,
) -> None:
    rewrite(part(project), "from landed where visit_id <> 5")
    code, told = verified(project)
    assert code == 9
    assert {f["what"] for f in told["faults"]} >= {
        f"{ROWS - 1} rows where {ROWS} were landed", "the checksum is not the landed one",
    }  # fmt: skip
    assert told["against_source"]["counts"]["visit"]["inserted"] == 1
    assert told["against_source"]["rows"][0]["row"] == "5"


@pytest.mark.parametrize("damage", ["cut", "gone", "more"])
def test_a_file_that_is_not_as_it_was_is_told(project: Path, damage: str) -> None:
    path = part(project)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-100])
    elif damage == "gone":
        path.unlink()
    else:
        path.with_name("part-00002.parquet").write_bytes(path.read_bytes())
    code, told = verified(project, "--files")
    words = {"cut": "cannot be read", "gone": "the file is gone", "more": "was not landed"}
    assert code == 9
    assert any(words[damage] in f["what"] for f in told["faults"])


def test_what_the_source_changed_since_is_told_by_row_and_column(project: Path) -> None:
    change(
        project,
        "insert into visit values (900, '189001019802', '2021-01-01', 'new')",
        "delete from visit where visit_id = 7",
        "update visit set note = 'other', dag = '2022-02-02' where visit_id = 8",
        "update visit set visit_id = 1009 where visit_id = 9",
        "update person set namn = 'Åsa Ö'",
        "insert into line values ('a')",
    )
    code, told = verified(project)
    assert (code, told["faults"]) == (9, [])
    found = told["against_source"]
    assert found["counts"]["visit"] == {"inserted": 1, "deleted": 1, "changed": 1, "re-keyed": 1}
    rows = {(r["kind"], r["row"]): r["columns"] for r in found["rows"] if r["table"] == "visit"}
    assert rows["changed", "8"] == ["dag", "note"]
    assert rows["deleted", "7"] == rows["inserted", "900"] == []
    assert {row for _, row in rows} == {"900", "7", "8", "1009"}
    [person] = [r for r in found["rows"] if r["table"] == "person"]
    assert person["row"].startswith("md5:")
    assert found["counts"]["line"]["inserted"] == 1
    assert "189001019802" not in json.dumps(told)


@pytest.mark.parametrize("seed", range(2))
def test_the_delta_of_two_landings_is_the_true_difference(project: Path, seed: int) -> None:
    """Random inserts, updates, deletes and keys used again, against a count kept beside."""
    chance = random.Random(seed)
    before = {number: visit(number)[1:] for number in range(ROWS)}
    now = dict(before)
    for step in range(60):
        number = chance.choice(sorted(now))
        match chance.randrange(4):
            case 0:
                now[ROWS + step] = ("189001019802", "2023-01-01", f"later {step}")
            case 1:
                now[number] = (*now[number][:2], f"changed {step}")
            case 2:
                del now[number]
            case _:
                now[number] = ("189001019802", "2023-05-05", f"another visit {step}")
    change(project, "delete from visit")
    with sqlite3.connect(project / "small.db") as db:
        shuffled = [(number, *rest) for number, rest in now.items()]
        chance.shuffle(shuffled)
        db.executemany("insert into visit values (?, ?, ?, ?)", shuffled)
    db.close()
    land(project)
    ended = minns(project, "landing", "delta", "small", "--json")
    told = json.loads(ended.stdout)
    assert (told["old"], told["new"]) == ("0001", "0002")
    rows = {(r["kind"], int(r["row"])) for r in told["rows"] if r["table"] == "visit"}
    assert rows == {
        *(("inserted", n) for n in now.keys() - before.keys()),
        *(("deleted", n) for n in before.keys() - now.keys()),
        *(("changed", n) for n in now.keys() & before.keys() if now[n] != before[n]),
    }


def test_what_is_not_there_is_told(project: Path) -> None:
    none = minns(project, "landing", "verify", "small", "--snapshot", "0009")
    assert (none.returncode, "0001" in none.stderr) == (2, True)
    one = minns(project, "landing", "delta", "small")
    assert (one.returncode, "two landings" in one.stderr) == (2, True)
