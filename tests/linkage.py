"""Runs the link stage over hand-made patients, wave after wave, as the pipeline would."""

import datetime
from pathlib import Path
from typing import Any

import duckdb

from link import Batch, LinkModel, load_model, steps
from minns.engine import Engine, literal
from minns.model import BY_NAME, CANONICAL, DUCKDB
from minns.step import Room
from minns.store import Dataset, Store

Row = dict[str, Any]
HOME = {"street": "Storgatan 1", "postal_code": "41101", "phone": "031-123456"}


class Registry:
    """Runs the stage over rows, as the pipeline would, and remembers each wave's events.

    A run's patients are those of all waves so far; the sources that no earlier run had seen make
    up its wave.
    """

    def __init__(
        self, folder: Path, model: LinkModel | None = None, *, bridges: str = "propose"
    ) -> None:
        self.folder, self.model, self.bridges = folder, model or load_model(), bridges
        self.runs = 0
        self.waves: list[list[str]] = []
        self.events: list[list[Row]] = []
        self.judgements: list[Row] = []
        self.timeline: list[Row] = []
        self.register: list[Row] = []
        self.tables: dict[str, list[Row]] = {}

    def run(self, patients: list[Row], *, threads: int = 2, cutover: bool = True) -> "Registry":
        self.runs += 1
        base = self.folder / str(self.runs)
        batches, files = self._landed(base, patients)
        found = steps(
            batches,
            self.model,
            wave=batches[-1].wave,
            registry=tuple(name for name in files if name.startswith("registry-")),
            judgements=("j.judgement",),
            bridges=self.bridges,
        )
        store = Store(base)
        for step in found:
            with Engine(base / "scratch", threads=threads) as engine:
                for view, tables in step.reads.items():
                    paths = [path for name in tables for path in files.get(name, ())]
                    if paths:
                        engine.view(view, paths)
                    else:
                        engine.empty(BY_NAME["standard" if view == "known" else view], view)
                with store.publish(store.step_folder(step.name, "key"), "key") as draft:
                    step.do(Room(engine, draft))
            done = store.find(store.step_folder(step.name, "key"))
            assert done is not None
            assert set(done.tables) == set(step.writes)
            files |= {f"{step.name}.{table}": done.parts(table) for table in done.tables}
            if step.name == "link-timeline-1":
                files[f"{step.name}.timeline"] = [_parquet(base, "timeline", self.timeline, "t")]
            if step.name == "link":
                self._read(done)
        if cutover and self.tables["registry_event"]:
            self.events.append(self.tables["registry_event"])
        return self

    def _landed(self, base: Path, patients: list[Row]) -> tuple[list[Batch], dict[str, list[Path]]]:
        files: dict[str, list[Path]] = {}
        sources = sorted({row["source"] for row in patients})
        new = [name for name in sources if all(name not in wave for wave in self.waves)]
        self.waves += [new] if new else []
        for source in sources:
            mine = [row for row in patients if row["source"] == source]
            files[f"shape-{source}.patient"] = [_parquet(base, "patient", mine, source)]
        links = _parquet(base, "register_link", self.register, "r")
        files[f"shape-{self.waves[0][0]}.register_link"] = [links]
        for number, events in enumerate(self.events):
            name = f"registry-{number}.registry_event"
            files[name] = [_parquet(base, "registry_event", events, str(number))]
        files["j.judgement"] = [_parquet(base, "judgement", self.judgements, "j")]
        batches = [
            Batch(f"wave-{number}", number, tuple(wave))
            for number, wave in enumerate(self.waves, 1)
        ]
        return batches, files

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
