"""Numbers that are one person's: what documented changes and registers tie together."""

from importlib.resources import files

from link.clusters import components
from link.settings import LinkModel
from minns.codes import macros
from minns.engine import Engine

#: Letters of reserve numbers that begin with a date, and so have a century.
_DATED = "('K', 'M', 'X', 'J', 'L', 'N', 'R', 'S', 'T', 'U', 'W')"


def sql(name: str) -> str:
    """A text of this stage."""
    return files("link").joinpath(name).read_text(encoding="utf-8")


def root_numbers(engine: Engine, model: LinkModel) -> None:
    """Reads `standard`, `register_link`; writes `root`, one row for each identity with its
    numbers as integers and what they count as, `short_number`, and `false_number`.
    """
    _register_keys(engine)
    text = sql("roots.sql").replace("$shared_number_max", str(model.shared_number_max))
    engine.run(text.replace("$dated", _DATED))
    components(engine, "number_node", "number_edge", "number_group")
    engine.run(sql("rooted.sql"))


def _register_keys(engine: Engine) -> None:
    """Make `register_key`: the numbers of each documented change, as they count."""
    if engine.value("select count(*) from register_link"):
        engine.run(macros())
        engine.run(sql("registered.sql"))
    else:
        columns = "line bigint, link_kind varchar, side varchar, number_key varchar"
        engine.run(f"create or replace table register_key ({columns})")
