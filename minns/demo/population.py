"""The region in the making: a DuckDB session that holds everyone and every statement as tables.

All is set-based; every draw is a hash of seed, subject and purpose, so the same seed gives the
same tables whatever the number of threads.
"""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

from minns.demo import canary
from minns.demo.mistakes import rates
from minns.step import Progress, silent

#: In the order in which they build on one another.
STEPS = (
    "macros",
    "people",
    "numbers",
    "persons",
    "canary",
    "identities",
    "facts",
    "details",
    "statements",
    "medicines",
    "versions",
    "melior",
    "asynja",
    "elvis",
    "obstetrix",
    "befreg",
    "told",
    "truth",
)
#: Lists of what may be drawn, each a CSV file in data/.
CATALOGUES = {
    "name": "names",
    "variant": "variants",
    "place": "places",
    "diagnosis": "diagnoses",
    "maternity_diagnosis": "maternity_diagnoses",
    "drug": "drugs",
    "test": "tests",
    "vital": "vitals",
    "agent": "agents",
    "note": "notes",
    "operation": "procedures",
    "vaccine": "vaccines",
    "maternity_note": "maternity_notes",
}
_HERE = files("minns.demo")


def listed_numbers() -> list[str]:
    """The official test numbers, personal and coordination, in order (Skatteverket, CC0)."""
    return gzip.decompress(_HERE.joinpath("data/testnumbers.txt.gz").read_bytes()).decode().split()


def _catalogues(connection: duckdb.DuckDBPyConnection) -> None:
    with as_file(_HERE.joinpath("data")) as folder:
        for table, name in CATALOGUES.items():
            connection.execute(
                f"create table {table} as from read_csv(?, all_varchar = true, delim = ',', "
                "header = true, quote = '\"')",
                [str(folder / f"{name}.csv")],
            )
    connection.execute(
        "create or replace table name as select * replace (cast(rank as integer) as rank) from name"
    )
    listed = pa.table({"number": listed_numbers()})
    connection.register("listed_numbers", listed)
    connection.execute("create table listed as from listed_numbers")
    connection.unregister("listed_numbers")


def _parameters(connection: duckdb.DuckDBPyConnection, persons: int, seed: int) -> None:
    values = {"seed": str(seed), "persons": persons, "rates": rates(), "canary_pid": None}
    for name, value in values.items():
        connection.execute(f"set variable {name} = ?", [value])
    connection.execute("set variable canary_name = ?", [canary.GIVEN_NAMES + " " + canary.SURNAME])


def _plant(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "set variable canary_pid = (select min(pid) from person where role = 1 and "
        "kind in ('family1', 'family2') and protection = 'none' and earlier_number is null)"
    )
    connection.execute(
        "update person set given = ?, called = 1, surname = ?, number = ?, birth_date = ?, "
        "street = ?, phone = ?, old_surname = null, old_street = null, deceased_date = null "
        "where pid = getvariable('canary_pid')",
        [
            canary.GIVEN_NAMES.split(),
            canary.SURNAME,
            canary.NUMBER,
            canary.BIRTH_DATE,
            canary.STREET,
            canary.PHONE,
        ],
    )


def _populate(connection: duckdb.DuckDBPyConnection, step: str, plant_canary: bool) -> None:
    if step != "canary":
        connection.execute(_HERE.joinpath(f"sql/{step}.sql").read_text(encoding="utf-8"))
    elif plant_canary:
        _plant(connection)


@contextmanager
def population(
    persons: int,
    seed: int,
    *,
    plant_canary: bool = False,
    progress: Progress = silent,
    until: str = STEPS[-1],
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A session in which the schemas of the five systems, and the truth, are.

    `until` names the last of the steps, for those who need no more than it makes.
    """
    steps = STEPS[: STEPS.index(until) + 1]
    with TemporaryDirectory(prefix="region-") as spill:
        path = str(Path(spill) / "region.duckdb")
        with duckdb.connect(
            path, config={"memory_limit": "2GB", "temp_directory": spill}
        ) as connection:
            connection.execute("set enable_progress_bar = false")
            _catalogues(connection)
            _parameters(connection, persons, seed)
            for done, step in enumerate(steps, 1):
                _populate(connection, step, plant_canary)
                progress(done, len(steps))
            yield connection
