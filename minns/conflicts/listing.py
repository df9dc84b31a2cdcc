"""The list that a clinician works through: patient by patient, the most dangerous first."""

from dataclasses import dataclass
from typing import Any

from minns.conflicts.judging import pending
from minns.disputes import danger, said
from minns.engine import Engine
from minns.errors import ConfigError
from minns.inquiry import records
from minns.model import CONFLICT, KINDS
from minns.recorded import Record, note_reading, person_of, recorded
from minns.runner import Runner
from minns.site import Site
from minns.translation import catalogue

STATES = ("open", "settled", "all")
#: Kinds whose disputes are dangerous only while a side is active.
_ACTIVE = ("alert", "medication")


@dataclass(frozen=True)
class Asked:
    """Which conflicts are asked for, and which page of them."""

    person: str | None = None
    kind: str | None = None
    rule: str | None = None
    state: str = "open"
    page: int = 1
    size: int = 50


def conflicts(
    site: Site, asked: Asked, language: str, *, rehearsal: bool = False, by: str | None = None
) -> dict[str, Any]:
    """One page of the conflicts of a record; pointers and rules, no value of a patient."""
    _refuse(asked)
    with recorded(site, rehearsal=rehearsal) as record:
        person = person_of(record, asked.person) if asked.person else None
        if person is not None:
            note_reading(site, record, person, "conflicts", by)
        with Runner(site.project, site.store).engine() as engine:
            _open(engine, record)
            found = _page(engine, asked, person)
            total, persons = engine.rows("select count(*), count(distinct person_id) from asked")[0]
    judged = pending(site)
    lines = [_line(row, judged, language) for row in found]
    pages = max(1, -(-total // asked.size))
    head = {"record": record.shown, "total": total, "persons": persons}
    return {**head, "page": asked.page, "pages": pages, "conflicts": lines}


def _refuse(asked: Asked) -> None:
    if asked.state not in STATES:
        raise ConfigError(
            f"one of {', '.join(STATES)}", found=f"'{asked.state}'", do="Choose with --state."
        )
    kinds = ("patient", *KINDS)
    if asked.kind is not None and asked.kind not in kinds:
        raise ConfigError(
            f"one of {', '.join(kinds)}", found=f"'{asked.kind}'", do="Choose with --kind."
        )


def _open(engine: Engine, record: Record) -> None:
    """Make `conflict` (with `active`: whether a side is an active fact) and `danger`."""
    columns = ", ".join(CONFLICT.names)
    sql = f"select {columns} from {record.name('conflict')}"  # noqa: S608
    with record.target.stream(sql) as reader, engine.arrow("held", reader):
        # SQLite tells no type of a column that is empty throughout.
        typed = ", ".join(f"cast({name} as varchar) as {name}" for name in CONFLICT.names)
        engine.run(f"create table found as select {typed} from held")  # noqa: S608
    sides = " union ".join(
        f"select {side} from {record.name('conflict')}"  # noqa: S608
        for side in ("fact_id", "other_fact_id")
    )
    active = " union all ".join(
        f"select fact_id from {record.name(kind)} "  # noqa: S608
        f"where status = 'active' and fact_id in ({sides})"
        for kind in _ACTIVE
    )
    with record.target.stream(active) as reader, engine.arrow("held", reader):
        engine.run(
            "create table active_fact as select cast(fact_id as varchar) as fact_id from held"
        )
    listed = ", ".join(f"'{kind}'" for kind in _ACTIVE)
    engine.run(f"""
        create table conflict as
        select *, kind not in ({listed}) or fact_id in (from active_fact)
            or other_fact_id in (from active_fact) as active
        from found""")  # noqa: S608
    engine.run("create table danger (rule varchar, active boolean, level integer)")
    for rule, is_active in engine.rows("select distinct rule, active from conflict order by all"):
        level = danger(rule, active=is_active).level
        engine.run("insert into danger values (?, ?, ?)", [rule, is_active, level])


def _page(engine: Engine, asked: Asked, person: str | None) -> list[dict[str, Any]]:
    """The page's conflicts: persons by their worst open conflict, then each one's own by danger."""
    engine.run(
        """
        create table asked as
        select c.*, d.level from conflict as c join danger as d using (rule, active)
        where person_id = coalesce($1, person_id) and kind = coalesce($2, kind)
            and rule = coalesce($3, rule) and ($4 = 'all' or state = $4)""",
        [person, asked.kind, asked.rule, asked.state],
    )
    return records(
        engine,
        """
        with worst as (
            select person_id, min(level) filter (state = 'open') as level,
                count(*) filter (state = 'open') as open
            from asked group by person_id
        )
        select a.* from asked as a join worst as w using (person_id)
        order by w.level nulls last, w.open desc, person_id, a.state, a.level, a.kind, a.rule,
            a.conflict_id
        limit $1 offset $2""",
        [asked.size, asked.size * (asked.page - 1)],
    )


def _line(row: dict[str, Any], judged: dict[tuple[str, str], str], language: str) -> dict[str, Any]:
    level = danger(row["rule"], active=row["active"])
    waits = judged.get((row["conflict_id"], row["evidence_hash"]))
    known = row["verdict"] or "withdrawn"
    return {
        "conflict": row["conflict_id"],
        "person": row["person_id"],
        "danger": level.level,
        "class": catalogue("minns", language).gettext(level.name),
        "kind": row["kind"],
        "rule": row["rule"],
        "what": said(row["rule"], language),
        "field": row["field"],
        "state": row["state"],
        "verdict": row["verdict"],
        "settled_by": row["settled_by"],
        "settled_at": row["settled_at"],
        "next_run": waits if waits is not None and waits != known else None,
    }
