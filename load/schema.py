"""The relational target's tables, made from `minns.model`: versions, keys, indexes, comments,
views.

Every row is a version: true from load `valid_from_load` until, and without, load `valid_to_load`
(empty: still true). `current_<table>` shows what is true now.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle

from minns.model import TARGET, Table

#: Columns before those of the model, in every versioned table. Databases that keep rows whole read
#: the first columns at the least cost, and these are asked for of all rows.
VERSION = ("row_id", "valid_from_load", "valid_to_load", "content_hash")

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


#: Names that SQLAlchemy gives MariaDB, whichever way its URL is written.
_MARIADB = ("mysql", "mariadb")
#: How much of a text an index holds where it must be told, and how long an indexed text may be
#: where only short ones can be indexed.
_INDEXED = 190


def _type(kind: str, *, indexed: bool) -> sa.types.TypeEngine[Any]:
    """The SQL type of a model's type. SQLite has no exact decimal: there it is kept as text,
    exactly.
    """
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
    return types[kind]


def versioned(
    metadata: sa.MetaData, name: str, doc: str, columns: Iterable[tuple[str, str, bool, str]]
) -> sa.Table:
    """A table of versions; its columns as name, type, whether required, and what they hold."""
    said = list(columns)
    short = {part for names in _indexes(name, [column[0] for column in said]) for part in names}
    return sa.Table(
        name,
        metadata,
        sa.Column("row_id", sa.String(20), primary_key=True, comment="md5 of the key, 20 digits"),
        sa.Column(
            "valid_from_load",
            sa.BigInteger,
            primary_key=True,
            autoincrement=False,
            comment="load that made this version true",
        ),
        sa.Column("valid_to_load", sa.BigInteger, comment="load that ended it; empty: true now"),
        sa.Column("content_hash", sa.String(32), nullable=False, comment="md5 of the content"),
        *(
            sa.Column(
                column, _type(kind, indexed=column in short), nullable=not required, comment=holds
            )
            for column, kind, required, holds in said
        ),
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


def target_metadata(schema: str | None, *, keys: bool = False, indexed: bool = True) -> sa.MetaData:
    """All tables of the target, in `schema` where the database has schemas; with `keys`, the
    foreign keys that stand there beside the indexes; without `indexed`, neither.
    """
    metadata = sa.MetaData(schema=schema)
    loads(metadata)
    for table in TARGET.values():
        said = [(c.name, str(c.type), c.required, c.doc) for c in table.columns]
        made = versioned(metadata, table.name, table.doc, said)
        for columns in indexes(table) if indexed else ():
            index_of(made, columns)
        for name, column in foreign_keys(table).items() if keys else ():
            foreign_key(made, name, column)
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
    return _indexes(table.name, table.names)


def _indexes(table: str, columns: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    if table in INDEXES:
        return INDEXES[table]
    return tuple((name,) for name in ("fact_id", "person_id") if name in columns)


def index_of(table: sa.Table, columns: Iterable[str]) -> sa.Index:
    """The index of a table over some of its columns."""
    texts = {name: _INDEXED for name in columns if isinstance(table.c[name].type, sa.Text)}
    return sa.Index(
        index_name(table.name, columns), *(table.c[name] for name in columns), mysql_length=texts
    )


def index_name(table: str, columns: Iterable[str]) -> str:
    """What an index is called."""
    return f"{table}_by_{'_'.join(columns)}"


def foreign_keys(table: Table) -> dict[str, str]:
    """The foreign keys to the loads: name and column. They are made after a first load, for the
    database then proves all rows at once.
    """
    return {f"{table.name}_begun": "valid_from_load", f"{table.name}_ended": "valid_to_load"}


def foreign_key(table: sa.Table, name: str, column: str) -> sa.ForeignKeyConstraint:
    """One of them, as part of a table beside which the loads stand."""
    place = f"{table.schema}." if table.schema else ""
    key = sa.ForeignKeyConstraint([column], [f"{place}load.load_id"], name=name)
    table.append_constraint(key)
    return key


def reservation(schema: str | None) -> sa.Table:
    """A table of one row, which whoever loads holds, in databases that lock nothing else."""
    return sa.Table(
        "reservation",
        sa.MetaData(schema=schema),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        comment="one row: whoever loads holds it",
    )


def collation(dialect: sa.Dialect) -> dict[str, Any]:
    """What a table is told so that its texts compare byte for byte: case counts, and so do blanks
    at the end.
    """
    maria = getattr(dialect, "is_mariadb", False)
    return {"mysql_collate": "utf8mb4_nopad_bin" if maria else "utf8mb4_0900_bin"}


def set_collation(metadata: sa.MetaData, dialect: sa.Dialect) -> None:
    """The same for tables that are described already."""
    for table in metadata.tables.values():
        table.dialect_options["mysql"]["collate"] = collation(dialect)["mysql_collate"]
