"""The relational target's tables, made from `minns.model`: versions, keys, indexes, comments,
views.

Every row is a version: true from load `valid_from_load` until, and without, load `valid_to_load`
(empty: still true). `current_<table>` shows what is true now.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle

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


#: Names that SQLAlchemy gives MariaDB, whichever way its URL is written.
_MARIADB = ("mysql", "mariadb")
#: How much of a text an index holds where it must be told, and how long an indexed text may be
#: where only short ones can be indexed.
_INDEXED = 190


def _type(column: Column, *, indexed: bool) -> sa.types.TypeEngine[Any]:
    """The column's SQL type. SQLite has no exact decimal: there it is kept as text, exactly."""
    text = sa.Text().with_variant(mysql.LONGTEXT(), *_MARIADB)
    short = _INDEXED if indexed else None
    text = text.with_variant(mssql.NVARCHAR(short), "mssql")
    types: dict[str, sa.types.TypeEngine[Any]] = {
        "text": text.with_variant(oracle.NVARCHAR2(_INDEXED), "oracle") if indexed else text,
        "date": sa.Date(),
        "timestamp": sa.DateTime()
        .with_variant(mysql.DATETIME(fsp=6), *_MARIADB)
        .with_variant(mssql.DATETIME2(6), "mssql")  # type: ignore[no-untyped-call]
        .with_variant(oracle.TIMESTAMP(), "oracle"),
        "decimal": sa.Numeric(18, 6).with_variant(sa.Text(), "sqlite"),
        "integer": sa.BigInteger(),
        "boolean": sa.Boolean(),
    }
    return types[column.type]


def _versioned(metadata: sa.MetaData, table: Table) -> sa.Table:
    short = {name for names in indexes(table) for name in names}
    columns = [
        sa.Column(
            c.name,
            _type(c, indexed=c.name in short),
            nullable=not c.required,
            comment=c.doc,
        )
        for c in table.columns
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


def index_of(table: sa.Table, columns: tuple[str, ...]) -> sa.Index:
    """The index of a table over some of its columns."""
    texts = {name: _INDEXED for name in columns if isinstance(table.c[name].type, sa.Text)}
    return sa.Index(
        f"{table.name}_by_{'_'.join(columns)}",
        *(table.c[name] for name in columns),
        mysql_length=texts,
    )


def reservation(schema: str | None) -> sa.Table:
    """A table of one row, which whoever loads holds, in databases that lock nothing else."""
    return sa.Table(
        "reservation",
        sa.MetaData(schema=schema),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        comment="one row: whoever loads holds it",
    )


def columns_of(table: Table) -> tuple[str, ...]:
    """The columns of a versioned table, in order."""
    return (*BEFORE, *table.names, *AFTER)
