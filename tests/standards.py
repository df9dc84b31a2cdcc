"""Makes `standard` by hand and runs the model's steps over it."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from link.explain import explain
from link.faces import count_shared, faces_sql, load_comparisons, shares_sql, widened
from link.model import train
from link.scores import score
from link.sections import LinkModel
from minns.engine import Engine, literal
from minns.model import DUCKDB, FREQUENCY, PARAMETER, STANDARD, Table
from minns.step import Room
from minns.store import Store

Row = dict[str, Any]
BATCH = 2**40
GIVEN = ("anna", "erik", "karin", "sven", "maria", "lars", "elsa", "nils", "ebba", "ivar")
SURNAMES = ("berg", "ek", "andersson", "nilsson", "lind", "svensson", "dahl", "holm")


def identity(
    place: int, given: str, surname: str, born: str, *, batch: int = 1, **more: Any
) -> Row:
    """A row of `standard`: who it is, and what differs from one of whom nothing else is known."""
    words, names = given.split(), surname.split()
    row = {
        "id": batch * BATCH + place,
        "source": "a",
        "local_patient_id": f"{batch}-{place}",
        "valid": False,
        "century_certain": True,
        "unlinkable": False,
        "protected": False,
        "given_words": words,
        "given_key": " ".join(sorted(words)),
        "given_first": words[0],
        "called": words[0],
        "surname_words": names,
        "surname_key": " ".join(sorted(names)),
        "born": born,
        "born_weak": born[4:] in ("0101", "0701"),
        **more,
    }
    assert set(row) <= set(STANDARD.names)
    return row


def numbered(number: str) -> Row:
    """What a valid personal number brings."""
    return {
        "number": number,
        "number_key": number,
        "number_kind": "personal",
        "valid": True,
        "serial": number[-4:],
    }


def population(seed: int, persons: int = 60, batch: int = 1) -> list[Row]:
    """Persons known one to three times, with slips, some with numbers."""
    draw = random.Random(seed)
    rows: list[Row] = []
    for person in range(persons):
        born = f"{draw.randrange(1930, 2020)}{draw.randrange(1, 13):02d}{draw.randrange(1, 29):02d}"
        given, surname = draw.choice(GIVEN), draw.choice(SURNAMES)
        home = {"street": f"gatan{draw.randrange(30)}", "postal_code": "41101"}
        for _ in range(draw.randrange(1, 4)):
            number = numbered(f"{born}{person:04d}") if draw.random() < 0.7 else {}
            first = draw.choice((given, given, f"{given} {draw.choice(GIVEN)}", given[:-1] + "o"))
            more = {**home, "sex": draw.choice(("female", None)), **number}
            rows.append(identity(len(rows) + 1, first, surname, born, batch=batch, **more))
    return rows


class Bench:
    """Runs steps in folders of their own; `parameter` and `frequency` are what was last learned."""

    def __init__(self, folder: Path, model: LinkModel, threads: int = 2) -> None:
        self.folder, self.model, self.threads, self.runs = folder, model, threads, 0
        self.learned: dict[str, list[Row]] = {"parameter": [], "frequency": []}
        self.files: dict[str, bytes] = {}

    def train(self, rows: Sequence[Row]) -> dict[str, list[Row]]:
        self.learned = self._run(train, {STANDARD: ("standard", rows)})
        return self.learned

    def score(self, new: Sequence[Row], known: Sequence[Row] = ()) -> dict[tuple[int, int], float]:
        """The weight of each pair, ids within their batches."""
        tables = {STANDARD: ("standard", new), **self._parameters()}
        found = self._run(score, tables, known)["score"]
        return {(r["id_l"], r["id_r"]): float(r["match_weight"]) for r in found}

    def explain(self, rows: Sequence[Row], pairs: Sequence[tuple[int, int]]) -> list[Row]:
        with Engine(self.folder / "scratch", threads=self.threads) as engine:
            for table, (name, content) in {
                STANDARD: ("standard", rows),
                **self._parameters(),
            }.items():
                _fill(engine.connection, table, name, content)
            engine.run("create table asked (id_l bigint, id_r bigint)")
            engine.connection.executemany("insert into asked values (?, ?)", pairs)
            explain(engine, self.model)
            return _rows(engine.connection.sql("from explained"))

    @contextmanager
    def faces(self, rows: Sequence[Row]) -> Iterator[Engine]:
        """A session in which the faces of `rows` are the table `face`."""
        tables = {STANDARD: ("standard", rows), **self._parameters()}
        with Engine(self.folder / "scratch", threads=self.threads) as engine:
            for table, (name, content) in tables.items():
                _fill(engine.connection, table, name, content)
            load_comparisons(engine)
            engine.run(f"create view wide as {widened(self.model, 'standard')}")
            shares = f"(select id, {', '.join(shares_sql(self.model))} from wide)"
            count_shared(engine, self.model, shares)
            engine.run(f"create table face as {faces_sql(self.model, 'wide')}")
            yield engine

    def _parameters(self) -> dict[Table, tuple[str, Sequence[Row]]]:
        if not self.learned["parameter"]:
            defaults = {("prior", ""): (0.001, 0.0), **self.model.defaults()}
            self.learned["parameter"] = [
                {"comparison": c, "level": v, "m": m, "u": u} for (c, v), (m, u) in defaults.items()
            ]
        return {
            PARAMETER: ("parameter", self.learned["parameter"]),
            FREQUENCY: ("frequency", self.learned["frequency"]),
        }

    def _run(
        self,
        step: Any,
        tables: dict[Table, tuple[str, Sequence[Row]]],
        known: Sequence[Row] = (),
    ) -> dict[str, list[Row]]:
        self.runs += 1
        store = Store(self.folder / str(self.runs))
        with Engine(self.folder / "scratch", threads=self.threads) as engine:
            for table, (name, rows) in tables.items():
                _fill(engine.connection, table, name, rows)
            _fill(engine.connection, STANDARD, "known", known)
            with store.publish(store.step_folder("step", "key"), "key") as draft:
                step(Room(engine, draft), self.model)
        done = store.find(store.step_folder("step", "key"))
        assert done is not None
        self.files = {name: done.parts(name)[0].read_bytes() for name in done.tables}
        return {name: read(done.parts(name)[0]) for name in done.tables}


def read(path: Path) -> list[Row]:
    """The rows of a Parquet file."""
    with duckdb.connect() as connection:
        return _rows(connection.sql(f"from read_parquet({literal(str(path))})"))


def _rows(relation: duckdb.DuckDBPyRelation) -> list[Row]:
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def _fill(
    connection: duckdb.DuckDBPyConnection, table: Table, name: str, rows: Sequence[Row]
) -> None:
    columns = ", ".join(f'"{c.name}" {DUCKDB[c.type]}' for c in table.columns)
    connection.execute(f"create table {name} ({columns})")
    if rows:
        marks = ", ".join("?" for _ in table.columns)
        values = [[row.get(c.name) for c in table.columns] for row in rows]
        connection.executemany(f"insert into {name} values ({marks})", values)
