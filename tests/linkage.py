"""Runs the link stage over hand-made patients, wave after wave, as the pipeline would."""

import datetime
from pathlib import Path
from typing import Any

import duckdb

from link import LinkSettings, steps
from minns.engine import Engine, literal
from minns.model import BY_NAME, CANONICAL, DUCKDB
from minns.step import Room
from minns.store import Dataset, Store

Row = dict[str, Any]
HOME = {"street": "Storgatan 1", "postal_code": "41101", "phone": "031-123456"}


class Registry:
    """Runs the stage over rows, as the pipeline would, and remembers each wave's events."""

    def __init__(self, folder: Path, settings: LinkSettings | None = None) -> None:
        self.folder, self.settings, self.runs = folder, settings or LinkSettings(), 0
        self.events: list[list[Row]] = []
        self.judgements: list[Row] = []
        self.tables: dict[str, list[Row]] = {}

    def run(self, patients: list[Row], *, threads: int = 2, cutover: bool = True) -> "Registry":
        self.runs += 1
        base = self.folder / str(self.runs)
        sources = tuple(dict.fromkeys(row["source"] for row in sorted(patients, key=_by_source)))
        store = Store(base)
        files: dict[str, list[Path]] = {}
        for source in sources:
            mine = [row for row in patients if row["source"] == source]
            files[f"shape-{source}.patient"] = [_parquet(base, "patient", mine, source)]
        for number, events in enumerate(self.events):
            name = f"registry-{number}.registry_event"
            files[name] = [_parquet(base, "registry_event", events, str(number))]
        files["j.judgement"] = [_parquet(base, "judgement", self.judgements, "j")]
        registry = tuple(name for name in files if name.startswith("registry-"))
        for step in steps(
            sources, (), f"wave-{self.runs}", self.settings, registry, ("j.judgement",)
        ):
            with Engine(base / "scratch", threads=threads) as engine:
                for view, tables in step.reads.items():
                    if tables:
                        engine.view(view, [path for name in tables for path in files[name]])
                    else:
                        engine.empty(BY_NAME[view])
                with store.publish(store.step_folder(step.name, "key"), "key") as draft:
                    step.do(Room(engine, draft))
            done = store.find(store.step_folder(step.name, "key"))
            assert done is not None
            assert set(done.tables) == set(step.writes)
            files |= {f"{step.name}.{table}": done.parts(table) for table in done.tables}
            if step.name == "link":
                self._read(done)
        if cutover and self.tables["registry_event"]:
            self.events.append(self.tables["registry_event"])
        return self

    def _read(self, done: Dataset) -> None:
        for table in done.tables:
            paths = ", ".join(literal(str(path)) for path in done.parts(table))
            found = duckdb.connect().sql(f"from read_parquet([{paths}])")
            assert tuple(found.columns) == BY_NAME[table].names
            columns = BY_NAME[table].columns
            assert [str(t) for t in found.types] == [DUCKDB[c.type] for c in columns], table
            self.tables[table] = [
                dict(zip(found.columns, row, strict=True)) for row in found.fetchall()
            ]

    def person(self, local_id: str) -> str:
        """The person of an identity."""
        found = [r for r in self.tables["identity"] if r["local_patient_id"] == local_id]
        assert len(found) == 1
        return str(found[0]["person_id"])

    def pair(self, left: str, right: str) -> Row | None:
        """What came of a pair, if it was proposed."""
        names = {left, right}
        return next(
            (
                row
                for row in self.tables["pair"]
                if {row["local_patient_id_l"], row["local_patient_id_r"]} == names
            ),
            None,
        )

    def judge(self, left: Row, right: Row, verdict: str) -> None:
        self.judgements.append(
            {
                "sequence": len(self.judgements) + 1,
                "source_l": left["source"],
                "local_patient_id_l": left["local_patient_id"],
                "source_r": right["source"],
                "local_patient_id_r": right["local_patient_id"],
                "verdict": verdict,
            }
        )


def _by_source(row: Row) -> str:
    return str(row["source"])


def _parquet(base: Path, table: str, rows: list[Row], name: str) -> Path:
    model = BY_NAME[table]
    path = base / f"{table}-{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    columns = ", ".join(f'"{c.name}" {DUCKDB[c.type]}' for c in model.columns)
    connection.execute(f"create table t ({columns})")
    if rows:
        marks = ", ".join("?" for _ in model.columns)
        values = [[row.get(c.name) for c in model.columns] for row in rows]
        connection.executemany(f"insert into t values ({marks})", values)
    connection.execute(f"copy t to {literal(str(path))} (format parquet)")
    return path


def number(day: str, serial: int) -> str:
    """A made-up number with its check digit."""
    nine = f"{day[2:]}{serial:03d}"
    doubled = (int(c) * (2 - i % 2) for i, c in enumerate(nine))
    return f"{day}{serial:03d}{-sum(d // 10 + d % 10 for d in doubled) % 10}"


def patient(source: str, local_id: str, given: str, surname: str, born: str, **more: Any) -> Row:
    assert set(more) <= set(CANONICAL["patient"].names)
    return {
        "source": source,
        "source_table": "patient",
        "row_key": local_id,
        "local_patient_id": local_id,
        "given_names": given,
        "surname": surname,
        "birth_date": datetime.date.fromisoformat(born),
        "sex": "unknown",
        "protection": "none",
        "recorded_at": datetime.datetime(2020, 1, 1),
        **more,
    }
