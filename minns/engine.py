"""A DuckDB session with its limits, which runs SQL over Parquet; nothing else knows the engine."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa

from minns.errors import StoreError
from minns.model import DUCKDB, Column, Table

#: A row group large enough for scans to be fast and small enough to be bounded in memory (rows).
ROW_GROUP = 100_000
#: As small as at zstd's usual level for such tables, in two thirds of the time.
_COMPRESSION = "compression zstd, compression_level 1"


def quote(name: str) -> str:
    """An SQL identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """An SQL string literal; for paths in COPY and for lists from configuration, which cannot be
    bound.
    """
    return "'" + text.replace("'", "''") + "'"


def row_hash_sql(columns: Sequence[str], prefix: str = "") -> str:
    """SQL for the md5 of a row's content, over an unambiguous rendering of `columns` in order."""
    names = [f"{prefix}{quote(name)}" for name in columns]
    return _content_sql([(name, f"escaped_column({name})") for name in names])


def hash_sql(columns: Sequence[Column]) -> str:
    """As `row_hash_sql`, for columns whose types are known: only text can hold what needs
    escaping, so that the others are rendered at less cost, to the same hash.
    """
    return _content_sql(
        [
            (
                quote(c.name),
                f"escaped_column({quote(c.name)})"
                if c.type == "text"
                else f"cast({quote(c.name)} as varchar)",
            )
            for c in columns
        ]
    )


def _content_sql(columns: Sequence[tuple[str, str]]) -> str:
    """The md5 of columns (each with its value as text) as `rendered` writes them, with bars between
    them. Put together in one go, for `concat` passes over what is empty: a third cheaper than each
    column for itself.
    """
    bars = ("", *("|" for _ in columns[1:]))
    parts = ", ".join(
        f"if({column} is null, '{bar}-', '{bar}='), {text}"
        for bar, (column, text) in zip(bars, columns, strict=True)
    )
    return f"md5(concat({parts}))"


#: How DuckDB tells of a Parquet file that is cut off, gone or no such file at all: by its path.
_BROKEN_FILE = re.compile(
    r"(?:magic bytes|too small to be|Cannot open file|No files found)"
    r"[^'\"]*['\"]([^'\"]+\.parquet)['\"]"
)


class Engine:
    """One session. `with Engine(...) as engine:`; everything in it is scratch."""

    def __init__(
        self, scratch: Path, *, memory_limit: str = "2GB", threads: int | None = None
    ) -> None:
        scratch.mkdir(parents=True, exist_ok=True)
        self._spill = tempfile.TemporaryDirectory(prefix="spill-", dir=scratch)
        self.connection = duckdb.connect(
            config={
                "memory_limit": memory_limit,
                "temp_directory": self._spill.name,
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                **({"threads": str(threads)} if threads else {}),
            }
        )
        self.connection.execute("set enable_progress_bar = false")
        self.connection.execute("set preserve_insertion_order = false")
        if self._has_icu():
            self.connection.execute("set timezone = 'UTC'")
        self.connection.execute(files("minns").joinpath("macros.sql").read_text(encoding="utf-8"))

    def _has_icu(self) -> bool:
        loaded = self.rows("select loaded from duckdb_extensions() where extension_name = 'icu'")
        return bool(loaded and loaded[0][0])

    def __enter__(self) -> "Engine":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.connection.close()
        self._spill.cleanup()

    @contextmanager
    def beside(self) -> Iterator["Engine"]:
        """Another connection to the same session, for work at the same time: it sees all tables
        and views, but what is registered, temporary or set in the other.
        """
        other = copy(self)
        other.connection = self.connection.cursor()
        try:
            if self._has_icu():
                other.connection.execute("set timezone = 'UTC'")
            yield other
        finally:
            other.connection.close()

    def run(self, sql: str, parameters: Sequence[Any] | None = None) -> None:
        """Run statements whose result is not needed."""
        with self._translated():
            self.connection.execute(sql, parameters).fetchall()

    def rows(self, sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """A small result as Python rows; never used on the main path."""
        with self._translated():
            return self.connection.execute(sql, parameters).fetchall()

    def value(self, sql: str, parameters: Sequence[Any] | None = None) -> Any:
        """The single value of a query."""
        return self.rows(sql, parameters)[0][0]

    def view(self, name: str, parquet: Path | Sequence[Path]) -> None:
        """Make Parquet files readable under `name`."""
        paths = [parquet] if isinstance(parquet, Path) else list(parquet)
        listed = ", ".join(literal(str(path)) for path in paths)
        try:
            self.run(
                f"create or replace view {quote(name)} as select * from read_parquet([{listed}])"  # noqa: S608
            )
        except (duckdb.InvalidInputException, duckdb.IOException):
            raise damaged(paths[0].parent if paths else Path(name)) from None

    def empty(self, table: Table, name: str | None = None) -> None:
        """An empty table of the model, for what a source does not have."""
        columns = ", ".join(f"{quote(c.name)} {DUCKDB[c.type]}" for c in table.columns)
        self.run(f"create or replace table {quote(name or table.name)} ({columns})")

    def copy(self, sql: str, path: Path) -> int:
        """Write a query's rows to a Parquet file; gives their number."""
        options = f"format parquet, {_COMPRESSION}, row_group_size {ROW_GROUP}"
        with self._translated(path):
            copied = self.connection.execute(f"copy ({sql}) to {literal(str(path))} ({options})")
            return int(copied.fetchall()[0][0])

    def csv(self, parquet: Path, path: Path) -> None:
        """Write a Parquet file's rows to CSV, in their order."""
        sql = f"from read_parquet({literal(str(parquet))})"
        with self._translated(path):
            self.connection.execute("set preserve_insertion_order = true")
            self.connection.execute(f"copy ({sql}) to {literal(str(path))} (format csv, header)")
            self.connection.execute("set preserve_insertion_order = false")

    @contextmanager
    def _translated(self, path: Path | None = None) -> Iterator[None]:
        """A full disk, of the work folder or of what spills, is the operator's to mend."""
        try:
            yield
        except duckdb.Error as error:
            text = str(error).lower()
            if "no space left" in text or "not enough space" in text:
                raise disk_full(path or Path(self._spill.name)) from None
            broken = _BROKEN_FILE.search(str(error))
            if broken is not None:
                raise damaged(Path(broken.group(1)).parent) from None
            raise

    def table(self, sql: str) -> pa.Table:
        """A query's rows as an Arrow table, for what is known to fit in memory."""
        with self._translated():
            return self.connection.execute(sql).to_arrow_table()

    def batches(self, sql: str, rows: int = ROW_GROUP) -> Iterator[pa.RecordBatch]:
        """A query's rows as Arrow batches, streamed, on a cursor of their own."""
        cursor = self.connection.cursor()
        try:
            yield from cursor.sql(sql).to_arrow_reader(rows)
        finally:
            cursor.close()

    @contextmanager
    def arrow(self, name: str, table: pa.Table | pa.RecordBatchReader) -> Iterator[None]:
        """Make an Arrow table, or a stream that is read once, readable under `name` for a while."""
        self.connection.register(name, table)
        try:
            yield
        finally:
            self.connection.unregister(name)


def damaged(folder: Path) -> StoreError:
    """The error of a Parquet file in the work folder that is not as it was written."""
    return StoreError(
        f"whole Parquet files in {folder}",
        found="a damaged or missing one",
        do=f"Restore {folder.parent} from its backup, or remove it and run again.",
    )


def disk_full(path: Path) -> StoreError:
    """The error of a full disk, which lands here from several libraries."""
    return StoreError(
        f"room to write in {path.parent}",
        found="the disk is full",
        do="Free space or set 'work' in minns.toml to a larger disk, and run again: "
        "it goes on from the last whole step.",
    )
