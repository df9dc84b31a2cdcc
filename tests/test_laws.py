"""Laws of whole runs, over tiny made-up journals whose rows may say anything."""

import csv
import gzip
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from minns import pipeline
from minns.model import FATES, TARGET
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
    "condition": f"""patient as local_patient_id, {HEADER}, coalesce(tidy(status), 'active') as status,
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
NUMBERS = gzip.decompress(
    files("minns.demo").joinpath("data", "testnumbers.txt.gz").read_bytes()
).decode().split()[::997]

# ---------------------------------------------------------------------------------- what rows say
#: Any text that UTF-8 can hold, but for what no text holds (see extract.files).
anything = st.text(
    st.characters(
        exclude_categories=("Cs",),
        exclude_characters="".join(map(chr, [*range(0x80, 0xA0), *range(0x2500, 0x2580)])),
    ),
    max_size=12,
)
odd = st.sampled_from(
    ("", " ", "'", '"', '""', ";", "\n", "\r\n", "a\nb;c", "\\N", "NULL", "\x01\x1f\t", "|#\\", "👩‍⚕️",
     "x" * 70_000, "Å" * 300, "-0", "1e999", "NaN", "∞", "9" * 40, "1 234,5", "<0,1", "0x1F")
)
dates = st.sampled_from(
    ("2019-03-01", "20190301", "2019-02-30", "0000-00-00", "99991231", "1900-01-01", "-44-03-15",
     "igår", "2019-03-01 24:61", "2019-03-01T10:00:00", "12019-01-01")
)
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
        mostly(patients), mostly(numbers), mostly(names), mostly(names), mostly(dates),
        mostly(st.sampled_from(("female", "male"))), dirty,
        mostly(st.sampled_from(("none", "sekretessmarkering"))),
    ),
    "condition": row(
        mostly(st.sampled_from(("d1", "d2"))), mostly(patients),
        mostly(st.sampled_from(("I109", "J06.9"))), dirty, mostly(dates),
        mostly(st.sampled_from(("active", "nullified"))),
    ),
    "observation": row(
        dirty, mostly(patients), mostly(st.sampled_from(("NPU28309",))), mostly(dates), dirty, dirty
    ),
    "alert": row(
        dirty, mostly(patients), dirty, mostly(st.sampled_from(("hypersensitivity", "disease"))),
        mostly(st.sampled_from(("active", "refuted"))), mostly(st.sampled_from(("J", "N"))),
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
            (i, number, name, "Berg", f"{number[:4]}-{number[4:6]}-{number[6:8]}", "female", "Ån 1", "")
            for i, number, name in zip(
                ids, NUMBERS[4:], ("Anna", "Eva", "Ida", "Maj", "Siv", "Åsa"), strict=False
            )
        ],
        "condition": [(i, i, "I109", "Hypertoni", "2019-03-01", "active") for i in ids],
        "observation": [(i, i, "NPU28309", "2019-03-01 10:00", "1,5", "mmol/L") for i in ids],
        "alert": [(i, i, "Penicillin", "hypersensitivity", "active", "N") for i in ids],
    }


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


def persons(site: Site) -> dict[tuple[str, str], str]:
    """Who is who: person by identity."""
    found = rows_of(
        record(site), "select source, local_patient_id, person_id from current_identity"
    )
    return {(source, local): person for source, local, person in found}


def check_books(outcome: pipeline.Outcome) -> None:
    totals = outcome.evidence.totals
    assert totals["unexplained"] == 0
    assert totals["extracted"] == sum(totals[fate] for fate in FATES)
    assert all(account.balanced for account in outcome.evidence.balance)
    assert [f for f in outcome.evidence.findings if not f.passed] == []
    assert outcome.evidence.about.rerun_changes == 0


def laws(examples: int) -> Any:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),  # a run takes seconds: a failure is shown as it was found
        suppress_health_check=list(HealthCheck),
    )


# --------------------------------------------------------------------------------------- the laws
@laws(15)
@given(dirt=journals)
def test_whatever_the_rows_say_each_has_a_fate_and_the_books_balance(dirt: Journal) -> None:
    with project(joined(dirt, sound("n")), sound("s")) as site:
        check_books(pipeline.run(site, "first", "cutover"))


@laws(5)
@given(dirt=journals, seed=st.integers(0, 9))
def test_the_order_of_rows_changes_nothing(dirt: Journal, seed: int) -> None:
    rows = joined(sound("n"), dirt)
    draw = random.Random(seed)
    shuffled = {table: draw.sample(rows[table], len(rows[table])) for table in rows}
    found = []
    for journal in (rows, shuffled):
        with project(journal, sound("s")) as site:
            pipeline.run(site, "first", "cutover")
            found.append((standing(site), persons(site)))
    assert found[0] == found[1]


@laws(4)
@given(dirt=journals)
def test_a_change_and_its_inverse_give_the_start(dirt: Journal) -> None:
    with project(sound("n"), sound("s")) as site:
        pipeline.run(site, "first", "cutover")
        start = standing(site)
        write_journal(site.project.root, "north", joined(dirt, sound("n")))
        pipeline.run(site, "first", "cutover")
        write_journal(site.project.root, "north", sound("n"))
        check_books(pipeline.run(site, "first", "cutover"))
        assert standing(site) == start


@laws(4)
@given(dirt=journals, more=journals)
def test_a_second_wave_moves_no_person_silently(dirt: Journal, more: Journal) -> None:
    with project(joined(dirt, sound("n")), joined(more, sound("n"))) as site:
        pipeline.run(site, "first", "cutover")
        before = persons(site)
        outcome = pipeline.run(site, "second", "cutover")
        after = persons(site)
        check_books(outcome)
        moved = {who for who in before if after[who] != before[who]}
        assert moved <= told(outcome)


def told(outcome: pipeline.Outcome) -> set[tuple[str, str]]:
    """The identities that an event of this run moved."""
    with outcome.course.runner.engine() as engine:
        engine.view("event", outcome.course.runner.tables["link"].parts("registry_event"))
        found = engine.rows("select source, local_patient_id from event")
    return {(source, local) for source, local in found}


@laws(6)
@given(
    bridges=st.lists(
        st.tuples(st.sampled_from((*NUMBERS[:2], "")), st.sampled_from(("Anna", "Anna Maria", ""))),
        max_size=4,
    ),
    apart=st.booleans(),
)
def test_a_veto_is_never_outweighed(bridges: Sequence[tuple[str, str]], apart: bool) -> None:
    def patient(local: str, number: str, given: str) -> Row:
        return (local, number, given, "Berg", "1990-01-01", "female", "Storgatan 1", "none")

    one, other = patient("one", NUMBERS[0], "Anna"), patient("other", NUMBERS[1], "Anna")
    between = [patient(f"b{n}", number, given) for n, (number, given) in enumerate(bridges)]
    nothing = {table: [] for table in COLUMNS}
    north: Journal = {**nothing, "patient": [one, *([] if apart else [other]), *between[::2]]}
    south: Journal = {**nothing, "patient": [*([other] if apart else []), *between[1::2]]}
    with project(north, south) as site:
        pipeline.run(site, "first", "cutover")
        check_books(pipeline.run(site, "second", "cutover"))
        who = persons(site)
        assert who["north", "one"] != who["south" if apart else "north", "other"]
