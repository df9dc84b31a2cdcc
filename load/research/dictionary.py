"""The data dictionary of an export, from the model: for programs as JSON, for people as text."""

from collections.abc import Mapping
from typing import Any

from load.research.columnar import TABLES
from load.research.columns import Choice, emptied, exported, left_out
from load.research.pseudonyms import IDS
from minns.model import DUCKDB, Column, Table


def dictionary(rows: Mapping[str, int], choice: Choice) -> dict[str, Any]:
    """Every table with its file, its meaning, its columns, and the columns that are left out."""
    return {
        table.name: {
            "file": f"{table.name}.parquet",
            "about": table.doc,
            "rows": rows[table.name],
            "key": list(table.key) if not set(table.key) & set(left_out(table, choice)) else [],
            "columns": [_column(table, c, choice) for c in exported(table, choice)],
            "left_out": left_out(table, choice),
        }
        for table in TABLES
    }


def _column(table: Table, column: Column, choice: Choice) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": column.name,
        "type": DUCKDB[column.type],
        "about": column.doc,
    }
    if column.required:
        told["filled"] = "always"
    if column.allowed:
        told["values"] = list(column.allowed)
    if (why := emptied(table, column.name, choice)) is not None:
        told["emptied"] = why
    if column.name in IDS and not choice.with_identifiers:
        told["pseudonym"] = True
    return told


def as_markdown(tables: Mapping[str, Any]) -> str:
    """The same, to read."""
    lines = ["# Data dictionary", ""]
    for name, table in tables.items():
        lines += [
            f"## {name}",
            "",
            f"{_sentence(table['about'])} {table['rows']} rows in `{table['file']}`; "
            f"key: {', '.join(table['key']) or 'none (it names a person)'}.",
            "",
            "| column | type | values | what it is |",
            "|---|---|---|---|",
            *(_line(column) for column in table["columns"]),
            "",
        ]
        if table["left_out"]:
            out = ", ".join(f"`{column}` ({why})" for column, why in table["left_out"].items())
            lines += [f"Left out: {out}.", ""]
    return "\n".join(lines)


def _line(column: Mapping[str, Any]) -> str:
    values = ", ".join(column.get("values", ())) or ("filled" if "filled" in column else "")
    about = column["about"].replace("|", "\\|").replace("<", "&lt;")
    if "emptied" in column:
        about += f" ({column['emptied']})"
    if "pseudonym" in column:
        about += " (pseudonym)"
    return f"| {column['name']} | {column['type']} | {values.replace('<', '&lt;')} | {about} |"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
