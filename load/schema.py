"""The relational target's tables, made from `minns.model`: versions, keys, indexes, comments,
views.

Every row is a version: true from load `valid_from_load` until, and without, load `valid_to_load`
(empty: still true). `current_<table>` shows what is true now.
"""

from typing import Any

import sqlalchemy as sa

from minns.model import TARGET, Column, Table

#: Columns before and after those of the model, in every versioned table.
BEFORE = ("row_id", "content_hash")
AFTER = ("valid_from_load", "valid_to_load")

#: What a seal tells of the versions in a bucket (load.seals).
SEALED = {
    "versions": "versions in it",
    "content": "sum of their content hashes, ten digits of each",
    "begun": "sum of the loads that began them",
    "ended": "sum of the loads that ended them",
    "current_rows": "versions that are true now",
    "current_content": "sum of their content hashes",
    "marks": "sum of the transactions that wrote them, where the database tells it",
}

#: Indexes made after the rows of a first load are in: by whom and by what people ask.
INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    "identity": (("source", "local_patient_id"), ("person_id",)),
    "lineage": (("fact_id",), ("source", "source_table", "row_key")),
    "conflict": (("person_id",),),
}


def _type(column: Column) -> sa.types.TypeEngine[Any]:
    """The column's SQL type. SQLite has no exact decimal: there it is kept as text, exactly."""
    types: dict[str, sa.types.TypeEngine[Any]] = {
        "text": sa.Text(),
        "date": sa.Date(),
        "timestamp": sa.DateTime(),
        "decimal": sa.Numeric(18, 6).with_variant(sa.Text(), "sqlite"),
        "integer": sa.BigInteger(),
        "boolean": sa.Boolean(),
    }
    return types[column.type]


def _versioned(metadata: sa.MetaData, table: Table) -> sa.Table:
    columns = [
        sa.Column(c.name, _type(c), nullable=not c.required, comment=c.doc) for c in table.columns
    ]
    return sa.Table(
        table.name,
        metadata,
        sa.Column("row_id", sa.String(20), primary_key=True, comment="md5 of the key, 20 digits"),
        sa.Column("content_hash", sa.String(32), nullable=False, comment="md5 of the content"),
        *columns,
        sa.Column(
            "valid_from_load",
            sa.BigInteger,
            primary_key=True,
            autoincrement=False,
            comment="load that made this version true",
        ),
        sa.Column("valid_to_load", sa.BigInteger, comment="load that ended it; empty: true now"),
        comment=table.doc,
        sqlite_with_rowid=False,
    )


def target_metadata(schema: str | None) -> sa.MetaData:
    """All tables of the target, in `schema` where the database has schemas."""
    metadata = sa.MetaData(schema=schema)
    for table in TARGET.values():
        _versioned(metadata, table)
    sa.Table(
        "load",
        metadata,
        sa.Column("load_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("run_id", sa.String(80), nullable=False, comment="run that applied it"),
        sa.Column("wave", sa.String(60), nullable=False, comment="wave of that run"),
        sa.Column(
            "action", sa.String(8), nullable=False, comment="load, or withdraw: the wave left"
        ),
        sa.Column("state", sa.String(8), nullable=False, comment="open, done or broken (off)"),
        comment="one applied difference each",
    )
    _seals(metadata)
    return metadata


def _seals(metadata: sa.MetaData) -> None:
    sa.Table(
        "seal",
        metadata,
        sa.Column("table_name", sa.String(40), primary_key=True),
        sa.Column("bucket", sa.String(3), primary_key=True, comment="first digits of row_id"),
        *(
            sa.Column(name, sa.BigInteger, nullable=False, comment=comment)
            for name, comment in SEALED.items()
        ),
        comment="what each part of a table was when the last whole load ended",
    )
    sa.Table(
        "foreign_change",
        metadata,
        sa.Column("load_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("table_name", sa.String(40), nullable=False),
        sa.Column("what", sa.String(8), nullable=False, comment="edited, added, removed or moved"),
        sa.Column("bucket", sa.String(3), nullable=False, comment="first digits of row_id"),
        sa.Column("row_id", sa.String(20), comment="the row, where it can be told"),
        sa.Column("valid_from_load", sa.BigInteger, comment="its version"),
        comment="what others had changed here, and was accepted; load_id: the last load before",
    )


def indexes(table: Table) -> tuple[tuple[str, ...], ...]:
    """The indexes of a table: those named above, else by fact and by person."""
    if table.name in INDEXES:
        return INDEXES[table.name]
    return tuple((name,) for name in ("fact_id", "person_id") if name in table.names)


def columns_of(table: Table) -> tuple[str, ...]:
    """The columns of a versioned table, in order."""
    return (*BEFORE, *table.names, *AFTER)
