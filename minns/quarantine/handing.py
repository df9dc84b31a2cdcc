"""Rows that wait, as a file for whoever mends the source."""

from pathlib import Path

from minns.engine import Engine, literal
from minns.errors import ConfigError
from minns.inquiry import PastRun, exported, newest_run
from minns.quarantine.waiting import Asked, waiting
from minns.runner import Runner
from minns.site import Site

KIND = "quarantine_exported"


def export(site: Site, path: Path, asked: Asked, *, values: bool, by: str) -> int:
    """Write rows that wait to a CSV file (UTF-8): pointer, kind, rule, field, since; gives rows.

    `values`: what the row says as well, as it was landed; for one table of one source. That is
    patients' data, so that who took it and how much is written to the ledger.
    """
    run = newest_run(site)
    with Runner(site.project, site.store).engine() as engine:
        waiting(site, engine, None)
        said = _landed(engine, run, asked) if values else ""
        with exported(path) as aside:
            rows = engine.value(
                f"copy (select w.*{', l.* exclude (_row_key)' if said else ''} "  # noqa: S608
                f"from (select * from waiting where {asked.where()}) as w {said}"
                "order by w.source, w.source_table, w.row_key, w.kind, w.rule) "
                f"to {literal(str(aside))} (format csv, header)"
            )
    told = {"source": asked.source, "table": asked.table, "rule": asked.rule}
    site.ledger.append("", KIND, {**told, "rows": rows, "values": values, "by": by})
    return int(rows)


def _landed(engine: Engine, run: PastRun, asked: Asked) -> str:
    """A join to the landed table `_landed`."""
    landing = run.tables.get(f"land-{asked.source}")
    if landing is None or asked.table not in landing.tables:
        raise ConfigError(
            "one table of one source, to write what its rows say",
            found=f"{asked.source or 'all sources'} and {asked.table or 'all tables'}",
            do="Name them with --source and --table, or leave --values out.",
        )
    engine.view("_landed", landing.parts(asked.table))
    columns = "* exclude (_row_hash)"
    return f"left join (select {columns} from _landed) as l on l._row_key = w.row_key "  # noqa: S608
