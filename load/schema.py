"""The relational target's tables, made from `minns.model`: versions, keys, indexes, comments,
views.

Every row is a version: true from load `valid_from_load` until, and without, load `valid_to_load`
(empty: still true). `current_<table>` shows what is true now.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from minns.model import TARGET, Table

#: Columns before and after those of the model, in every versioned table.
BEFORE = ("row_id", "content_hash")
AFTER = ("valid_from_load", "valid_to_load")

#: How full PostgreSQL makes a page at first (per cent): a version is ended in its own page then,
#: and no index learns of it. It halves what the update costs, log and all.
FILL = 90

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


def _type(kind: str) -> sa.types.TypeEngine[Any]:
    """The SQL type of a model's type. SQLite has no exact decimal: there it is kept as text,
    exactly.
    """
    types: dict[str, sa.types.TypeEngine[Any]] = {
        "text": sa.Text(),
        "date": sa.Date(),
        "timestamp": sa.DateTime(),
        "decimal": sa.Numeric(18, 6).with_variant(sa.Text(), "sqlite"),
        "integer": sa.BigInteger(),
        "boolean": sa.Boolean(),
    }
    return types[kind]


def versioned(
    metadata: sa.MetaData, name: str, doc: str, columns: Iterable[tuple[str, str, bool, str]]
) -> sa.Table:
    """A table of versions; its columns as name, type, whether required, and what they hold."""
    return sa.Table(
        name,
        metadata,
        sa.Column("row_id", sa.String(20), primary_key=True, comment="md5 of the key, 20 digits"),
        sa.Column("content_hash", sa.String(32), nullable=False, comment="md5 of the content"),
        *(
            sa.Column(column, _type(kind), nullable=not required, comment=said)
            for column, kind, required, said in columns
        ),
        sa.Column(
            "valid_from_load",
            sa.BigInteger,
            primary_key=True,
            autoincrement=False,
            comment="load that made this version true",
        ),
        sa.Column("valid_to_load", sa.BigInteger, comment="load that ended it; empty: true now"),
        comment=doc,
        sqlite_with_rowid=False,
        postgresql_with={"fillfactor": FILL},
    )


def loads(metadata: sa.MetaData) -> None:
    """The table `load`."""
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


def target_metadata(schema: str | None, *, keys: bool = False) -> sa.MetaData:
    """All tables of the target, in `schema` where the database has schemas; with `keys`, the
    foreign keys that stand there beside the indexes.
    """
    metadata = sa.MetaData(schema=schema)
    loads(metadata)
    place = f"{schema}." if schema else ""
    for table in TARGET.values():
        said = [(c.name, str(c.type), c.required, c.doc) for c in table.columns]
        made = versioned(metadata, table.name, table.doc, said)
        for columns in indexes(table):
            sa.Index(index_name(table, columns), *(made.c[name] for name in columns))
        for name, column in foreign_keys(table).items() if keys else ():
            made.append_constraint(
                sa.ForeignKeyConstraint([column], [f"{place}load.load_id"], name=name)
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


def index_name(table: Table, columns: Iterable[str]) -> str:
    """What an index is called."""
    return f"{table.name}_by_{'_'.join(columns)}"


def foreign_keys(table: Table) -> dict[str, str]:
    """The foreign keys to the loads: name and column. They are made after a first load, for the
    database then proves all rows at once.
    """
    return {f"{table.name}_begun": "valid_from_load", f"{table.name}_ended": "valid_to_load"}


def columns_of(table: Table) -> tuple[str, ...]:
    """The columns of a versioned table, in order."""
    return (*BEFORE, *table.names, *AFTER)
