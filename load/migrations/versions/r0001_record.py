"""The record as it was first: every table of the model with its versions, and the loads."""

import csv
from pathlib import Path

import sqlalchemy as sa
from alembic import op

from load.schema import loads, set_collation, versioned

revision, down_revision = "0001", None
branch_labels = depends_on = None


def upgrade(schema: str | None = None) -> None:
    """Make the tables that `first.csv` lists: it stays as it is when the model goes on."""
    metadata = sa.MetaData(schema=schema)
    described: dict[str, str] = {}
    columns: dict[str, list[tuple[str, str, bool, str]]] = {}
    with (Path(__file__).parents[1] / "first.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not row["column"]:
                described[row["table"]] = row["comment"]
                continue
            said = (row["column"], row["type"], bool(row["required"]), row["comment"])
            columns.setdefault(row["table"], []).append(said)
    for name, comment in described.items():
        versioned(metadata, name, comment, columns[name])
    loads(metadata)
    set_collation(metadata, op.get_bind().dialect)
    # Some may be there where what defines tables cannot be undone, and a run was killed.
    metadata.create_all(op.get_bind())
