"""Land: a source's tables, raw and typed, as the next immutable snapshot."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from extract import manifest, resume
from extract.gently import Pace
from extract.reach import open_source
from extract.source import FAULT, Extract
from minns.config import Source, SourceTable
from minns.engine import Engine, literal, quote, row_hash_sql
from minns.errors import SourceError
from minns.step import Progress, silent
from minns.store import Dataset, Draft, Store, digest

#: Rows of one Parquet part of a landed table.
PART = 500_000
#: Columns that landing adds.
OWN = ("_row_key", "_row_hash")


class _Unchanged(Exception):
    """The source holds what the latest snapshot holds."""


def land(
    source: Source,
    store: Store,
    *,
    root: Path,
    progress: Progress = silent,
    memory_limit: str = "2GB",
    threads: int | None = None,
) -> Dataset:
    """Copy all tables of a source into its next snapshot; gives that, or the latest one when the
    source has not changed since. `root` is where relative paths of the source start.
    """
    latest = next(reversed(store.snapshots(source.name)), None)
    folder = store.next_snapshot(source.name)
    pace = Pace(source.name, source.gently)
    pace.begin()
    try:
        with (
            store.publish(folder, "", resume=True) as draft,
            Engine(store.scratch, memory_limit=memory_limit, threads=threads) as engine,
            open_source(source, root, store.scratch) as reader,
        ):
            circumstances = manifest.circumstances()
            extracts = {name: reader.read(name, table) for name, table in source.tables.items()}
            _check_types(source, extracts, latest)
            _tables(source, extracts, engine, draft, _Counter(extracts, progress, pace))
            draft.note(source=source.name, driver=reader.path, **circumstances)
            draft.key = _content_key(source.name, draft)
            if latest is not None and latest.key == draft.key:
                raise _Unchanged
    except _Unchanged:
        assert latest is not None
        return latest
    landed = store.find(folder)
    assert landed is not None
    return landed


def _tables(
    source: Source, extracts: dict[str, Extract], engine: Engine, draft: Draft, count: "_Counter"
) -> None:
    """Every table, but those that a killed landing left whole and that are still the source's."""
    for name, extract in extracts.items():
        table = source.tables[name]
        if resume.take(draft, name, table, extract):
            count.add(draft.described[name]["rows"])
            continue
        _Table(source.name, name, table, extract, engine, draft).land(count)
        resume.mark(draft, name, table, extract)
    resume.clear(draft, extracts)


def _content_key(source: str, draft: Draft) -> str:
    facts = ("rows", "columns", "key", "checksum")
    tables = {name: {f: told[f] for f in facts} for name, told in draft.described.items()}
    return digest({"source": source, "tables": tables})


def _check_types(source: Source, extracts: dict[str, Extract], latest: Dataset | None) -> None:
    """A mapping was written for the types of the snapshot before: a change must be looked at."""
    if latest is None:
        return
    for name, extract in extracts.items():
        declared = {f.name: f.declared for f in extract.fields}
        for column in latest.manifest["tables"].get(name, {}).get("columns", ()):
            now = declared.get(column["name"])
            if now is None and source.tables[name].columns:
                continue  # no longer listed in source.toml, so not wanted
            if now != column["declared"]:
                raise SourceError(
                    f"the type {column['declared']} of column '{column['name']}' in table '{name}'"
                    f" of {source.name}, as in its snapshot {latest.folder.name}",
                    found=now or "no such column",
                    do="See that the mapping still holds; to accept the change, move that"
                    f" snapshot out of {latest.folder.parent}.",
                )


class _Counter:
    """Rows read so far, of all tables, for progress and for the source's pace."""

    def __init__(self, extracts: dict[str, Extract], progress: Progress, pace: Pace) -> None:
        rows = [extract.rows for extract in extracts.values()]
        self._total = None if None in rows else sum(r for r in rows if r is not None)
        self._done, self._progress, self._pace = 0, progress, pace

    def read(self, rows: int) -> None:
        """Rows that came from the source just now."""
        self.add(rows)
        self._pace.keep(rows)

    def add(self, rows: int) -> None:
        self._done += rows
        self._progress(self._done, self._total)


class _Stream:
    """A table's batches, cut into parts. DuckDB draws them, so an error must be kept aside or it
    would come back as DuckDB's own.
    """

    def __init__(self, extract: Extract, count: _Counter) -> None:
        self._batches, self._schema = extract.batches, extract.schema
        self._count, self._next = count, next(extract.batches, None)
        self.error: BaseException | None = None

    def parts(self) -> Iterator[pa.RecordBatchReader]:
        yield self._part()
        while self._next is not None:
            yield self._part()

    def _part(self) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(self._schema, self._draw())

    def _draw(self) -> Iterator[pa.RecordBatch]:
        rows = 0
        try:
            while self._next is not None and rows < PART:
                rows += self._next.num_rows
                self._count.read(self._next.num_rows)
                yield self._next
                self._next = next(self._batches, None)
        except BaseException as error:
            self.error = error
            raise


def _key_sql(key: tuple[str, ...], *, may_be_faulty: bool) -> str:
    r"""SQL for a row's key: readable, unambiguous, and with '#' only where landing puts one. A row
    that could not be read may lack its key: its content names it, after '\!'.
    """
    if may_be_faulty and key:
        sound = _key_sql(key, may_be_faulty=False)
        missing = " or ".join(f"{quote(name)} is null" for name in key)
        unnamed = f"{quote(FAULT)} is not null and ({missing})"
        return rf"case when {unnamed} then '\!' || _row_hash else {sound} end"
    if not key:
        return "_row_hash || '#1'"
    escape = r"replace(replace(replace(cast({} as varchar), '\', '\\'), '|', '\p'), '#', '\h')"
    parts = (f"coalesce({escape.format(quote(name))}, '\\-')" for name in key)
    return " || '|' || ".join(parts)


class _Table:
    """One table on its way from the source to the draft."""

    def __init__(
        self,
        source: str,
        name: str,
        table: SourceTable,
        extract: Extract,
        engine: Engine,
        draft: Draft,
    ) -> None:
        self.source, self.name, self.table = source, name, table
        self.extract, self.engine, self.draft = extract, engine, draft
        self.paths: list[Path] = []

    def land(self, count: _Counter) -> None:
        """Write the parts, number rows that share a key, and describe the table."""
        names = [f.name for f in self.extract.fields]
        for own in OWN:
            if own in names:
                raise SourceError(
                    f"no column '{own}' in table '{self.name}' of {self.source}",
                    found="one, and landing needs the name",
                    do="List the table's other columns in source.toml.",
                )
        rows = self._write(count)
        self._check_rows(rows)
        self._number_shared_keys(rows)
        parts = manifest.parts(self.engine, self.paths)
        columns = [
            {"name": f.name, "type": str(f.type), "declared": f.declared}
            for f in self.extract.fields
        ]
        self.draft.describe(
            self.name,
            rows=rows,
            columns=columns,
            key=list(self.table.key),
            role=self.table.role,
            checksum=sum(part["checksum"] for part in parts),
            parts=parts,
            **self.extract.facts,
        )

    def _write(self, count: _Counter) -> int:
        stream = _Stream(self.extract, count)
        names = [f.name for f in self.extract.fields]
        hashed, key = row_hash_sql(names), _key_sql(self.table.key, may_be_faulty=FAULT in names)
        sql = (
            f"select *, {key} as _row_key"  # noqa: S608
            f" from (select *, {hashed} as _row_hash from incoming)"
        )
        rows = 0
        for number, part in enumerate(stream.parts(), 1):
            path = self.draft.part(self.name, number)
            try:
                with self.engine.arrow("incoming", part):
                    rows += self.engine.copy(sql, path)
            except duckdb.Error:
                if stream.error is not None:
                    raise stream.error from None
                raise
            self.paths.append(path)
        return rows

    def _check_rows(self, rows: int) -> None:
        if rows == 0 and not self.table.may_be_empty:
            raise SourceError(
                f"rows in table '{self.name}' of {self.source}",
                found="none",
                do="Set may_be_empty in source.toml if that is right.",
            )
        if self.extract.rows is not None and rows != self.extract.rows:
            raise SourceError(
                f"{self.extract.rows} rows in table '{self.name}' of {self.source}",
                found=f"{rows}: it changed while it was read",
                do="Run again when nobody writes to it.",
            )

    def _landed(self, path: Path | None = None) -> str:
        paths = self.paths if path is None else [path]
        return f"read_parquet([{', '.join(literal(str(p)) for p in paths)}])"

    def _number_shared_keys(self, rows: int) -> None:
        """Rows with one key get '#1', '#2', … by content, so that the source's order is nothing."""
        self.engine.run(
            "create or replace temp table shared as select _row_key, count(*) as rows"  # noqa: S608
            f" from {self._landed()} group by _row_key having count(*) > 1"
        )
        sharing, readable = (
            int(self.engine.value(f"select coalesce(sum(rows), 0) from shared {where}"))  # noqa: S608
            for where in ("", r"where not starts_with(_row_key, '\!')")
        )
        if sharing == 0:
            return
        if self.table.key and readable * 2 > rows:
            raise SourceError(
                f"the key ({', '.join(self.table.key)}) to name each row of table '{self.name}'"
                f" of {self.source}",
                found=f"{readable} of {rows} rows that share theirs",
                do="Correct the key in source.toml.",
            )
        self._rewrite()

    def _rewrite(self) -> None:
        """Rows with a key of their own stay in their part; the others go to one more."""
        aside = self.draft.part(self.name, len(self.paths) + 1)
        stem = "_row_key" if self.table.key else "_row_hash"
        numbered = f"{stem} || '#' || row_number() over (partition by _row_key order by _row_hash)"
        self.engine.copy(
            f"select * replace ({numbered} as _row_key) from {self._landed()}"  # noqa: S608
            " semi join shared using (_row_key)",
            aside,
        )
        for path in self.paths:
            own = path.with_suffix(".own")
            sql = f"select * from {self._landed(path)} anti join shared using (_row_key)"  # noqa: S608
            self.engine.copy(sql, own)
            own.replace(path)
        self.paths.append(aside)
