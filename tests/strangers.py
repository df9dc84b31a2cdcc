"""Journals that nobody here has mapped: databases made from the schemas in `strangers/`, each with
what feeds what. Made up by themselves: nothing here looks at what the scaffold knows.
"""

import random
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent / "strangers"
NAMES = ("kompass", "vega", "sigma")
PATIENTS, ROWS = 60, 80

FIRST = ("Astrid", "Elsa", "Gunnar", "Hjalmar", "Ingrid", "Karin", "Lennart", "Maj-Britt", "Olof")
LAST = ("Almgren", "Bergdahl", "Cederlund", "Dahlqvist", "Ekström", "Forsell", "Grönberg")
TEXT = (
    "Essentiell hypertoni",
    "Akut bronkit",
    "Astma, ospecificerad",
    "Paracetamol",
    "Penicillin V",
)
NOTE = "Patienten söker för besvär sedan en vecka. Status utan anmärkning. Åter vid behov. "
CODES = {
    "icd": ("I10.9", "J20.9", "E11.9", "M54.5", "F32.1"),
    "atc": ("N02BE01", "C09AA02", "J01CE02", "A10BA02", "B01AC06"),
    "npu": ("NPU03230", "NPU04998", "NPU19673", "NPU28309"),
    "kva": ("DF005", "AV003", "XS912", "GDA01"),
    "unit": tuple(f"SE2321000016-A{n:03d}" for n in range(4)),
    "uom": ("mmol/L", "g/L", "kPa", "%"),
    "yn": ("J", "N"),
    "mk": ("M", "K"),
    "manwoman": ("Man", "Kvinna"),
    "mainside": ("H", "B"),
    "grade": ("1", "2", "3"),
    "word": ("Tablett", "Mottagning", "Oralt"),
    "strength": ("500 mg", "10 mg", "2,5 mg"),
    "range": ("3,5-4,4", "60-105", "<5"),
    "digit": ("1", "2", "3"),
    "first": FIRST,
    "FIRST": tuple(name.upper() for name in FIRST),
    "last": LAST,
    "LAST": tuple(name.upper() for name in LAST),
    "city": ("Ödeshög", "Motala", "Vadstena", "Kisa"),
    "staff": ("alm01", "ber14", "ced22", "dah07"),
    "text": TEXT,
}
Make = Callable[[random.Random, int], str | int | None]


def _day(chance: random.Random) -> str:
    return f"{chance.randint(2005, 2023)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"


def _number(chance: random.Random) -> str:
    """Twelve digits with a right check digit, of the serials that nobody is given."""
    birth = f"19{chance.randint(30, 99)}{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}"
    digits = birth[2:] + f"98{chance.randint(0, 9)}"
    doubled = [int(d) * (2 - at % 2) for at, d in enumerate(digits)]
    total = sum(d // 10 + d % 10 for d in doubled)
    return f"19{digits}{-total % 10}"


def _sometimes(make: Make) -> Make:
    return lambda chance, at: make(chance, at) if chance.random() < 0.2 else None


def _one_of(values: tuple[str, ...]) -> Make:
    return lambda chance, at: chance.choice(values)


def _clock(chance: random.Random) -> str:
    return f"{chance.randint(7, 17):02d}:{chance.randint(0, 59):02d}"


FORMS: dict[str, Make] = {
    "serial": lambda chance, at: 50_000 + at,
    "key": lambda chance, at: 700_000 + at * 3,
    "guid": lambda chance, at: f"{at:08x}-{chance.getrandbits(48):012x}",
    "pnr12": lambda chance, at: _number(chance),
    "pnr10": lambda chance, at: _number(chance)[2:],
    "pnr13": lambda chance, at: (n := _number(chance))[:8] + "-" + n[8:],
    "date": lambda chance, at: _day(chance),
    "date8": lambda chance, at: _day(chance).replace("-", ""),
    "moment": lambda chance, at: f"{_day(chance)} {_clock(chance)}:00",
    "moment8": lambda chance, at: (_day(chance) + _clock(chance)).replace("-", "").replace(":", ""),
    "street": lambda chance, at: f"Storgatan {chance.randint(1, 90)}",
    "postal": lambda chance, at: f"59{chance.randint(100, 999)}",
    "phone": lambda chance, at: f"070-174 06 {chance.randint(5, 99):02d}",
    "number": lambda chance, at: f"{chance.randint(1, 200)},{chance.randint(0, 9)}",
    "batch": lambda chance, at: f"LB{chance.randint(1000, 9999)}",
    "note": lambda chance, at: NOTE * chance.randint(1, 4),
    **{name: _one_of(own) for name, own in CODES.items()},
}
FORMS |= {f"rare{name}": _sometimes(FORMS[name]) for name in ("date", "date8", "pnr10")}


@dataclass
class Table:
    """One table: its columns with their forms, and for a mapped one what each feeds."""

    name: str
    feeds: str
    columns: list[tuple[str, str]] = field(default_factory=list)
    truth: dict[str, str] = field(default_factory=dict)


def schema(name: str) -> list[Table]:
    """The tables of a schema, those that feed nothing with columns of their own."""
    tables: list[Table] = []
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words[0] == "T":
            tables.append(Table(words[1], words[3]))
        elif words[0] == "N":
            tables += [Table(other, "", _other(other)) for other in words[1:]]
        elif words[0] != "#":
            column, form, canonical = words
            tables[-1].columns.append((column, form))
            if canonical != "-":
                tables[-1].truth[canonical] = column
    return tables


def _other(name: str) -> list[tuple[str, str]]:
    return [(f"{name}_id", "key"), ("benamning", "text"), ("andrad", "date"), ("aktiv", "yn")]


def _rows(table: Table, patients: list[str | int], chance: random.Random) -> Iterator[list[object]]:
    own = table.feeds == "patient"
    for at in range(PATIENTS if own else ROWS):
        yield [
            chance.choice(patients) if form == "patient" else FORMS[form](chance, at)
            for _, form in table.columns
        ]


def build(name: str, path: Path) -> list[Table]:
    """Make the database of a schema, the same each time; gives its tables."""
    tables, chance = schema(name), random.Random(name)
    patients: list[str | int] = []
    with sqlite3.connect(path) as db:
        for table in tables:
            listed = ", ".join(
                f'"{column}" {"integer" if form in ("serial", "key") else "text"}'
                for column, form in table.columns
            )
            db.execute(f'create table "{table.name}" ({listed})')
            rows = list(_rows(table, patients, chance))
            if table.feeds == "patient":
                patients = [row[0] for row in rows]  # type: ignore[misc]
                patients = [patient for patient in patients if patient is not None]
            marks = ", ".join("?" for _ in table.columns)
            db.executemany(f'insert into "{table.name}" values ({marks})', rows)
    db.close()
    return tables
