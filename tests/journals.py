"""Tiny made-up journals whose rows may say anything, and projects that bring them in waves."""

import csv
import gzip
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from minns.model import TARGET
from minns.site import Site, open_site

Row = tuple[str, ...]
#: A journal: rows by table, without the headers.
Journal = dict[str, list[Row]]

COLUMNS = {
    "patient": ("id", "number", "given", "surname", "born", "sex", "street", "protection"),
    "condition": ("key", "patient", "code", "text", "day", "status"),
    "observation": ("key", "patient", "code", "moment", "value", "unit"),
    "alert": ("key", "patient", "text", "category", "status", "negated"),
}
HEADER = """null as care_unit, null as care_giver, null as author, null as recorded_at,
    null as signed, null as approved_for_patient"""
MAPPINGS = {
    "patient": """id as local_patient_id, tidy(number) as number, null as number_issuer,
    null as previous_number, tidy(given) as given_names, tidy(surname) as surname,
    iso_date(born) as birth_date, coalesce(tidy(sex), 'unknown') as sex,
    coalesce(tidy(protection), 'none') as protection,
    unless_protected(street, coalesce(tidy(protection), 'none')) as street,
    null as postal_code, null as city, null as phone, null as deceased_date,
    null as mother_number, null as birth_order, null as recorded_at""",
    "condition": f"""patient as local_patient_id, {HEADER},
    coalesce(tidy(status), 'active') as status,
    'icd-10-se' as local_system, tidy(code) as local_code, text as local_text,
    iso_date(day) as diagnosed_on, null as category, null as chronic, null as certainty,
    null as negated""",
    "observation": f"""patient as local_patient_id, {HEADER}, 'completed' as status,
    'npu' as local_system, tidy(code) as local_code, null as local_text,
    iso_timestamp(moment) as observed_at, value as value_text,
    cast(number_of(value) as varchar) as value_number, comparator_of(value) as comparator,
    tidy(unit) as unit, null as reference_interval, null as abnormal""",
    "alert": f"""patient as local_patient_id, {HEADER}, coalesce(tidy(status), 'active') as status,
    tidy(category) as category, null as local_system, null as local_code, text as local_text,
    null as severity, null as certainty, yes_no(negated) as negated, null as valid_from,
    null as valid_to, null as comment""",
}
WAVES = {"first": ("north", ""), "second": ("south", 'after = ["first"]')}

#: Of the official list of test numbers, spread over a century.
NUMBERS = (
    gzip.decompress(files("minns.demo").joinpath("data", "testnumbers.txt.gz").read_bytes())
    .decode()
    .split()[::997]
)

# ---------------------------------------------------------------------------------- what rows say
#: Any text that UTF-8 can hold, but for what no text holds (see extract.files).
anything = st.text(
    st.characters(
        codec="utf-8",
        exclude_characters="".join(map(chr, [*range(0x80, 0xA0), *range(0x2500, 0x2580)])),
    ),
    max_size=12,
)
#: Text that has broken programs before.
ODD = (
    "", " ", "'", '"', '""', ";", "\n", "\r\n", "a\nb;c", "\\N", "NULL", "\x01\x1f\t", "|#\\",
    "\U0001f469\u200d\u2695\ufe0f", "x" * 70_000, "Å" * 300, "-0", "1e999", "NaN", "∞",
    "9" * 40, "1 234,5", "<0,1", "0x1F", "\x00", "a\x00b", "\r", "\ufeff", "\u2028",
    "\u202e\u200b", "\x7f", "=1+1", "'; drop table person; --", "${HOME}", "%s",
    "P000000000000",
)  # fmt: skip
DATES = (
    "2019-03-01", "20190301", "2019-02-30", "0000-00-00", "99991231", "1900-01-01", "-44-03-15",
    "igår", "2019-03-01 24:61", "2019-03-01T10:00:00", "12019-01-01",
)  # fmt: skip
odd, dates = st.sampled_from(ODD), st.sampled_from(DATES)
dirty = st.one_of(anything, odd, dates)
patients = st.sampled_from(("p1", "p2", "p3", "p4", "n1", "nobody", ""))
names = st.sampled_from(("Anna", "Erik", "Anna Maria", "Berg", "Ek"))
numbers = st.sampled_from((*NUMBERS[:4], "191212121213", "20191399", "x"))


def row(*columns: st.SearchStrategy[str]) -> st.SearchStrategy[Row]:
    return st.tuples(*columns)


def mostly(sound: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(sound, sound, dirty)


ROWS = {
    "patient": row(
        mostly(patients),
        mostly(numbers),
        mostly(names),
        mostly(names),
        mostly(dates),
        mostly(st.sampled_from(("female", "male"))),
        dirty,
        mostly(st.sampled_from(("none", "sekretessmarkering"))),
    ),
    "condition": row(
        mostly(st.sampled_from(("d1", "d2"))),
        mostly(patients),
        mostly(st.sampled_from(("I109", "J06.9"))),
        dirty,
        mostly(dates),
        mostly(st.sampled_from(("active", "nullified"))),
    ),
    "observation": row(
        dirty, mostly(patients), mostly(st.sampled_from(("NPU02192",))), mostly(dates), dirty, dirty
    ),
    "alert": row(
        dirty,
        mostly(patients),
        dirty,
        mostly(st.sampled_from(("hypersensitivity", "disease"))),
        mostly(st.sampled_from(("active", "refuted"))),
        mostly(st.sampled_from(("J", "N"))),
    ),
}
journals: st.SearchStrategy[Journal] = st.fixed_dictionaries(
    {table: st.lists(rows, max_size=5) for table, rows in ROWS.items()}
)


def sound(letter: str) -> Journal:
    """A few rows without fault, so that no key is taken for a wrong one and no table is empty."""
    ids = [f"{letter}{n}" for n in range(1, 7)]
    return {
        "patient": [
            (i, number, name, "Berg", number[:8], "female", "Ån 1", "")
            for i, number, name in zip(
                ids, NUMBERS[4:], ("Anna", "Eva", "Ida", "Maj", "Siv", "Åsa"), strict=False
            )
        ],
        "condition": [(i, i, "I109", "Hypertoni", "2019-03-01", "active") for i in ids],
        "observation": [(i, i, "NPU02192", "2019-03-01 10:00", "1,5", "mmol/L") for i in ids],
        "alert": [(i, i, "Penicillin", "hypersensitivity", "active", "N") for i in ids],
    }


def every_oddity() -> Journal:
    """Each odd text in each column in turn, in rows that are sound but for it."""
    found: Journal = {}
    for table, (first, *_) in sound("n").items():
        rows = [
            (*first[:at], value, *first[at + 1 :])
            for at in range(1, len(first))
            for value in (*ODD, *DATES)
        ]
        found[table] = [(f"odd{n}", *row[1:]) for n, row in enumerate(rows)]
        found[table] += [(value, *first[1:]) for value in ODD]
    return found


def joined(*parts: Journal) -> Journal:
    return {table: [row for part in parts for row in part[table]] for table in COLUMNS}


# ------------------------------------------------------------------------------------ the project
def write_journal(project: Path, source: str, journal: Journal) -> None:
    """Write a journal's files, as its nightly export would."""
    folder = project / source
    folder.mkdir(exist_ok=True)
    for table, columns in COLUMNS.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
            writer.writerow(columns)
            writer.writerows(journal[table])


@contextmanager
def project(north: Journal, south: Journal) -> Iterator[Site]:
    """A project of two journals and a wave for each, in a folder that goes afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="minns-laws-"))
    try:
        (folder / "minns.toml").write_text(
            'mappings = "mappings"\nthreads = 1\nmemory_limit = "300MB"\n', encoding="utf-8"
        )
        for source, journal in (("north", north), ("south", south)):
            write_mapping(folder, source)
            write_journal(folder, source, journal)
        (folder / "runbooks").mkdir()
        for wave, (source, after) in WAVES.items():
            text = f'name = "{wave}"\nsources = ["{source}"]\n{after}\n'
            (folder / "runbooks" / f"{wave}.toml").write_text(text, encoding="utf-8")
        yield open_site(folder)
    finally:
        shutil.rmtree(folder)


def write_mapping(folder: Path, source: str) -> None:
    place = folder / "mappings" / source
    place.mkdir(parents=True)
    tables = "\n".join(
        f'[tables.{table}]\nfile = "{table}.csv"\nkey = ["{columns[0]}"]\nmay_be_empty = true'
        for table, columns in COLUMNS.items()
    )
    head = f'name = "{source}"\nkind = "csv"\nfolder = "{source}"\n'
    (place / "source.toml").write_text(head + tables, encoding="utf-8")
    for table, columns in MAPPINGS.items():
        sql = f"select '{table}' as source_table, _row_key as row_key, {columns} from {table}"
        (place / f"{table}.sql").write_text(sql, encoding="utf-8")


def record(site: Site) -> Path:
    return site.project.work_folder / "record.db"


def rows_of(path: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def standing(site: Site) -> dict[str, list[tuple[Any, ...]]]:
    """What is true now in the record, whenever it was loaded."""
    return {
        name: sorted(rows_of(record(site), f"select {columns} from current_{name}"), key=repr)
        for name, columns in ((t.name, ", ".join(t.names)) for t in TARGET.values())
    }


def closed(site: Site) -> int:
    """How many versions of rows the record holds that are true no longer."""
    counts = (f"select count(*) from {name} where valid_to_load is not null" for name in TARGET)
    return sum(int(rows_of(record(site), sql)[0][0]) for sql in counts)


def persons(site: Site) -> dict[tuple[str, str], str]:
    """Who is who: person by identity."""
    found = rows_of(
        record(site), "select source, local_patient_id, person_id from current_identity"
    )
    return {(source, local): person for source, local, person in found}
