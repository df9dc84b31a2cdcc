"""SQLite by the standard library: exact, where every other driver guesses at its loose types."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from sqlalchemy.engine import make_url

from extract.source import BATCH, Extract, Field, chosen, stamp_of, unreachable, unreadable
from minns.config import Source, SourceTable, expand
from minns.engine import quote

#: Storage classes that a column of each declared affinity may hold to keep its own Arrow type.
CLEAN = {
    "integer": ("integer", pa.int64()),
    "real": ("real", pa.float64()),
    "text": ("text", pa.string()),
    "blob": ("blob", pa.binary()),
}


def affinity(declared: str) -> str:
    """SQLite's own rule for what a declared type means."""
    upper = declared.upper()
    if "INT" in upper:
        return "integer"
    if any(part in upper for part in ("CHAR", "CLOB", "TEXT")):
        return "text"
    if "BLOB" in upper:
        return "blob"
    if any(part in upper for part in ("REAL", "FLOA", "DOUB")):
        return "real"
    return "numeric"


def as_text(column: str) -> str:
    """SQL for a value as text, exactly as stored: the short form of a float where it is exact."""
    short = f"cast({column} as text)"
    return (
        f"case typeof({column}) when 'text' then {column} when 'integer' then {short}"
        f" when 'real' then case when cast({short} as real) = {column} then {short}"
        f" else printf('%!.17g', {column}) end"
        f" when 'blob' then quote({column}) end"
    )


class Sqlite:
    """One connection in one transaction."""

    path = "sqlite3"

    def __init__(self, source: str, connection: sqlite3.Connection, stamp: str) -> None:
        self._source, self._connection, self._stamp = source, connection, stamp

    def read(self, name: str, table: SourceTable) -> Extract:
        """A table; columns whose values break their declared type are staged as text."""
        schema = table.schema_name or "main"
        declared = self._declared(name, schema)
        names = chosen(self._source, name, table, tuple(declared))
        place = f"{quote(schema)}.{quote(name)}"
        rows, doubtful = self._doubtful(place, {n: declared[n] for n in names}, name)
        fields, parts = [], []
        for column in names:
            kind = affinity(declared[column])
            clean = kind in CLEAN and column not in doubtful
            fields.append(Field(column, declared[column], CLEAN[kind][1] if clean else pa.string()))
            parts.append(quote(column) if clean else as_text(quote(column)))
        sql = f"select {', '.join(parts)} from {place}"  # noqa: S608
        taken = f"select {', '.join(map(quote, names))} from {place}"  # noqa: S608
        batches = self._batches(sql, fields, name)
        return Extract(tuple(fields), batches, rows, {"query": taken}, self._stamp)

    def _declared(self, name: str, schema: str) -> dict[str, str]:
        sql = "select name, type from pragma_table_xinfo(?, ?) where hidden <> 1 order by cid"
        try:
            return dict(self._connection.execute(sql, (name, schema)).fetchall())
        except sqlite3.Error as error:
            raise unreadable(self._source, name, type(error).__name__) from None

    def _doubtful(
        self, place: str, declared: dict[str, str], name: str
    ) -> tuple[int, frozenset[str]]:
        """Rows of the table, and the columns that hold anything but what their type says."""
        checks = [
            f"max(typeof({quote(c)}) not in ('{CLEAN[affinity(t)][0]}', 'null'))"
            if affinity(t) in CLEAN
            else "1"
            for c, t in declared.items()
        ]
        try:
            sql = f"select count(*), {', '.join(checks)} from {place}"  # noqa: S608
            rows, *found = self._connection.execute(sql).fetchone()
        except sqlite3.Error as error:
            raise unreadable(self._source, name, type(error).__name__) from None
        return rows, frozenset(c for c, bad in zip(declared, found, strict=True) if bad)

    def _batches(self, sql: str, fields: Sequence[Field], name: str) -> Iterator[pa.RecordBatch]:
        try:
            cursor = self._connection.execute(sql)
            while rows := cursor.fetchmany(BATCH):
                columns = zip(*rows, strict=True)
                arrays = [pa.array(c, f.type) for c, f in zip(columns, fields, strict=True)]
                yield pa.RecordBatch.from_arrays(arrays, names=[f.name for f in fields])
        except sqlite3.OperationalError as error:
            why = "text that is not UTF-8" if "decode" in str(error) else type(error).__name__
            raise unreadable(self._source, name, why) from None


def _stamp(path: Path) -> str:
    """What changes with every commit: the header's counters, the file, and its log of writes."""
    with path.open("rb") as file:
        header = file.read(100)
    return stamp_of((path, path.with_name(path.name + "-wal")), header[24:28].hex())


@contextmanager
def open_sqlite(source: Source, root: Path) -> Iterator[Sqlite]:
    """Open the file for reading only; one transaction holds all tables still."""
    database = make_url(expand(source.url or "")).database or ""
    path = root / database
    if not path.is_file():
        raise unreachable(source.name, str(path), "no such file")
    try:
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
    except sqlite3.Error as error:
        raise unreachable(source.name, str(path), type(error).__name__) from None
    try:
        connection.execute("begin")
        connection.execute("select count(*) from sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise unreachable(source.name, str(path), "a file that is not SQLite, or locked") from None
    try:
        yield Sqlite(source.name, connection, _stamp(path))
    finally:
        connection.close()
