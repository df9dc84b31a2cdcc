"""Seals: what each part of a record was when its last load ended, kept in the record itself.

A table is cut into buckets by the first digits of its row_id. A seal tells of a bucket how many
versions it held, the sums over their hashes and loads, and what of it was true. Where the database
marks every row with the transaction that wrote it (PostgreSQL), it holds the sum of these marks
too. A bucket whose marks sum up as sealed was touched by nobody: its content is known without
reading it, and it is called quiet. All others are read.
"""

from collections.abc import Iterable

import pyarrow as pa

from load.relational import Target
from minns.engine import Engine, literal

#: A row's bucket: 4096 of them.
BUCKET = "substr(row_id, 1, 3)"
#: A hash as a number. Forty bits, so that the sum of millions is still a whole one.
_HASH = "coalesce(try_cast('0x' || substr(content_hash, 1, 10) as bigint), 0)"
_POSTGRES_HASH = "('x' || substr(content_hash, 1, 10))::bit(40)::bigint"
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
_MARKS = "sum(xmin::text::bigint)"
#: When more buckets than these are asked for, the whole table is read.
NAMED = 1500


def sums_sql(versions: str) -> str:
    """DuckDB SQL of the sums over versions (row_id, content_hash and loads), by bucket."""
    return _by_bucket(_HASH, "cast(0 as bigint)", versions)


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


_VERSION = "row_id varchar, content_hash varchar, valid_from_load bigint, valid_to_load bigint"
_SEAL = "bucket varchar, " + ", ".join(f"{name} bigint" for name in (*SUMS, "marks"))


def probe(engine: Engine, target: Target, table: str) -> None:
    """Make `sealed`: the seals of a table, and which of them are `quiet`."""
    engine.run(f"create or replace table sealed_bucket ({_SEAL})")
    if target.is_sealed():
        names = ", ".join(["bucket", *SUMS, "marks"])
        name = target.name("seal")
        sql = f"select {names} from {name} where table_name = {literal(table)}"  # noqa: S608
        take(engine, target, sql, "sealed_bucket", _SEAL)
    quiet, join = ("true" if target.untouched else "false"), ""
    if target.dialect == "postgresql" and not target.untouched:
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
    if target.untouched:
        return
    if target.dialect != "postgresql" or engine.value(
        "select count(*) from sealed where not quiet"
    ):
        target.unquiet.add(table)


def seal(
    engine: Engine,
    target: Target,
    tables: Iterable[str],
    *,
    before: int | None = None,
) -> pa.Table:
    """The seals of tables as they stand now in the target.

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
    return engine.connection.sql(
        "select * from new_seal order by table_name, bucket"
    ).to_arrow_table()


def asked(engine: Engine, buckets: str) -> str:
    """A condition of SQL for the rows of the buckets that a query of the session tells; when they
    are many, for all rows.
    """
    names = [row[0] for row in engine.rows(buckets)]
    if len(names) > NAMED:
        return "true"
    return f"{BUCKET} in ({', '.join(map(literal, names)) or 'null'})"
