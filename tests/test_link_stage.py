"""The link stage as a whole: who becomes one person, who never does, and what stays as it was."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from link import LinkSettings, steps
from minns.engine import Engine, literal
from minns.model import BY_NAME, CANONICAL, DUCKDB
from minns.step import Room
from minns.store import Dataset, Store

Row = dict[str, Any]


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
            assert done is not None and set(done.tables) == set(step.writes)
            files |= {f"{step.name}.{table}": done.parts(table) for table in done.tables}
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


HOME = {"street": "Storgatan 1", "postal_code": "41101", "phone": "031-123456"}
N1, N2, N3 = number("19900212", 981), number("19900212", 983), number("19550308", 981)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    yield Registry(tmp_path)


def test_one_number_is_one_person(registry: Registry) -> None:
    registry.run(
        [
            patient("a", "a1", "Anna Karin", "Berg", "1990-02-12", number=N1),
            patient("b", "b1", "Karin", "Ek", "1990-02-12", number=f"{N1[2:8]}-{N1[8:]}"),
        ]
    )
    assert registry.person("a1") == registry.person("b1")
    linked = registry.pair("a1", "b1")
    assert linked is not None and (linked["method"], linked["decision"]) == ("number", "linked")


def test_names_birthday_and_door_link_without_a_number(registry: Registry) -> None:
    registry.run(
        [
            patient("a", "a1", "Anna Karin", "Bergström", "1990-02-12", number=N1, **HOME),
            patient("b", "b1", "ANNA", "BERGSTROEM", "1990-02-12", **HOME),
        ]
    )
    assert registry.person("a1") == registry.person("b1")
    linked = registry.pair("a1", "b1")
    assert linked is not None and (linked["method"], linked["decision"]) == ("model", "linked")


@pytest.mark.parametrize(
    ("other", "rule"),
    [
        pytest.param({"given": "Erik"}, "twins", id="twins"),
        pytest.param({"number": N2}, "two_valid_numbers", id="two numbers"),
        pytest.param({"born": "1960-05-01"}, None, id="parent and child of one name"),
        pytest.param({"sex": "female"}, "sex_contradiction", id="sex"),
        pytest.param({"given": "Okänd"}, None, id="placeholder"),
    ],
)
def test_never_linked_by_the_model(registry: Registry, other: Row, rule: str | None) -> None:
    left = patient("a", "a1", "Sven", "Berg", "1990-02-12", number=N1, **HOME, sex="male")
    given, born = other.pop("given", "Sven"), other.pop("born", "1990-02-12")
    right = patient("b", "b1", given, "Berg", born, **{**HOME, "sex": "male", **other})
    registry.run([left, right])
    assert registry.person("a1") != registry.person("b1")
    pair = registry.pair("a1", "b1")
    assert rule is None or (
        pair is not None and (pair["decision"], pair["rule"]) == ("vetoed", rule)
    )


def test_a_documented_change_links_and_lifts_the_veto(registry: Registry) -> None:
    coordination = number("19900272", 238)
    registry.run(
        [
            patient("a", "a1", "Sven", "Berg", "1990-02-12", number=coordination),
            patient(
                "b", "b1", "Sven", "Berg", "1990-02-12", number=N1, previous_number=coordination
            ),
            patient("c", "c1", "Sven", "Berg", "1990-02-12", number=N1),
        ]
    )
    assert len({registry.person(i) for i in ("a1", "b1", "c1")}) == 1
    methods = {r["local_patient_id"]: r["method"] for r in registry.tables["identity"]}
    assert methods == {"a1": "founder", "b1": "documented", "c1": "number"} or methods["c1"] == (
        "number"
    )


def test_a_reserve_number_counts_within_its_issuer(registry: Registry) -> None:
    reserve = "19810829M071"
    born = "1981-08-29"
    registry.run(
        [
            patient("a", "a1", "Okänd", "Okänd", born, number=reserve, number_issuer="1.2"),
            patient("b", "b1", "Okänd", "Okänd", born, number=reserve, number_issuer="1.3"),
            patient("c", "c1", "Okänd", "Okänd", born, number=reserve, number_issuer="1.2"),
        ]
    )
    assert registry.person("a1") == registry.person("c1") != registry.person("b1")


def test_an_overlay_is_held_as_its_own_person(registry: Registry) -> None:
    registry.run(
        [
            patient("a", "a1", "Sven", "Berg", "1990-02-12", number=N1),
            patient("b", "b1", "Fatima", "Noor", "1955-03-08", number=N1),
        ]
    )
    assert registry.person("a1") != registry.person("b1")
    pair = registry.pair("a1", "b1")
    assert pair is not None and (pair["decision"], pair["rule"]) == ("vetoed", "overlay_suspect")
    assert [(r["local_patient_id"], r["rule"]) for r in registry.tables["held"]] == [
        ("b1", "overlay_suspect")
    ]


def test_judgements_override_and_can_be_withdrawn(registry: Registry) -> None:
    left = patient("a", "a1", "Sven", "Berg", "1990-02-12", number=N1)
    right = patient("b", "b1", "Sven", "Berg", "1990-02-12", number=N2)
    registry.judge(right, left, "same")
    assert registry.run([left, right], cutover=False).person("a1") == registry.person("b1")
    registry.judge(left, right, "withdrawn")
    assert registry.run([left, right], cutover=False).person("a1") != registry.person("b1")


def test_a_judgement_splits_what_the_registry_joined(registry: Registry) -> None:
    left = patient("a", "a1", "Sven", "Berg", "1990-02-12", number=N1)
    right = patient("b", "b1", "Sven", "Berg", "1990-02-12", number=N1)
    before = registry.run([left, right]).person("a1")
    registry.judge(left, right, "different")
    registry.run([left, right])
    assert registry.person("a1") == before != registry.person("b1")
    assert [r["event"] for r in registry.tables["registry_event"]] == ["split"]


def test_known_persons_keep_their_ids_and_merge_into_the_elder(registry: Registry) -> None:
    coordination = number("19900272", 238)
    first = [
        patient("a", "a1", "Sven", "Berg", "1990-02-12", number=coordination),
        patient("a", "a2", "Sven", "Berg", "1990-02-12", number=N1),
    ]
    registry.run(first)
    elder, younger = registry.person("a1"), registry.person("a2")
    assert elder != younger
    later = patient(
        "b", "b1", "Sven", "Berg", "1990-02-12", number=N1, previous_number=coordination
    )
    registry.run([*first, later])
    assert {registry.person(i) for i in ("a1", "a2", "b1")} == {elder}
    events = {r["local_patient_id"]: r for r in registry.tables["registry_event"]}
    assert events["a2"]["event"] == "merged" and events["a2"]["earlier_person_id"] == younger
    assert events["b1"]["event"] == "joined"
    since = {r["local_patient_id"]: r["since"] for r in registry.tables["identity"]}
    assert since == {"a1": "wave-1", "a2": "wave-2", "b1": "wave-2"}


def test_a_run_with_nothing_new_tells_no_event(registry: Registry) -> None:
    rows = [
        patient("a", "a1", "Sven", "Berg", "1990-02-12", number=N1, **HOME),
        patient("b", "b1", "Sven", "Berg", "1990-02-12", **HOME),
        patient("b", "b2", "Erik", "Berg", "1990-02-12", **HOME),
    ]
    first = registry.run(rows).tables["identity"]
    assert registry.run(rows).tables["registry_event"] == []
    assert registry.tables["identity"] == first


def test_a_newborn_is_known_by_mother_day_order_and_sex(registry: Registry) -> None:
    def child(source: str, local_id: str, given: str, order: int) -> Row:
        more = {"mother_number": N3, "birth_order": order, "sex": "male"}
        return patient(source, local_id, given, "Berg", "2019-12-24", **more)

    registry.run(
        [
            child("a", "a1", "Pojke 1", 1),
            child("a", "a2", "Pojke 2", 2),
            child("b", "b1", "Hugo", 1),
            child("b", "b2", "Axel", 2),
        ]
    )
    assert registry.person("a1") == registry.person("b1") != registry.person("a2")
    assert registry.person("a2") == registry.person("b2")


def test_no_patients_at_all(registry: Registry) -> None:
    registry.run([patient("a", "a1", "Sven", "Berg", "1990-02-12")])
    assert len(registry.tables["identity"]) == 1 and registry.tables["pair"] == []
