"""The linkage model in force: its version, and what its training found."""

from typing import Any

from minns.errors import ConfigError
from minns.frozen import FROZEN, in_force
from minns.inquiry import past_run
from minns.runner import Runner
from minns.site import Site

_MODELS = (FROZEN, "link-model")


def training(site: Site, wave: str | None = None) -> dict[str, Any]:
    """The findings of the training behind the last finished run: subject, level, finding, value.

    Raises `ConfigError` when no run is there.
    """
    run = past_run(site, wave)
    name = next((n for n in _MODELS if n in run.tables), None)
    if name is None:
        raise ConfigError(
            "a trained linkage model", found=f"none in the run {run.run_id}", do="Run a wave first."
        )
    entry = in_force(site)
    with Runner(site.project, site.store).engine() as engine:
        engine.view("training", run.tables[name].parts("training"))
        engine.view("parameter", run.tables[name].parts("parameter"))
        columns = ("subject", "level", "finding", "value")
        rows = engine.rows("select subject, level, finding, value from training order by all")
        prior = engine.value("select m from parameter where comparison = 'prior'")
    return {
        "run": run.run_id,
        "frozen": name == FROZEN,
        "version": entry.body["version"] if entry else None,
        "prior": prior,
        "findings": [dict(zip(columns, row, strict=True)) for row in rows],
    }
