"""Profile: what a source's landed tables hold, told without a person's values.

Goes in: landed tables (any kind of source ends as such). Comes out: one JSON value. Names, numbers,
dates and free text are told as forms and counts; only codes are shown, and only those that stand
with enough rows and patients; all of it may be shown when that is asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from extract.profile.columns import codes, column
from extract.profile.drift import Drift, as_json, compare
from extract.profile.form import FORMAT
from extract.profile.keys import candidates, is_key, references
from extract.profile.personal import names_a_person
from minns.codes import macros
from minns.config import Source
from minns.engine import Engine, literal, quote
from minns.step import Progress, silent
from minns.store import Dataset

__all__ = ["Asked", "Drift", "as_json", "compare", "profile"]


@dataclass(frozen=True)
class Asked:
    """How much of the tables is scanned (rows of each, by a seed; none: all), and whether frequent
    values are shown whatever they are.
    """

    sample: int | None = None
    seed: int = 1
    values: bool = False


def profile(
    engine: Engine,
    source: Source,
    landing: Dataset,
    asked: Asked | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """What the tables of a landing hold, as one JSON value; the same landing gives the same."""
    asked = asked or Asked()
    engine.run(macros())
    engine.run(files("extract").joinpath("profile/columns.sql").read_text(encoding="utf-8"))
    tables: dict[str, dict[str, Any]] = {}
    for done, name in enumerate(landing.tables, 1):
        tables[name] = _table(engine, source, landing, name, asked)
        progress(done, len(landing.tables))
    found = references(engine, tables)
    people = {name for name, table in tables.items() if _is_of_people(table)}
    for name, table in tables.items():
        _show_codes(engine, name, table, people, found, asked)
    return {
        "format": FORMAT,
        "source": source.name,
        "snapshot": landing.folder.name,
        "landing": landing.key,
        "sample": {"rows": asked.sample, "seed": asked.seed} if asked.sample else None,
        "values_shown": asked.values,
        "tables": tables,
        "references": found,
    }


def _table(
    engine: Engine, source: Source, landing: Dataset, name: str, asked: Asked
) -> dict[str, Any]:
    """A table: its columns over the sample, its keys over all rows."""
    described = landing.manifest["tables"][name]
    rows = int(described["rows"])
    scanned = _sampled(engine, landing, name, rows, asked)
    count = int(engine.value(f"select count(*) from {quote(scanned)}"))  # noqa: S608
    columns = [
        {
            **column(engine, scanned, told["name"], told["type"], count),
            "declared": told.get("declared", ""),
        }
        for told in described["columns"]
    ]
    key = list(source.tables[name].key) if name in source.tables else []
    found = candidates(engine, scanned, columns)
    if count != rows:
        found = [names for names in found if is_key(engine, name, names)]
    return {
        "rows": rows,
        "scanned": count,
        "key": key,
        "key_holds": is_key(engine, name, key) if key else None,
        "candidate_keys": found[:5],
        "columns": columns,
    }


def _sampled(engine: Engine, landing: Dataset, name: str, rows: int, asked: Asked) -> str:
    """The view that is scanned: the table, or those of its rows whose hash the seed chooses."""
    engine.view(name, landing.parts(name))
    if not asked.sample or rows <= asked.sample:
        return name
    share = int((1 << 48) * asked.sample / rows)
    chosen = f"checksum_of(md5({literal(str(asked.seed))} || _row_hash)) < {share}"
    scanned = f"_sample_of_{name}"
    sql = f"select * from {quote(name)} where {chosen}"  # noqa: S608
    engine.run(f"create or replace view {quote(scanned)} as {sql}")
    return scanned


def _is_of_people(table: Mapping[str, Any]) -> bool:
    """Whether each row is a person: identity numbers that hardly repeat, or names and birth."""
    for told in table["columns"]:
        filled = told["rows"] - told["nulls"]
        if (
            told["identity_numbers"]
            and filled * 2 > told["rows"]
            and told["distinct"] > filled * 0.8
        ):
            return True
    named = sum(names_a_person(told["name"]) for told in table["columns"])
    return named >= 2 and bool(table["candidate_keys"])


def _show_codes(
    engine: Engine,
    name: str,
    table: dict[str, Any],
    people: set[str],
    found: list[dict[str, Any]],
    asked: Asked,
) -> None:
    """Frequent codes; never of a column that names people, here or in another table."""
    naming = [r["column"] for r in found if r["table"] == name and r["to"] in people]
    naming += [c["name"] for c in table["columns"] if c["identity_numbers"]]
    own = table["candidate_keys"][0] if table["candidate_keys"] else []
    patient = next(iter(naming), own[0] if name in people and len(own) == 1 else None)
    table["patient"] = patient
    for told in table["columns"]:
        secret = told["name"] in naming or (name in people and told["name"] in own)
        told["code_like"] = told["code_like"] and not secret
        shown = told["code_like"] or asked.values
        told["codes"] = codes(engine, name, told["name"], patient) if shown else {}
