"""What the target holds now, read back and hashed by code of its own.

PostgreSQL hashes what it holds itself, row by row over every column, and sends the hashes: half of
the time is spared, and no value leaves it. From all others every value comes as text with a mark
before it, so that NULL is told from empty and no driver guesses a type; the text is brought to the
model's types here: a decimal is compared as a decimal, never as a float.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

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
    `truth` (hash recomputed from the columns) and `stored` (hash that the target keeps; NULL when
    it is none).
    """
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        raise _unreadable("no such file")
    for table in TARGET.values():
        try:
            if url.get_backend_name() == "postgresql":
                with _stream(url, _hashed(table, schema)) as reader:
                    _take_hashed(engine, table, reader)
            else:
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


def _hashed(table: Table, schema: str | None) -> sa.Select[Any]:
    """PostgreSQL's own md5 over all columns of a row, beside its keys."""
    columns: list[sa.ColumnClause[str]] = [
        sa.column(name) for name in (*table.names, "content_hash")
    ]
    live = sa.table(table.name, *columns, sa.column("valid_to_load"), schema=schema)
    kept = [sa.cast(live.c[name], sa.Text).label(name) for name in kept_columns(table)]
    hashed = sa.literal_column(f"md5({_content(table, 'text')})", sa.Text)
    stored = sa.cast(live.c["content_hash"], sa.Text)
    told: list[sa.ColumnElement[Any]] = [*kept, hashed.label("truth"), stored.label("stored")]
    return sa.select(*told).where(live.c.valid_to_load.is_(None))


@contextmanager
def _stream(url: sa.URL, statement: sa.Select[Any]) -> Iterator[pa.RecordBatchReader]:
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
def _rows(url: sa.URL, statement: sa.Select[Any]) -> Iterator[pa.RecordBatchReader]:
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
            f"{truth(table)} as truth, {_number(_text('content_hash'))} as stored "
            "from (select columns(*)::varchar from incoming)"
        )
    finally:
        engine.connection.unregister("incoming")


def _take_hashed(engine: Engine, table: Table, reader: pa.RecordBatchReader) -> None:
    kept = ", ".join(map(quote, kept_columns(table)))
    name = quote(f"target_{table.name}")
    with engine.arrow("incoming", reader):
        engine.run(
            f"create or replace temp table {name} as select {kept}, {_number('truth')} as truth, "  # noqa: S608
            f"{_number('stored')} as stored from (select columns(*)::varchar from incoming)"
        )


def _number(value: str) -> str:
    """An md5 as a number of sixteen bytes, for millions of them are held; NULL when it is none."""
    return f"try_cast({value} as uuid)"


def kept_columns(table: Table) -> tuple[str, ...]:
    """Columns of a target table that checks need beside the hash."""
    wanted = {*table.key, "source", "person_id"}
    return tuple(name for name in table.names if name in wanted)


def _text(column: str) -> str:
    """A marked value without its mark; NULL where the mark says so."""
    return f"case when starts_with({quote(column)}, '=') then substr({quote(column)}, 2) end"


def truth(table: Table) -> str:
    """SQL for the md5 of a row of marked texts, as a number. It is over the columns in order: '-'
    for NULL, '=' and the value otherwise, '|' between them, with backslash and bar escaped.
    """
    values = (_as_model(_text(c.name), c.type) for c in table.columns)
    parts = (
        rf"case when {value} is null then '-' else "
        rf"'=' || replace(replace({value}, '\', '\\'), '|', '\p') end"
        for value in values
    )
    joined = " || '|' || ".join(parts)
    return _number(f"md5({joined})")


def typed_truth(table: Table) -> str:
    """The same of a row whose columns have the model's types."""
    return _number(f"md5({_content(table, 'varchar')})")


def _content(table: Table, text: str) -> str:
    """What is hashed, of columns in the model's types; `text` is the database's type of texts. Only
    texts can hold what needs escaping.
    """
    parts = []
    for column in table.columns:
        value = quote(column.name)
        if column.type == "text":
            value = rf"replace(replace({value}, '\', '\\'), '|', '\p')"
        else:
            value = f"cast({value} as {text})"
        parts.append(f"coalesce('=' || {value}, '-')")
    joined = ", '|', ".join(parts)
    return f"concat({joined})"


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
