"""The independent check: re-counts the live sources, re-reads the target, and compares both with
the books.

It shares no code with the stages that wrote what it judges. Each check is a query that returns
offenders; a check that cannot be made has not passed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from minns.config import Source
from minns.engine import Engine, literal, quote
from minns.model import BY_NAME, FACTS, KINDS, MEDICATION_GROUP, PERSON
from validation.books import Books, show
from validation.readback import kept_columns, read_back, typed_truth
from validation.reconcile import compare
from validation.recount import absolute_url, recount


@dataclass(frozen=True)
class Finding:
    """What one check saw: expected and found numbers, how many offend, and the file that points at
    them (None: no offenders, or none to point at).
    """

    check: str
    subject: str
    expected: int | None
    found: int | None
    offenders: int
    passed: bool
    severity: str = "error"
    pointers: str | None = None


@dataclass(frozen=True)
class Live:
    """What lies outside the work folder: the sources (paths from `root`) and the target."""

    sources: Sequence[Source]
    root: Path
    target_url: str
    schema: str | None = None


@dataclass(frozen=True)
class _Query:
    check: str
    subject: str
    expected: str
    found: str
    offenders: str


def check(books: Books, live: Live, engine: Engine, folder: Path) -> tuple[Finding, ...]:
    """Every check of the books against the live sources and the target as they are now.

    Pointers to offenders are written as Parquet files in `folder`, one for each check that has any.
    """
    folder.mkdir(parents=True, exist_ok=True)
    show(engine, books)
    counted = (*_counts(books, live, engine), *_contents(books, live, engine, folder))
    read_back(engine, absolute_url(live.target_url, live.root), live.schema)
    _prepare(engine)
    return (*counted, *(_judge(engine, query, folder) for query in _queries(books.sources)))


def _counts(books: Books, live: Live, engine: Engine) -> Iterator[Finding]:
    """Rows of the live source, of its landing's files and of its landing's manifest: all alike."""
    landed = {
        (source, table): int(rows)
        for source, table, rows in engine.rows(
            "select source, source_table, count(*) from landed group by all"
        )
    }
    for source in live.sources:
        for table, rows in sorted(recount(source, live.root).items()):
            found = landed.get((source.name, table), 0)
            manifest = books.landings[source.name].rows(table)
            passed = rows is not None and rows == found == manifest
            missing = abs(rows - found) if rows is not None else 0
            yield Finding(
                "source_rows_are_landed", f"{source.name}.{table}", rows, found, missing, passed
            )


def _contents(books: Books, live: Live, engine: Engine, folder: Path) -> Iterator[Finding]:
    """Every row of the live source says what it said when it was landed."""
    name = "source_rows_are_as_landed"
    for source in live.sources:
        for seen, offenders in compare(source, books.landings[source.name], live.root, engine):
            pointers = None
            if seen.rows:
                pointers = f"{name}-{seen.source}-{seen.table}.parquet"
                engine.copy(f"from ({offenders}) order by all", folder / pointers)
            yield Finding(
                name,
                f"{seen.source}.{seen.table}",
                seen.live,
                seen.landed,
                seen.rows,
                passed=seen.live == seen.landed and not seen.rows,
                pointers=pointers,
            )


def _prepare(engine: Engine) -> None:
    for table in (PERSON, *FACTS.values(), MEDICATION_GROUP):
        kept = ", ".join(quote(name) for name in kept_columns(table))
        engine.run(
            f"create or replace temp table {quote('wanted_' + table.name)} as "  # noqa: S608
            f"select {kept}, {typed_truth(table)} as truth "
            f"from {quote('desired_' + table.name)}"
        )
    engine.run(
        "create or replace temp table wanted_lineage as "  # noqa: S608
        "select source, source_table, row_key, kind, fact_id, "
        f"{typed_truth(BY_NAME['lineage'])} as truth from lineage"
    )
    facts = " union all ".join(
        f"select fact_id, {literal(kind)} as kind from {quote('target_' + kind)}"  # noqa: S608
        for kind in KINDS
    )
    engine.run(
        "create or replace temp table current_fact as "  # noqa: S608
        f"{facts} union all select person_id, 'patient' from target_person"
    )
    engine.run(
        "create or replace temp view reached as "
        "from target_lineage l semi join current_fact c using (fact_id, kind)"
    )
    engine.run(
        "create or replace temp table known_identity as "
        "select distinct source, local_patient_id from patient "
        "anti join held using (source, local_patient_id)"
    )


def _queries(sources: Sequence[str]) -> Iterator[_Query]:
    text = files("validation").joinpath("checks.sql").read_text(encoding="utf-8")
    listed = ", ".join(map(literal, sources))
    for part in text.split("-- check: ")[1:]:
        part = part.replace("{sources}", listed).strip().removesuffix(";")
        for kind in KINDS if "{kind}" in part else ("",):
            name, expected, found, offenders = part.replace("{kind}", kind).split("\n", 3)
            check_name, _, subject = name.partition(" of ")
            yield _Query(
                check_name,
                subject,
                expected.removeprefix("-- expected: "),
                found.removeprefix("-- found: "),
                offenders,
            )


def _judge(engine: Engine, query: _Query, folder: Path) -> Finding:
    expected, found = (int(engine.value(sql)) for sql in (query.expected, query.found))
    name = "-".join(filter(None, (query.check, query.subject)))
    path = folder / f"{name}.parquet"
    offenders = engine.copy(f"from ({query.offenders}) order by all", path)
    if not offenders:
        path.unlink()
    return Finding(
        query.check,
        query.subject,
        expected,
        found,
        offenders,
        passed=not offenders and expected == found,
        pointers=path.name if offenders else None,
    )
