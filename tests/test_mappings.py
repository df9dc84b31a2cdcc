"""Every mapping keeps its contract over the demo region, and no row of a source is lost.

Landing is imitated here: each table under its own name, with `_row_key` and `_row_hash`.
"""

import csv
import io
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from minns.config import Source, SourceTable, load_source, load_wave
from minns.demo import build_region
from minns.engine import Engine, literal, quote, row_hash_sql
from minns.maps import CodeMap, read_maps, usable, write_maps
from minns.model import CANONICAL, CODED, DUCKDB, Column

MAPPINGS = Path(__file__).parent.parent / "mappings"
RUNBOOKS = Path(__file__).parent.parent / "runbooks"
SOURCES = ("befreg", "melior", "asynja", "elvis", "obstetrix")
_TYPES = {"INTEGER": "BIGINT", "SMALLINT": "BIGINT", "DATETIME": "TIMESTAMP"}


def _land(engine: Engine, name: str, names: list[str], rows: list[list[str | None]]) -> None:
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    with engine.arrow("loaded", pa.table(columns, names=names)):
        engine.run(f"create table raw_{name} as from loaded")


def _sqlite(engine: Engine, path: Path, name: str) -> None:
    database = sqlite3.connect(path)
    types = database.execute(f"pragma table_info({name})").fetchall()
    rows = database.execute(f"select * from {name}").fetchall()
    database.close()
    texts = [[None if value is None else str(value) for value in row] for row in rows]
    _land(engine, name, [column[1] for column in types], texts)
    for _, column, kind, *_ in types:
        engine.run(f"alter table raw_{name} alter {quote(column)} type {_TYPES.get(kind, kind)}")


def _fixed(engine: Engine, folder: Path, name: str, table: SourceTable) -> None:
    lines = (folder / str(table.file)).read_bytes().decode(table.encoding).split("\r\n")[:-1]
    assert {len(x) for x in lines} == {max(f.start + f.width - 1 for f in table.fields)}
    rows: list[list[str | None]] = [
        [line[f.start - 1 : f.start - 1 + f.width] for f in table.fields] for line in lines
    ]
    _land(engine, name, [f.name for f in table.fields], rows)


def _csv(engine: Engine, folder: Path, name: str, table: SourceTable) -> None:
    text = (folder / str(table.file)).read_bytes().decode(table.encoding)
    head, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=table.delimiter)
    assert tuple(head) == table.columns
    _land(engine, name, head, [list(row) for row in rows])


def _landed(engine: Engine, project: Path, source: Source) -> None:
    for name, table in source.tables.items():
        if source.kind == "sql":
            _sqlite(engine, project / str(source.url).removeprefix("sqlite:///"), name)
        else:
            read = _fixed if source.kind == "fixed" else _csv
            read(engine, project / str(source.folder), name, table)
        columns = [row[0] for row in engine.rows(f"describe raw_{name}")]
        key = ", ".join(f"cast({quote(c)} as varchar)" for c in table.key)
        engine.run(
            f"create view {name} as select *, concat_ws('|', {key}) as _row_key, "
            f"{row_hash_sql(columns)} as _row_hash from raw_{name}"
        )


def _mapped(source: str) -> list[str]:
    return [name for name in CANONICAL if (MAPPINGS / source / f"{name}.sql").exists()]


def _sql(source: str, name: str) -> str:
    return (MAPPINGS / source / f"{name}.sql").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("region")
    build_region(folder, persons=600, seed=3)
    return folder


@pytest.fixture(scope="module", params=SOURCES)
def shaped(
    request: pytest.FixtureRequest, region: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, Source]]:
    source = load_source(MAPPINGS / request.param / "source.toml")
    with Engine(tmp_path_factory.mktemp("scratch")) as engine:
        _landed(engine, region, source)
        for name in _mapped(source.name):
            engine.run(f"create table shaped_{name} as {_sql(source.name, name)}")
        engine.run(f"create table excluded as {_sql(source.name, 'excluded')}")
        yield engine, source


def _broken(engine: Engine, name: str, column: Column) -> int:
    at = quote(column.name)
    rules = [f"({at} is not null and try_cast({at} as {DUCKDB[column.type]}) is null)"]
    rules += [f"{at} is null"] if column.required else []
    if column.allowed:
        rules.append(f"{at} not in ({', '.join(map(literal, column.allowed))})")
    return int(engine.value(f"select count(*) from shaped_{name} where {' or '.join(rules)}"))


def test_a_mapping_yields_exactly_the_columns_of_its_table(shaped: tuple[Engine, Source]) -> None:
    engine, source = shaped
    for name in _mapped(source.name):
        optional = {column.name for column in CANONICAL[name].columns if column.optional}
        columns = {row[0] for row in engine.rows(f"describe shaped_{name}")}
        assert columns <= set(CANONICAL[name].names) - {"source"}, name
        assert columns >= set(CANONICAL[name].names) - {"source"} - optional, name


def test_few_values_break_the_contract_and_none_that_is_not_a_date(
    shaped: tuple[Engine, Source],
) -> None:
    engine, source = shaped
    for name in _mapped(source.name):
        rows = engine.value(f"select count(*) from shaped_{name}")
        given = {row[0] for row in engine.rows(f"describe shaped_{name}")}
        for column in CANONICAL[name].columns:
            if column.name in given:
                bad = _broken(engine, name, column)
                assert bad == 0 or column.type in ("date", "timestamp"), (name, column.name)
                assert bad <= 3 + 0.02 * rows, (name, column.name)


def test_every_row_is_shaped_or_excluded_and_never_both(shaped: tuple[Engine, Source]) -> None:
    engine, source = shaped
    taken = " union all ".join(
        f"select source_table, row_key from shaped_{n}" for n in _mapped(source.name)
    )
    for name, table in source.tables.items():
        if table.role == "record":
            fates = engine.rows(
                f"select (_row_key in (select row_key from ({taken}) "
                f"where source_table = {literal(name)})) as shaped, (_row_key in (select row_key "
                f"from excluded where source_table = {literal(name)})) as excluded, count(*) "
                f"from {name} group by all"
            )
            assert all(kept != left_out for kept, left_out, _ in fates), name


def test_a_row_states_one_thing_of_a_kind(shaped: tuple[Engine, Source]) -> None:
    engine, source = shaped
    for name in _mapped(source.name):
        landed = {t: engine.value(f"select count(*) from {t}") for t in source.tables}
        counts = engine.rows(f"select source_table, count(*) from shaped_{name} group by all")
        assert all(rows <= landed[table] for table, rows in counts), name


def test_protected_persons_have_no_address(shaped: tuple[Engine, Source]) -> None:
    engine, source = shaped
    if "patient" not in _mapped(source.name):
        return
    open_ones = engine.value(
        "select count(*) from shaped_patient where protection <> 'none' "
        "and coalesce(street, postal_code, city, phone) is not null"
    )
    assert open_ones == 0


def test_test_patients_are_left_out(shaped: tuple[Engine, Source]) -> None:
    engine, source = shaped
    assert engine.value("select count(*) from excluded where rule = 'test_patient'") > 0
    named = {
        "patient": "select count(*) from shaped_patient where surname ilike 'tolvansson'",
        "register_link": "select count(*) from shaped_register_link where number like '%121212'",
    }
    for kind in set(named) & set(_mapped(source.name)):
        assert engine.value(named[kind]) == 0


def _maps() -> list[CodeMap]:
    return [m for path in MAPPINGS.glob("**/codes/*.sssom.tsv") for m in read_maps(path).maps]


def test_code_maps_are_made_by_one_and_approved_by_another() -> None:
    maps = _maps()
    assert len({m.map_id for m in maps}) == len(maps) == 149
    assert all(usable(m) and m.local_text for m in maps)


def test_a_local_code_has_one_map() -> None:
    keys = [(m.local_system, m.local_code, m.kind) for m in _maps()]
    assert len(set(keys)) == len(keys)


def test_code_maps_stand_as_they_would_be_written(tmp_path: Path) -> None:
    for path in MAPPINGS.glob("**/codes/*.sssom.tsv"):
        read = read_maps(path)
        write_maps(tmp_path / path.name, read.maps, read.meta)
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_nearly_all_codes_are_known_but_not_all(shaped: tuple[Engine, Source]) -> None:
    engine, source = shaped
    text = (MAPPINGS / "codes" / "known.csv").read_text(encoding="utf-8")
    known = {(k["system"], k["code"].replace(".", "")) for k in csv.DictReader(io.StringIO(text))}
    known |= {(m.local_system, m.local_code.replace(".", "")) for m in _maps()}
    for name in set(_mapped(source.name)) & set(CODED):
        rows = engine.rows(
            f"select local_system, replace(local_code, '.', ''), count(*) from shaped_{name} "
            "where local_code is not null group by all"
        )
        total, found = sum(r[2] for r in rows), sum(r[2] for r in rows if (r[0], r[1]) in known)
        assert total == 0 or found / total > 0.9, name


def test_waves_name_sources_that_have_mappings() -> None:
    first, second = (load_wave(RUNBOOKS / f"wave-{n}.toml") for n in (1, 2))
    assert second.after == (first.name,)
    assert set(first.sources) | set(second.sources) == set(SOURCES)
