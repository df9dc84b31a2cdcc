"""The shared record is opened, and made where it is not there: tables by Alembic's
revisions, views by SQLAlchemy.

SQLAlchemy and ADBC never have the file open at one time: SQLite's locks belong to the process, and
closing one library's handle would drop the other's lock.
"""

from pathlib import Path

import sqlalchemy as sa

from load import migrations
from load.faults import told
from load.relational import Target
from load.schema import target_metadata
from minns.engine import quote
from minns.errors import TargetError
from minns.model import TARGET


def _make_tables(url: sa.URL, schema: str | None) -> None:
    """Make what is not there, bring what an earlier version made up to this one's revision, all in
    one transaction; refuse a database whose tables are not ours.
    """
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    place = url.render_as_string(hide_password=True)
    try:
        with engine.begin() as connection:
            if url.get_backend_name() == "sqlite":
                connection.exec_driver_sql("pragma journal_mode = wal")
                if _is_whole(connection, schema):
                    return
                # Python's driver begins no transaction of its own for what defines tables.
                connection.exec_driver_sql("begin immediate")
            elif _is_whole(connection, schema):
                return
            if schema:
                connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
            if migrations.revision(connection, schema) is None:
                _refuse_foreign(connection, target_metadata(schema), schema, place)
            migrations.upgrade(connection, schema, place)
            _make_views(connection, schema)
    except sa.exc.DBAPIError as error:
        raise told(place, str(error.orig)) from None
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
    prefix = f"{quote(schema)}." if schema else ""
    for name in TARGET:
        if f"current_{name}" not in present:
            connection.exec_driver_sql(
                f"create view {prefix}{quote(f'current_{name}')} as "  # noqa: S608
                f"select * from {prefix}{quote(name)} where valid_to_load is null"
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
    if parsed.get_backend_name() == "sqlite":
        if not Path(str(parsed.database)).is_file():
            return False
    else:
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = sa.create_engine(parsed, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            return sa.inspect(connection).has_table("load", schema=schema)
    except sa.exc.DBAPIError as error:
        raise told(parsed.render_as_string(hide_password=True), str(error.orig)) from None
    finally:
        engine.dispose()


def open_target(url: str, schema: str | None = None, *, make: bool = True) -> Target:
    """The target at a SQLAlchemy URL (SQLite or PostgreSQL), made when it is not there.

    `make`: it is opened to load into: made if need be, and ours alone until it is closed. Else
    it is only read. Raises `TargetError` when it cannot be reached, is locked, or holds other
    people's tables.
    """
    parsed = sa.make_url(url)
    backend = parsed.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise TargetError(
            "a target in SQLite or PostgreSQL",
            found=backend,
            do="Set 'target' in minns.toml to sqlite:///FILE or postgresql+psycopg://….",
        )
    if backend == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    if backend == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if make:
        _make_tables(parsed, schema)
    return Target(parsed, schema, reserve=make)
