"""What a table of the model is: columns with types, meanings and rules, and a key.

Column types are few on purpose, and each has one rendering as text (`rendered` in `macros.sql`), so
that a hash means the same in every engine.
"""

from dataclasses import dataclass
from typing import Literal

Type = Literal["text", "date", "timestamp", "decimal", "integer", "boolean", "double", "texts"]

#: DuckDB's name for each type. Decimals hold 12 digits before and 6 after the point: the widest
#: laboratory value; doubles and lists of texts stand only in tables between steps.
DUCKDB: dict[Type, str] = {
    "text": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "decimal": "DECIMAL(18,6)",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "double": "DOUBLE",
    "texts": "VARCHAR[]",
}


@dataclass(frozen=True)
class Column:
    """One column: its type, whether it must be filled, the values it may hold (any, when empty),
    its meaning. An `optional` one may be left out of a mapping, and is then empty. An empty one of
    those that are `telling` says something ("is not negated"): what cannot be read may not become
    empty there, as it does elsewhere (`unread` keeps its text), and its row is quarantined.
    """

    name: str
    type: Type
    doc: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    optional: bool = False
    telling: bool = False


@dataclass(frozen=True)
class Table:
    """One table: its columns in order and the columns that name a row of it."""

    name: str
    doc: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def text(
    name: str,
    doc: str,
    *,
    required: bool = False,
    allowed: tuple[str, ...] = (),
    optional: bool = False,
    telling: bool = False,
) -> Column:
    """A column of text."""
    return Column(name, "text", doc, required, allowed, optional, telling)


def _date(name: str, doc: str, *, required: bool = False) -> Column:
    return Column(name, "date", doc, required)
