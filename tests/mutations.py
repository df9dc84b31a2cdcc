"""Corruptions of a loaded record or of a source after landing, each alone, each to be located."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import validation
from minns import pipeline
from minns.engine import Engine, quote
from minns.model import FACTS, KINDS
from minns.site import Site
from validation.recount import absolute_url

NEGATIONS = ("inga ", "ingen ", "inget ", "inte ", "ej ", "Inga ", "Ingen ", "Inget ")
#: Characters of the key at the start of a line of KONTAKT.TXT.
KEY_WIDTH = 10
Pointer = tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """One column of one current row of a record."""

    kind: str
    fact: str
    name: str
    value: Any


class Trial:
    """A cut-over record with its books, which is corrupted in copies only."""

    def __init__(self, site: Site, outcome: pipeline.Outcome, folder: Path) -> None:
        course = outcome.course
        self.books, self.folder, self.root = pipeline._books(course), folder, site.project.root
        self.sources = [site.source(name) for name in course.scope.sources]
        self.record = folder / "record.db"
        original = absolute_url(site.target("cutover").url, self.root).database
        with sqlite3.connect(str(original)) as database, sqlite3.connect(self.record) as copy:
            database.backup(copy)
        database.close()
        copy.close()

    def findings(
        self, record: Path, root: Path, engine: Engine
    ) -> tuple[list[validation.Finding], set[Pointer]]:
        """The checks that failed, and every pointer that they give."""
        offenders = self.folder / "offenders"
        shutil.rmtree(offenders, ignore_errors=True)
        live = validation.Live(self.sources, root, f"sqlite:///{record}")
        found = validation.check(self.books, live, engine, offenders)
        failed = [finding for finding in found if not finding.passed]
        pointers: set[Pointer] = set()
        for finding in failed:
            if finding.pointers:
                rows = engine.rows("from read_parquet(?)", [str(offenders / finding.pointers)])
                pointers |= {tuple(map(str, row)) for row in rows}
        return failed, pointers

    def caught(self, number: int, engine: Engine) -> tuple[str, bool, bool]:
        """One corruption by its number: its class, whether it was found, and located to its row."""
        names = sorted(CLASSES)
        name, dice = names[number % len(names)], random.Random(number)
        record, root = self.folder / "mutant.db", self.folder / "mutant"
        shutil.copyfile(self.record, record)
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.root / "region", root / "region")
        with sqlite3.connect(record) as database:
            marks = CLASSES[name](Ground(database, root, dice))
        database.close()
        failed, pointers = self.findings(record, root, engine)
        located = all(any(set(mark) <= set(p) for p in pointers) for mark in marks)
        return name, bool(failed), located and bool(marks)


@dataclass(frozen=True)
class Ground:
    """What a corruption works on."""

    database: sqlite3.Connection
    root: Path
    dice: random.Random

    def columns(
        self, wanted: Callable[[Any], bool], types: tuple[str, ...], kinds: tuple[str, ...] = KINDS
    ) -> list[Column]:
        """Columns of current facts whose value is wanted, in an order of the dice's."""
        found = []
        for kind in kinds:
            names = [c.name for c in FACTS[kind].columns if c.type in types]
            names = [n for n in names if n not in ("fact_id", "person_id", "source")]
            if names:
                sql = f"select fact_id, {', '.join(map(quote, names))} from {quote(kind)} "
                for fact, *values in self.database.execute(sql + "where valid_to_load is null"):
                    pairs = zip(names, values, strict=True)
                    found += [
                        Column(kind, fact, n, v) for n, v in pairs if v is not None and wanted(v)
                    ]
        return self.dice.sample(found, len(found))

    def put(self, column: Column, value: Any) -> list[Pointer]:
        """Write another value into a column; gives what must be pointed at."""
        done = self.database.execute(
            f"update {quote(column.kind)} set {quote(column.name)} = ? "
            "where fact_id = ? and valid_to_load is null",
            (value, column.fact),
        )
        assert done.rowcount == 1
        return [(column.kind, column.fact)]

    def fact(self) -> Column:
        """Some fact."""
        return self.columns(lambda _: True, ("text",))[0]


def lost(ground: Ground, kind: str | None = None) -> list[Pointer]:
    taken = ground.fact() if kind is None else ground.columns(bool, ("text",), (kind,))[0]
    ground.database.execute(
        f"delete from {quote(taken.kind)} where fact_id = ?",
        (taken.fact,),
    )
    return [(taken.kind, taken.fact)]


def doubled(ground: Ground) -> list[Pointer]:
    taken = ground.fact()
    place = quote(taken.kind)
    cursor = ground.database.execute(
        f"select * from {place} where fact_id = ? and valid_to_load is null",
        (taken.fact,),
    )
    names = [told[0] for told in cursor.description]
    row = dict(zip(names, cursor.fetchone(), strict=True))
    row["valid_from_load"] += 1000
    marks = ", ".join("?" * len(row))
    ground.database.execute(f"insert into {place} values ({marks})", list(row.values()))
    return [(taken.kind, taken.fact)]


def wrong_patient(ground: Ground) -> list[Pointer]:
    taken = ground.fact()
    sql = f"select person_id from {quote(taken.kind)} where fact_id = ?"
    own = ground.database.execute(sql, (taken.fact,)).fetchone()
    persons = [row for row in ground.database.execute("select person_id from person") if row != own]
    return ground.put(replace(taken, name="person_id"), ground.dice.choice(persons)[0])


def swapped(ground: Ground) -> list[Pointer]:
    first, *others = ground.columns(lambda _: True, ("decimal", "date"))
    for other in others:
        if (other.kind, other.name) == (first.kind, first.name) and other.value != first.value:
            return ground.put(first, other.value) + ground.put(other, first.value)
    raise AssertionError("nothing to swap")


def truncated(ground: Ground) -> list[Pointer]:
    taken = ground.columns(lambda v: len(v) > 3, ("text",))[0]
    return ground.put(taken, taken.value[: ground.dice.randrange(1, len(taken.value))])


def code_page(ground: Ground) -> list[Pointer]:
    taken = ground.columns(lambda v: bool(set(v) & set("åäöÅÄÖ")), ("text",))[0]
    page = ground.dice.choice(("latin-1", "cp850"))
    return ground.put(taken, taken.value.encode().decode(page))


def shifted_date(ground: Ground) -> list[Pointer]:
    taken = ground.columns(lambda _: True, ("date", "timestamp"))[0]
    day = date.fromisoformat(str(taken.value)[:10]) + timedelta(ground.dice.choice((-365, -1, 1)))
    return ground.put(taken, day.isoformat() + str(taken.value)[10:])


def rounded(ground: Ground) -> list[Pointer]:
    taken = ground.columns(lambda v: Decimal(str(v)) % 1 != 0, ("decimal",))[0]
    return ground.put(taken, str(round(Decimal(str(taken.value)))))


def negation_lost(ground: Ground) -> list[Pointer]:
    taken = ground.columns(lambda v: any(n in v for n in NEGATIONS), ("text",), ("document",))[0]
    word = next(n for n in NEGATIONS if n in taken.value)
    return ground.put(taken, taken.value.replace(word, "", 1))


def block_dropped(ground: Ground) -> list[Pointer]:
    return lost(ground, "access_block")


def protection_dropped(ground: Ground) -> list[Pointer]:
    sql = "select person_id from person where protection <> 'none' and valid_to_load is null"
    [person] = ground.dice.choice(sorted(ground.database.execute(sql)))
    sql = "update person set protection = 'none' where person_id = ? and valid_to_load is null"
    assert ground.database.execute(sql, (person,)).rowcount == 1
    return [("patient", person)]


def lineage_moved(ground: Ground) -> list[Pointer]:
    """A row is said to stand behind another fact of its kind."""
    sql = "select kind, fact_id, source, source_table, row_key from lineage where kind <> 'patient'"
    rows = sorted(ground.database.execute(sql + " and valid_to_load is null"))
    kind, fact, source, table, key = ground.dice.choice(rows)
    other = ground.dice.choice([row[1] for row in rows if row[0] == kind and row[1] != fact])
    ground.database.execute(
        "update lineage set fact_id = ? where kind = ? and fact_id = ? and source = ? "
        "and source_table = ? and row_key = ?",
        (other, kind, fact, source, table, key),
    )
    return [(source, table, key, kind, fact)]


def source_row_changed(ground: Ground) -> list[Pointer]:
    return _in_melior(ground, "update labsvar set svar = coalesce(svar, '') || '1' where rowid = ?")


def source_row_lost(ground: Ground) -> list[Pointer]:
    return _in_melior(ground, "delete from labsvar where rowid = ?")


def source_note_changed(ground: Ground) -> list[Pointer]:
    sql = "update anteckning set fritext = substr(fritext, 2) where rowid = ?"
    return _in_melior(ground, sql, "anteckning", "fritext <> ''")


def _in_melior(
    ground: Ground, change: str, table: str = "labsvar", where: str = "true"
) -> list[Pointer]:
    key = {"labsvar": "svar_id", "anteckning": "anteckning_id"}[table]
    with sqlite3.connect(ground.root / "region" / "melior.db") as database:
        sql = f"select min(rowid), {key} from {table} where {where} group by 2 having count(*) = 1"
        row, named = ground.dice.choice(sorted(database.execute(sql)))
        assert database.execute(change, (row,)).rowcount == 1
    database.close()
    return [("melior", table, str(named))]


def source_line_changed(ground: Ground) -> list[Pointer]:
    """A digit of a line in a file of fixed positions, after its key."""
    path = ground.root / "region" / "elvis" / "KONTAKT.TXT"
    lines = path.read_bytes().splitlines(keepends=True)
    keys = [line[:KEY_WIDTH] for line in lines]
    chosen = ground.dice.choice([i for i, key in enumerate(keys) if keys.count(key) == 1])
    line = bytearray(lines[chosen])
    places = [i for i, byte in enumerate(line) if chr(byte).isdigit() and i >= KEY_WIDTH]
    place = ground.dice.choice(places)
    line[place] = ord("1") if line[place] != ord("1") else ord("2")
    path.write_bytes(b"".join([*lines[:chosen], bytes(line), *lines[chosen + 1 :]]))
    return [("elvis", "kontakt", lines[chosen][:KEY_WIDTH].decode())]


CLASSES: dict[str, Callable[[Ground], list[Pointer]]] = {
    f.__name__: f
    for f in (
        lost,
        doubled,
        wrong_patient,
        swapped,
        truncated,
        code_page,
        shifted_date,
        rounded,
        negation_lost,
        block_dropped,
        protection_dropped,
        lineage_moved,
        source_row_changed,
        source_row_lost,
        source_note_changed,
        source_line_changed,
    )
}
