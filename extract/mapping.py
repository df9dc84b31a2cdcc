"""Mapping SQL: one file for each canonical table, checked against the contract, run safely."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from minns.engine import Engine, quote
from minns.errors import MappingError
from minns.model import CANONICAL, EXCLUDED

#: Errors of DuckDB whose message tells of the SQL and not of the data.
OF_THE_SQL = (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException)


@dataclass(frozen=True)
class Mapping:
    """One file: what it fills, its query, and the columns it yields with DuckDB's types; optional
    ones that it leaves out are there too, empty.
    """

    path: Path
    query: str
    columns: dict[str, str]

    @property
    def target(self) -> str:
        return self.path.stem


def mappings(engine: Engine, folder: Path) -> dict[str, Mapping]:
    """The mapping files of a source, by what they fill; each holds the contract's columns."""
    found = {}
    for path in sorted(folder.glob("*.sql")):
        if path.stem not in CANONICAL and path.stem != EXCLUDED.name:
            raise MappingError(
                f"files named after canonical tables in {folder}",
                found=f"'{path.name}'",
                do=f"Name it one of {', '.join(CANONICAL)} or excluded.",
            )
        found[path.stem] = _checked(engine, path)
    return found


def contract(target: str) -> tuple[str, ...]:
    """The columns that a mapping yields: the table's, without the source, which is known."""
    table = EXCLUDED if target == EXCLUDED.name else CANONICAL[target]
    return tuple(name for name in table.names if name != "source")


@contextmanager
def told(path: Path) -> Iterator[None]:
    """DuckDB's errors as the mapping's, without a value of a row: conversion errors quote it."""
    try:
        yield
    except OF_THE_SQL as error:
        first = str(error).splitlines()[0]
        raise MappingError(f"SQL that runs in {path}", found=first, do="Mend that file.") from None
    except duckdb.IOException:
        raise
    except duckdb.Error as error:
        raise MappingError(
            f"SQL that runs on every row in {path}",
            found=f"{type(error).__name__} (its message may hold values and is not shown)",
            do="Use try_cast and the macros, so that a bad value reaches the contract's checks.",
        ) from None


def _checked(engine: Engine, path: Path) -> Mapping:
    query = _query(path)
    with told(path):
        described = engine.rows(f"describe (\n{query}\n)")
    columns = {str(row[0]): str(row[1]) for row in described}
    expected = contract(path.stem)
    left_out = [name for name in _optional(path.stem) if name not in columns]
    missing = [name for name in expected if name not in (*columns, *left_out)]
    surplus = [name for name in columns if name not in expected]
    if missing or surplus or len(columns) != len(described):
        found = [f"without {name}" for name in missing] + [f"the unknown {n}" for n in surplus]
        raise MappingError(
            f"the columns of the canonical table '{path.stem}' in {path}",
            found=", ".join(found) or "a column twice",
            do="Yield each column of minns.model once, cast(null as …) where there is nothing.",
        )
    nothing = "".join(f", cast(null as varchar) as {quote(name)}" for name in left_out)
    given = columns | dict.fromkeys(left_out, "VARCHAR")
    whole = f"select *{nothing} from (\n{query}\n)"  # noqa: S608
    return Mapping(path, whole if nothing else query, given)


def _optional(target: str) -> tuple[str, ...]:
    """The columns that a mapping may leave out."""
    columns = CANONICAL[target].columns if target in CANONICAL else ()
    return tuple(column.name for column in columns if column.optional)


def _query(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    with told(path):
        statements = duckdb.extract_statements(text)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise MappingError(
            f"one select in {path}", found=f"{len(statements)} statements", do="Keep the select."
        )
    return str(statements[0].query).rstrip().rstrip(";")
