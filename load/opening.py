"""The shared record is opened, and made where it is not there: tables by Alembic's
revisions, views by SQLAlchemy.

SQLAlchemy and ADBC never have the file open at one time: SQLite's locks belong to the process, and
closing one library's handle would drop the other's lock.
"""

from pathlib import Path

import sqlalchemy as sa

from load import migrations
from load.databases import (
    database_engine,
    is_bulk,
    lacks_database,
    make_database,
    reached,
    reserved_name,
    said,
)
from load.faults import locked, told
from load.portable import PortableTarget
from load.relational import Target
from load.schema import target_metadata
from minns.errors import TargetError
from minns.model import TARGET


def _make_tables(url: sa.URL, schema: str | None) -> None:
    """Make what is not there, bring what an earlier version made up to this one's revision, all in
    one transaction (MariaDB: step by step, and gone on with when it was killed); refuse a database
    whose tables are not ours.
    """
    place = url.render_as_string(hide_password=True)
    engine = database_engine(url)
    try:
        if url.get_backend_name() == "mysql":
            make_database(url)
        with engine.begin() as connection:
            if url.get_backend_name() == "sqlite":
                connection.exec_driver_sql("pragma journal_mode = wal")
                if _is_whole(connection, schema):
                    return
                # Python's driver begins no transaction of its own for what defines tables.
                connection.exec_driver_sql("begin immediate")
            elif _is_whole(connection, schema):
                return
            if url.get_backend_name() == "mysql" and not reserved_name(connection, url):
                raise locked(place)
            if schema and schema not in sa.inspect(connection).get_schema_names():
                connection.execute(sa.schema.CreateSchema(schema))
            if migrations.revision(connection, schema) is None:
                _refuse_foreign(connection, target_metadata(schema), schema, place)
            migrations.upgrade(connection, schema, place)
            _make_views(connection, schema)
    except sa.exc.DBAPIError as error:
        raise told(place, said(error)) from None
    finally:
        engine.dispose()


def _is_whole(connection: sa.Connection, schema: str | None) -> bool:
    """Whether all is there already; views come last."""
    inspector = sa.inspect(connection)
    if not inspector.has_table(migrations.VERSION, schema=schema):
        return False
    views = set(inspector.get_view_names(schema=schema))
    return {f"current_{name}" for name in TARGET} <= views and migrations.is_current(
        connection, schema
    )


def _make_views(connection: sa.Connection, schema: str | None) -> None:
    """`current_<table>` for each table: what is true now."""
    present = set(sa.inspect(connection).get_view_names(schema=schema))
    quoted = connection.dialect.identifier_preparer.quote
    prefix = f"{quoted(schema)}." if schema else ""
    for name in TARGET:
        if f"current_{name}" not in present:
            connection.exec_driver_sql(
                f"create view {prefix}{quoted(f'current_{name}')} as "  # noqa: S608
                f"select * from {prefix}{quoted(name)} where valid_to_load is null"
            )


def _refuse_foreign(
    connection: sa.Connection, metadata: sa.MetaData, schema: str | None, place: str
) -> None:
    inspector = sa.inspect(connection)
    present = set(inspector.get_table_names(schema=schema))
    for table in metadata.tables.values():
        if table.name not in present:
            continue
        found = {column["name"] for column in inspector.get_columns(table.name, schema=schema)}
        wanted = {column.name for column in table.columns}
        if found != wanted:
            raise TargetError(
                f"the table '{table.name}' at {place} as minns makes it",
                found="other columns: " + ", ".join(sorted(found ^ wanted)),
                do="Give minns a database or schema of its own in 'target'.",
            )


def exists(url: str, schema: str | None) -> bool:
    """Whether a record has been made at `url`; a server that does not answer is an error."""
    parsed = sa.make_url(url)
    is_bulk(parsed)
    parsed = reached(parsed)
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).is_file():
        return False
    engine = database_engine(parsed)
    try:
        with engine.connect() as connection:
            return sa.inspect(connection).has_table("load", schema=schema)
    except sa.exc.DBAPIError as error:
        if parsed.get_backend_name() == "mysql" and lacks_database(error):
            return False
        raise told(parsed.render_as_string(hide_password=True), said(error)) from None
    finally:
        engine.dispose()


def open_target(
    url: str, schema: str | None = None, *, make: bool = True, portable: bool = False
) -> Target:
    """The target at a SQLAlchemy URL, made when it is not there.

    `make`: it is opened to load into: made if need be, and ours alone until it is closed. Else
    it is only read. `portable`: SQLite and PostgreSQL too are read and written through SQLAlchemy.
    Raises `TargetError` when it cannot be reached, is locked, or holds other people's tables.
    """
    parsed = sa.make_url(url)
    kind = Target if is_bulk(parsed) and not portable else PortableTarget
    parsed = reached(parsed)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    if make:
        _make_tables(parsed, schema)
    return kind(parsed, schema, reserve=make)
