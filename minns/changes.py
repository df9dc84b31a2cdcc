"""Which ids changed since a run, for the systems that hold them: as CSV, as HL7 v2, as a table.

The registry's segments tell it: one for each cutover that placed an identity anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minns import adt
from minns.engine import Engine, literal
from minns.errors import ConfigError
from minns.identity import registry
from minns.inquiry import exported, records
from minns.runner import Runner
from minns.site import Site

_CHANGES = """
select event, source, local_patient_id as local_id, earlier_person_id as old_person,
    person_id as new_person, wave
from registry_event where segment >= {first} order by segment, sequence
"""
#: Where every identity stood before a segment, and where after it.
_PLACES = """
create or replace table {name} as
with last_event as (
    from registry_event where segment <= {segment}
    qualify row_number() over (
        partition by source, local_patient_id order by segment desc, sequence desc) = 1
)
select source, local_patient_id, person_id from last_event where event <> 'withdrawn'
"""
#: New persons first, then merges, then lists that changed, then persons who left with a wave: what
#: a message names is known by then.
_MESSAGES = """
with told as (from registry_event where segment = {segment}),
alive as (
    select person_id,
        list({{source: source, id: local_patient_id}} order by source, local_patient_id) as ids
    from after_it group by person_id
),
known as (select distinct person_id from before_it),
touched as (select person_id from told union select earlier_person_id from told)
select 1 as place, 'A28' as trigger, person_id, ids, null as prior
from alive semi join touched using (person_id) anti join known using (person_id)
union all
select distinct 2, 'A40', person_id, [], earlier_person_id
from told where event = 'merged' and earlier_person_id not in (select person_id from alive)
union all
select 3, 'A31', person_id, ids, null
from alive semi join touched using (person_id) semi join known using (person_id)
union all
select distinct 4, 'A29', person_id, [], null
from told where event = 'withdrawn' and person_id not in (select person_id from alive)
order by place, person_id, prior
"""


@dataclass(frozen=True)
class Segment:
    """One segment of the registry: its number, and when the ledger took it in."""

    number: int
    moment: str


def segments(site: Site, since: str | None) -> list[Segment]:
    """The registry's segments that came after a run; without one, all."""
    after = 0
    if since is not None:
        of_run = site.ledger.entries(run_id=since)
        if not of_run:
            raise ConfigError(
                f"a run named '{since}'",
                found="none in the ledger",
                do="'minns status' lists runs.",
            )
        after = of_run[-1].sequence
    return [
        Segment(e.body["segment"], e.moment)
        for e in site.ledger.entries("registry")
        if e.sequence > after
    ]


def changes(
    site: Site, since: str | None, csv: Path | None = None, hl7: Path | None = None
) -> dict[str, Any]:
    """How many ids changed since a run; the changes go to CSV and HL7 v2 files where asked for,
    else they are listed.
    """
    found = segments(site, since)
    with Runner(site.project, site.store).engine() as engine:
        registry(site, engine)
        # no segment has this number: nothing came after the run
        query = _CHANGES.format(first=found[0].number if found else "9e18")
        if csv is not None:
            with exported(csv) as path:
                engine.run(
                    f"copy ({query}) to {literal(str(path))} (format csv, header, quote '\"')"
                )
        if hl7 is not None:
            with exported(hl7) as path, path.open("w", encoding="utf-8", newline="") as file:
                moment = found[-1].moment if found else None
                file.writelines(adt.file(_batches(engine, found), moment))
        listed = {} if csv or hl7 else {"events": records(engine, query)}
        count = int(engine.value(f"select count(*) from ({query})"))  # noqa: S608
        files = [str(path) for path in (csv, hl7) if path is not None]
        return {"segments": len(found), "changes": count, "files": files, **listed}


def _batches(engine: Engine, found: list[Segment]) -> Iterator[Iterator[str]]:
    for segment in found:
        for name, until in (("before_it", segment.number - 1), ("after_it", segment.number)):
            engine.run(_PLACES.format(name=name, segment=until))
        yield adt.batch(_told(engine, segment.number), segment.number, segment.moment)


def _told(engine: Engine, segment: int) -> Iterator[adt.Change]:
    for rows in engine.batches(_MESSAGES.format(segment=segment)):
        for row in rows.to_pylist():
            ids = tuple((each["source"], each["id"]) for each in row["ids"])
            yield adt.Change(row["trigger"], row["person_id"], ids, row["prior"])
