"""What the target holds now, read back as text and hashed by code of its own.

Every value comes as text with a mark before it, so that NULL is told from empty and no driver
guesses a type. The text is brought to the model's types here: a decimal is compared as a decimal,
never as a float.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import pyarrow as pa
import sqlalchemy as sa

from minns.engine import Engine, quote
from minns.errors import TargetError
from minns.model import TARGET, Table

_BATCH = 50_000


def read_back(engine: Engine, url: sa.URL, schema: str | None) -> None:
    """Put the target's current versions into the session: `target_<table>` with the table's keys,
    `truth` (hash recomputed from the columns) and `stored` (hash that the target keeps).
    """
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        raise _unreadable("no such file")
    for table in TARGET.values():
        try:
            with _stream(url, _statement(table, schema)) as reader:
                _take(engine, table, reader)
        except (sa.exc.SQLAlchemyError, adbc_driver_sqlite.dbapi.Error) as error:
            raise _unreadable(f"{type(error).__name__} at its table '{table.name}'") from None


def _unreadable(found: str) -> TargetError:
    return TargetError(
        "to read the shared record back",
        found=found,
        do="Check 'target' in minns.toml and that the wave has been loaded.",
    )


def _statement(table: Table, schema: str | None) -> sa.Select[tuple[str, ...]]:
    columns: list[sa.ColumnClause[str]] = [
        sa.column(name) for name in (*table.names, "content_hash")
    ]
    live = sa.table(table.name, *columns, sa.column("valid_to_load"), schema=schema)
    marked = [
        sa.case(
            (live.c[c.name].is_(None), sa.literal_column("'-'", sa.Text)),
            else_=sa.literal_column("'='", sa.Text) + sa.cast(live.c[c.name], sa.Text),
        ).label(c.name)
        for c in columns
    ]
    return sa.select(*marked).where(live.c.valid_to_load.is_(None))


@contextmanager
def _stream(url: sa.URL, statement: sa.Select[tuple[str, ...]]) -> Iterator[pa.RecordBatchReader]:
    backend = url.get_backend_name()
    if backend == "sqlite":
        connection = adbc_driver_sqlite.dbapi.connect(f"file:{url.database}?mode=ro")
        options = {"adbc.sqlite.query.batch_rows": str(_BATCH)}
    elif backend == "postgresql":
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection, options = adbc_driver_postgresql.dbapi.connect(plain), {}
    else:
        with _rows(url, statement) as reader:
            yield reader
        return
    sql = str(statement.compile(dialect=url.get_dialect()()))
    with closing(connection), closing(connection.cursor()) as cursor:
        cursor.adbc_statement.set_options(**options)
        cursor.execute(sql)
        yield cursor.fetch_record_batch()


@contextmanager
def _rows(url: sa.URL, statement: sa.Select[tuple[str, ...]]) -> Iterator[pa.RecordBatchReader]:
    """The way in for databases that have no Arrow driver here."""
    schema = pa.schema([(column.name, pa.string()) for column in statement.selected_columns])
    database = sa.create_engine(url, poolclass=sa.NullPool)
    with database.connect().execution_options(yield_per=_BATCH) as connection:
        result = connection.execute(statement)
        batches = (
            pa.record_batch([list(column) for column in zip(*rows, strict=True)], schema=schema)
            for rows in result.partitions()
        )
        yield pa.RecordBatchReader.from_batches(schema, batches)
    database.dispose()


def _take(engine: Engine, table: Table, reader: pa.RecordBatchReader) -> None:
    kept = ", ".join(f"{_text(name)} as {quote(name)}" for name in kept_columns(table))
    name = quote(f"target_{table.name}")
    engine.connection.register("incoming", reader)
    try:
        # a driver that saw no row does not know that the columns are text
        engine.run(
            f"create or replace temp table {name} as select {kept}, "  # noqa: S608
            f"{truth(table, marked=True)} as truth, {_text('content_hash')} as stored "
            "from (select columns(*)::varchar from incoming)"
        )
    finally:
        engine.connection.unregister("incoming")


def kept_columns(table: Table) -> tuple[str, ...]:
    """Columns of a target table that checks need beside the hash."""
    wanted = {*table.key, "source", "person_id"}
    return tuple(name for name in table.names if name in wanted)


def _text(column: str) -> str:
    """A marked value without its mark; NULL where the mark says so."""
    return f"case when starts_with({quote(column)}, '=') then substr({quote(column)}, 2) end"


def truth(table: Table, *, marked: bool) -> str:
    """SQL for a row's md5 over its columns in order: '-' for NULL, '=' and the value otherwise,
    '|' between them, with backslash and bar escaped in values.
    """
    values = (
        _as_model(_text(c.name) if marked else f"cast({quote(c.name)} as varchar)", c.type)
        for c in table.columns
    )
    parts = (
        rf"case when {value} is null then '-' else "
        rf"'=' || replace(replace({value}, '\', '\\'), '|', '\p') end"
        for value in values
    )
    joined = " || '|' || ".join(parts)
    return f"md5({joined})"


def _as_model(value: str, kind: str) -> str:
    """A text as its model type prints it; what is not of that type stays, marked as wrong."""
    if kind == "text":
        return value
    if kind == "boolean":
        return (
            f"case when lower({value}) in ('true', 't', '1') then 'true' "
            f"when lower({value}) in ('false', 'f', '0') then 'false' else '?' || {value} end"
        )
    wanted = {"decimal": "decimal(18, 6)", "integer": "bigint"}.get(kind, kind)
    return f"coalesce(cast(try_cast({value} as {wanted}) as varchar), '?' || {value})"
