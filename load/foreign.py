"""What others changed in a record since its last load: found before anything is loaded over it.

Every version that a seal does not vouch for is read, and the hash of what it holds is computed
anew. So an edited column is found even when its content_hash was left alone; a version that was
put in, taken out, begun or ended by others shows in the sums of its bucket.
"""

from dataclasses import dataclass
from pathlib import Path

from load import seals
from load.relational import Target
from minns.engine import Engine, hash_sql, literal, quote
from minns.errors import TargetError
from minns.model import DUCKDB, TARGET, Table


@dataclass(frozen=True)
class TableForeign:
    """Versions of one table that others edited, added, removed, or moved (their loads)."""

    table: str
    edited: int
    added: int
    removed: int
    moved: int

    @property
    def total(self) -> int:
        return self.edited + self.added + self.removed + self.moved


@dataclass(frozen=True)
class Foreign:
    """What others changed. `folder` holds `<table>.parquet` for each table that has any: what was
    done, the bucket, and the row's id and load where they can be told; never a value.
    """

    folder: Path
    tables: tuple[TableForeign, ...] = ()

    @property
    def total(self) -> int:
        return sum(table.total for table in self.tables)


def inspect(engine: Engine, target: Target, folder: Path) -> Foreign:
    """Find what others changed since the last load; the target is only read."""
    folder.mkdir(parents=True, exist_ok=True)
    done = [load.load_id for load in target.loads() if load.state == "done"]
    found = []
    if done:
        sealed = target.is_sealed()
        for name, table in TARGET.items():
            if seals.is_quiet(target, name):
                continue
            seals.probe(engine, target, name)
            _stage(engine, target, table, done[-1], sealed=sealed)
            path = folder / f"{name}.parquet"
            path.unlink(missing_ok=True)
            counts = engine.rows(
                "select what, sum(count) from foreign_row group by what order by what"
            )
            if counts:
                engine.copy("select * from foreign_row order by all", path)
                said = {what: int(count) for what, count in counts}
                words = ("edited", "added", "removed", "moved")
                found.append(TableForeign(name, *(said.get(word, 0) for word in words)))
    foreign = Foreign(folder, tuple(found))
    target.verified = foreign.total == 0
    return foreign


def refuse(target: Target, foreign: Foreign) -> None:
    """Stop before others' changes are loaded over."""
    counts = ", ".join(f"{t.table} {t.total}" for t in foreign.tables)
    raise TargetError(
        f"the record at {target.place} as its last load left it",
        found=f"rows that others changed since then ({counts})",
        do=f"See which in {foreign.folder}, put them back there, or run again with "
        "--accept-foreign-changes: what is not desired then becomes history.",
    )


def settle(engine: Engine, target: Target, foreign: Foreign) -> None:
    """Take the record as it is found: what others changed is written down, edited versions get the
    hash of what they hold, so that the next difference sees them, and all is sealed anew.
    """
    loads = target.loads()
    done = [load.load_id for load in loads if load.state == "done"]
    whole = bool(loads) and loads[-1].state == "done"
    if done and target.unquiet and (foreign.tables or target.dialect == "postgresql"):
        with target.transaction():
            for table in foreign.tables:
                engine.view("foreign_kept", foreign.folder / f"{table.table}.parquet")
                _note(engine, target, table.table, done[-1])
        before = None if whole else done[-1]
        target.put_seals(seals.seal(engine, target, sorted(target.unquiet), before=before))
    elif not target.is_sealed():
        return
    if whole:
        # All that was read is now known to be as sealed.
        target.quiet |= target.unquiet
        target.unquiet.clear()
    target.verified = True


def _note(engine: Engine, target: Target, table: str, load_id: int) -> None:
    edited = engine.connection.sql(
        "select row_id, valid_from_load, truth as content_hash from foreign_kept "
        "where what = 'edited' order by all"
    ).to_arrow_table()
    if edited.num_rows:
        target.rehash(table, edited)
    number = target.noted(load_id)
    target.ingest(
        "foreign_change",
        engine.connection.sql(
            f"select {int(load_id)}::bigint as load_id, "  # noqa: S608
            f"{number} + row_number() over (order by what, bucket, row_id) as number, "
            f"{literal(table)} as table_name, what, bucket, row_id, valid_from_load "
            "from foreign_kept, range(cast(count as bigint)) order by number"
        ).to_arrow_table(),
    )


def _stage(engine: Engine, target: Target, table: Table, done: int, *, sealed: bool) -> None:
    """Make `foreign_row` of a table: what others did to it."""
    _read_versions(engine, target, table)
    # What a load brought that was broken off is no part of what was sealed.
    engine.run(f"""
        create or replace view sealed_version as
        select row_id, content_hash, valid_from_load,
            if(valid_to_load > {int(done)}, null, valid_to_load) as valid_to_load
        from found_version where valid_from_load <= {int(done)}""")  # noqa: S608
    engine.run(f"create or replace table found_sums as {seals.sums_sql('sealed_version')}")
    engine.run(f"""
        create or replace table foreign_row as
        select 'edited' as what, {seals.BUCKET} as bucket, row_id, valid_from_load, truth,
            1 as count
        from found_version
        where truth <> content_hash and valid_from_load <= {int(done)}""")  # noqa: S608
    if sealed:
        engine.run(_MOVED)


#: Buckets whose sums are others than sealed. A single version that came can be told by its hash.
_MOVED = """
    insert into foreign_row
    with differing as (
        select coalesce(s.bucket, f.bucket) as bucket,
            coalesce(f.versions, 0) - coalesce(s.versions, 0) as more,
            coalesce(f.content, 0) - coalesce(s.content, 0) as content
        from (from sealed where not quiet) as s full join found_sums as f on s.bucket = f.bucket
        where (s.versions, s.content, s.begun, s.ended, s.current_rows, s.current_content)
            is distinct from
            (f.versions, f.content, f.begun, f.ended, f.current_rows, f.current_content)
            and coalesce(f.bucket, s.bucket) not in (select bucket from sealed where quiet)
            and (s.versions is not null or f.versions is not null))
    select case when more > 0 then 'added' when more < 0 then 'removed' else 'moved' end,
        d.bucket, v.row_id, v.valid_from_load, null, greatest(abs(more), 1)
    from differing as d
    left join (
        select substr(row_id, 1, 3) as bucket,
            try_cast('0x' || substr(content_hash, 1, 10) as bigint) as content,
            if(count(*) = 1, min(row_id), null) as row_id,
            if(count(*) = 1, min(valid_from_load), null) as valid_from_load
        from found_version group by 1, 2) as v
        on v.bucket = d.bucket and d.more = 1 and v.content = d.content
    where d.more <> 0 or d.bucket not in (select bucket from foreign_row)"""


def _read_versions(engine: Engine, target: Target, table: Table) -> None:
    """Make `found_version`: the versions of the buckets that are not quiet, with the hash of what
    they hold (`truth`).
    """
    names = ("row_id", "content_hash", "valid_from_load", "valid_to_load", *table.names)
    where = "1 = 1"
    if target.dialect == "postgresql":
        where = seals.asked(engine, "select bucket from sealed where not coalesce(quiet, false)")
    sql = (
        f"select {', '.join(target.text_sql(n) for n in names)} "  # noqa: S608
        f"from {target.name(table.name)} where {where}"
    )
    typed = ", ".join(
        f"try_cast({_unmarked(c.name)} as {DUCKDB[c.type]}) as {quote(c.name)}"
        for c in table.columns
    )
    # What is no value of its column's type is no value of ours.
    strange = " or ".join(
        f"try_cast({_unmarked(c.name)} as {DUCKDB[c.type]}) is null and {quote(c.name)} <> '-'"
        for c in table.columns
        if c.type != "text"
    )
    with target.stream(sql) as reader, engine.arrow("incoming", reader):
        engine.run(f"""
            create or replace table found_version as
            select row_id, content_hash, valid_from_load, valid_to_load,
                if(strange, md5('?'), {hash_sql(table.columns)}) as truth
            from (select {_unmarked("row_id")} as row_id,
                    {_unmarked("content_hash")} as content_hash,
                    cast({_unmarked("valid_from_load")} as bigint) as valid_from_load,
                    cast({_unmarked("valid_to_load")} as bigint) as valid_to_load,
                    {strange or "false"} as strange, {typed}
                from (select columns(*)::varchar from incoming))
            where {seals.BUCKET} not in (select bucket from sealed where quiet)""")  # noqa: S608


def _unmarked(column: str) -> str:
    return f"if(starts_with({quote(column)}, '='), substr({quote(column)}, 2), null)"
