"""The tables of the OMOP Common Data Model 5.4 that are written: columns, types, what is required.

Own ids are 64-bit here, and hold 52: ids that are the same in every export come from hashes, for
which the 31 bits of the model's `integer` are too few. Concept ids keep the model's type.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_TYPES = {
    "integer": "INTEGER",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "numeric": "DECIMAL(18,6)",
    "text": "VARCHAR",
}


@dataclass(frozen=True)
class Field:
    """One column as the model defines it."""

    name: str
    kind: str
    required: bool

    @property
    def own_id(self) -> bool:
        """Whether it holds an id that we give, and no concept."""
        return self.name.endswith("_id") and not self.name.endswith("concept_id")

    @property
    def stored(self) -> str:
        """DuckDB's type for it."""
        if self.own_id:
            return "BIGINT"
        return "VARCHAR" if self.kind.startswith("varchar") else _TYPES[self.kind]

    @property
    def width(self) -> int | None:
        """How many characters it takes."""
        return int(self.kind[8:-1]) if self.kind.startswith("varchar") else None


@cache
def tables() -> dict[str, tuple[Field, ...]]:
    """The fields of each table, in order."""
    found: dict[str, list[Field]] = {}
    text = files("load.research").joinpath("cdm54.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        field = Field(row["column"], row["type"], row["required"] == "yes")
        found.setdefault(row["table"], []).append(field)
    return {table: tuple(fields) for table, fields in found.items()}
