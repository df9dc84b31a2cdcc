"""Seals, by which changes of others are noticed, the list of those that were accepted, and room in
the pages of PostgreSQL's tables.
"""

import sqlalchemy as sa
from alembic import op

from load.schema import collation

revision, down_revision = "0002", "0001"
branch_labels = depends_on = None

_NUMBERS = {
    "versions": "versions in it",
    "content": "sum of their content hashes, ten digits of each",
    "begun": "sum of the loads that began them",
    "ended": "sum of the loads that ended them",
    "current_rows": "versions that are true now",
    "current_content": "sum of their content hashes",
    "marks": "sum of the transactions that wrote them, where the database tells it",
}


def upgrade(schema: str | None = None) -> None:
    """Make both tables, where they are not there yet; leave room in the pages of the others."""
    compared = collation(op.get_bind().dialect)
    present = set(sa.inspect(op.get_bind()).get_table_names(schema=schema))
    if op.get_bind().dialect.name == "postgresql":
        place = f'"{schema}".' if schema else ""
        for name in present - {"load", "seal", "foreign_change", "alembic_version"}:
            op.execute(f'alter table {place}"{name}" set (fillfactor = 90)')
    if "seal" not in present:
        op.create_table(
            "seal",
            sa.Column("table_name", sa.String(40), primary_key=True),
            sa.Column("bucket", sa.String(3), primary_key=True, comment="first digits of row_id"),
            *(
                sa.Column(name, sa.BigInteger, nullable=False, comment=comment)
                for name, comment in _NUMBERS.items()
            ),
            comment="what each part of a table was when the last whole load ended",
            schema=schema,
            **compared,
        )
    if "foreign_change" not in present:
        op.create_table(
            "foreign_change",
            sa.Column("load_id", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("table_name", sa.String(40), nullable=False),
            sa.Column(
                "what", sa.String(8), nullable=False, comment="edited, added, removed or moved"
            ),
            sa.Column("bucket", sa.String(3), nullable=False, comment="first digits of row_id"),
            sa.Column("row_id", sa.String(20), comment="the row, where it can be told"),
            sa.Column("valid_from_load", sa.BigInteger, comment="its version"),
            comment="what others had changed here, and was accepted; load_id: the last load before",
            schema=schema,
            **compared,
        )
