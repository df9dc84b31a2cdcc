"""Quarantined rows through the mapping as it is now: which ones would be free."""

from collections.abc import Sequence
from typing import Any

import extract
from minns.inquiry import newest_run, records
from minns.model import QUARANTINE
from minns.pipeline import shape_source
from minns.quarantine.waiting import shaped, view
from minns.runner import Nobody, Runner, Watch
from minns.site import Site
from minns.store import Dataset

_CHANGE = f"""
with before as (select * from before semi join sources using (source)), told as (
    select coalesce(b.source, a.source) as source,
        coalesce(b.source_table, a.source_table) as source_table,
        coalesce(b.kind, a.kind) as kind, coalesce(b.rule, a.rule) as rule,
        b.source is not null as was, a.source is not null as stays
    from before as b full join after as a using ({", ".join(QUARANTINE.key)})
)
select source, source_table as "table", kind, rule,
    count(*) filter (was) as before, count(*) filter (was and not stays) as solved,
    count(*) filter (was and stays) as persisting, count(*) filter (stays and not was) as new
from told group by all order by source, "table", kind, rule
"""  # noqa: S608


def replay(
    site: Site, sources: Sequence[str] = (), *, land: bool = False, watch: Watch | None = None
) -> list[dict[str, Any]]:
    """Shape sources again and compare with the newest run: for each table, kind and rule the rows
    that were in quarantine, that are solved, that persist, and that are new there.

    `sources`: none means all of the newest run. `land`: read them again first, for a cause that was
    mended at the source; else the newest run's rows are taken. What was made is found again by the
    next run, which is what brings freed rows into the record.
    """
    run = newest_run(site)
    before = shaped(run)
    chosen = list(sources) or list(before)
    runner, after = Runner(site.project, site.store, watch or Nobody()), {}
    with site.locked():
        for name in chosen:
            landing = None if land else run.tables.get(f"land-{name}")
            after[name] = _shaped(site, runner, name, landing)
    with runner.engine() as engine:
        view(engine, "before", before)
        view(engine, "after", after)
        engine.run("create or replace temp table sources (source varchar)")
        engine.connection.executemany("insert into sources values (?)", [[n] for n in chosen])
        return records(engine, _CHANGE)


def _shaped(site: Site, runner: Runner, name: str, landing: Dataset | None) -> Dataset:
    if landing is None:
        return shape_source(site, runner, name)
    runner.tables[f"land-{name}"] = landing
    runner.run(extract.steps(site.source(name), site.mapping_folder(name), landing))
    return runner.tables[f"shape-{name}"]
