"""Seals: what each part of a record was when its last load ended, kept in the record itself.

A table is cut into buckets by the first digits of its row_id. A seal tells of a bucket how many
versions it held, the sums over their hashes and loads, and what of it was true. Where the database
marks every row with the transaction that wrote it (PostgreSQL), it holds the sum of these marks
too. A table or bucket whose marks sum up as sealed was touched by nobody: its content is known
without reading it, and it is called quiet. All others are read.
"""

from collections.abc import Iterable

import pyarrow as pa

from load.relational import Target
from minns.engine import Engine, literal

#: A row's bucket: 4096 of them.
BUCKET = "substr(row_id, 1, 3)"
#: What a seal tells of its bucket.
_SUMS = {
    "versions": "count(*)",
    "content": "sum({hash})",
    "begun": "sum(valid_from_load)",
    "ended": "sum(coalesce(valid_to_load, 0))",
    "current_rows": "sum(case when valid_to_load is null then 1 else 0 end)",
    "current_content": "sum(case when valid_to_load is null then {hash} else 0 end)",
}
SUMS = tuple(_SUMS)
_POSTGRES_HASH = "('x' || substr(content_hash, 1, 10))::bit(40)::bigint"
_MARKS = "sum(xmin::text::bigint)"
_SEAL = "bucket varchar, " + ", ".join(f"{name} bigint" for name in (*SUMS, "marks"))
_VERSION = "row_id varchar, content_hash varchar, valid_from_load bigint, valid_to_load bigint"
#: When more buckets than these are asked for, the whole table is read.
NAMED = 1500


def hashed(column: str) -> str:
    """DuckDB SQL of a hash as a number. Forty bits, so that the sum of millions is still a whole
    one.
    """
    return f"coalesce(try_cast('0x' || substr({column}, 1, 10) as bigint), 0)"


def sums_sql(versions: str) -> str:
    """DuckDB SQL of the sums over versions (row_id, content_hash and loads), by bucket."""
    return _by_bucket(hashed("content_hash"), "cast(0 as bigint)", versions)


def _by_bucket(number: str, marks: str, versions: str) -> str:
    sums = {name: sql.format(hash=number) for name, sql in _SUMS.items()} | {"marks": marks}
    listed = ", ".join(f"cast({sql} as bigint) as {name}" for name, sql in sums.items())
    return f"select {BUCKET} as bucket, {listed} from {versions} group by 1"  # noqa: S608


def take(engine: Engine, target: Target, sql: str, name: str, columns: str) -> None:
    """Make the table `name` in the session, of what a query finds in the target."""
    engine.run(f"create or replace table {name} ({columns})")
    listed = ", ".join(
        "cast({} as {})".format(*column.split(maxsplit=1)) for column in columns.split(", ")
    )
    with target.stream(sql) as reader, engine.arrow("incoming", reader):
        engine.run(f"insert into {name} select {listed} from incoming")  # noqa: S608


def take_sealed(engine: Engine, target: Target, table: str) -> None:
    """Make `sealed_bucket`: the seals of a table."""
    engine.run(f"create or replace table sealed_bucket ({_SEAL})")
    if target.is_sealed():
        names = ", ".join(["bucket", *SUMS, "marks"])
        name = target.name("seal")
        sql = f"select {names} from {name} where table_name = {literal(table)}"  # noqa: S608
        take(engine, target, sql, "sealed_bucket", _SEAL)


def is_quiet(target: Target, table: str) -> bool:
    """Whether nobody has touched a table since it was sealed. Asked of the database once, until
    the table is written to from here.
    """
    if table in target.quiet:
        return True
    if table not in target.unquiet and _adds_up(target, table):
        target.quiet.add(table)
        return True
    target.unquiet.add(table)
    return False


def _adds_up(target: Target, table: str) -> bool:
    name = target.name(table)
    if not target.is_sealed():
        return not target.holds(f"select 1 from {name} limit 1")  # noqa: S608
    found = f"select count(*) as n, coalesce({_MARKS}, 0) as m from {name}"  # noqa: S608
    if target.dialect != "postgresql":
        # Nothing marks its rows: only a table without any is known.
        found = (  # a derived table wants a name
            f"select count(*) as n, count(*) as m from (select 1 from {name} limit 1) s"  # noqa: S608
        )
    sealed = (
        "select coalesce(sum(versions), 0) as n, coalesce(sum(marks), 0) as m, "  # noqa: S608
        f"coalesce(min(marks), 0) as low from {target.name('seal')} "
        f"where table_name = {literal(table)}"
    )
    return target.holds(
        f"select 1 from ({found}) f, ({sealed}) s "  # noqa: S608
        "where f.n = s.n and f.m = s.m and s.low >= 0"
    )


def probe(engine: Engine, target: Target, table: str) -> None:
    """Make `sealed`: the seals of a table, and which of them are `quiet`."""
    take_sealed(engine, target, table)
    all_quiet, quiet, join = is_quiet(target, table), "false", ""
    if all_quiet:
        quiet = "true"
    elif target.dialect == "postgresql":
        found = (
            f"select {BUCKET} as bucket, count(*) as versions, {_MARKS}::bigint as marks "  # noqa: S608
            f"from {target.name(table)} group by 1"
        )
        take(engine, target, found, "found_bucket", "bucket varchar, versions bigint, marks bigint")
        quiet = "coalesce(s.versions = f.versions and s.marks = f.marks, false)"
        join = "full join found_bucket as f using (bucket)"
    sums = ", ".join(f"s.{name}" for name in SUMS)
    engine.run(
        f"create or replace table sealed as select bucket, {sums}, {quiet} as quiet "  # noqa: S608
        f"from sealed_bucket as s {join}"
    )


def seal(
    engine: Engine,
    target: Target,
    tables: Iterable[str],
    *,
    before: int | None = None,
) -> pa.Table:
    """The seals of tables as they are read from the target.

    `before`: later loads are in in part. They are no part of the seals, which then have no marks.
    """
    engine.run(f"create or replace table new_seal (table_name varchar, {_SEAL})")
    for table in tables:
        if target.dialect == "postgresql" and before is None:
            sql = _by_bucket(_POSTGRES_HASH, _MARKS, target.name(table))
            take(engine, target, sql, "seal_now", _SEAL)
        else:
            names = "row_id, content_hash, valid_from_load, valid_to_load"
            sql = f"select {names} from {target.name(table)}"  # noqa: S608
            take(engine, target, sql, "version_now", _VERSION)
            if before is not None:
                engine.run("delete from version_now where valid_from_load > ?", [before])
                engine.run(
                    "update version_now set valid_to_load = null where valid_to_load > ?", [before]
                )
            engine.run(f"create or replace table seal_now as {sums_sql('version_now')}")
            if before is not None:
                engine.run("update seal_now set marks = -1")
        engine.run(f"insert into new_seal select {literal(table)}, * from seal_now")  # noqa: S608
    return _sealed(engine)


def advance(engine: Engine, target: Target, tables: Iterable[str], load_id: int) -> pa.Table:
    """The seals of quiet tables that a load changes: what they were, and what the load did to them.

    Nothing is read for them but the seals before. What others write during the load is so no part
    of them, and shows. In the session: the views `done_<table>` of the changes (row_id, change,
    held and wanted hash), and `load_mark` (load.apply).
    """
    engine.run(f"create or replace table new_seal (table_name varchar, {_SEAL})")
    for table in tables:
        take_sealed(engine, target, table)
        listed = ", ".join(
            f"cast(coalesce(s.{name}, 0) + coalesce(d.{name}, 0) as bigint)" for name in SUMS
        )
        engine.run(
            f"""
            insert into new_seal
            with done as (
                select {BUCKET} as bucket,
                    countif(change <> 'closed') as versions,
                    sum({hashed("wanted")}) as content,
                    countif(change <> 'closed') * {int(load_id)} as begun,
                    countif(change <> 'added') * {int(load_id)} as ended,
                    countif(change = 'added') - countif(change = 'closed') as current_rows,
                    sum({hashed("wanted")}) - sum({hashed("held")}) as current_content
                from done_{table} group by 1),
            marked as (
                select bucket, sum(marks) as marks from load_mark
                where table_name = {literal(table)} group by 1)
            select {literal(table)}, bucket, {listed},
                cast(coalesce(s.marks, 0) + coalesce(m.marks, 0) as bigint)
            from done as d left join sealed_bucket as s using (bucket)
            left join marked as m using (bucket)"""  # noqa: S608
        )
    return _sealed(engine)


def _sealed(engine: Engine) -> pa.Table:
    return engine.connection.sql(
        "select * from new_seal order by table_name, bucket"
    ).to_arrow_table()


def asked(engine: Engine, buckets: str) -> str:
    """A condition of SQL for the rows of the buckets that a query of the session tells; when they
    are many, for all rows.
    """
    names = [row[0] for row in engine.rows(buckets)]
    if len(names) > NAMED:
        return "1 = 1"
    return f"{BUCKET} in ({', '.join(map(literal, names)) or 'null'})"
