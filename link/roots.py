"""Numbers that are one person's: what documented changes and registers tie together."""

from importlib.resources import files

from link.clusters import components
from link.settings import LinkModel
from minns.codes import NATIONAL_RESERVE
from minns.engine import Engine, literal


def sql(name: str) -> str:
    """A text of this stage."""
    return files("link").joinpath(name).read_text(encoding="utf-8")


def root_numbers(engine: Engine, model: LinkModel) -> None:
    """Reads `standard`, `register_link`; writes `root`, one row for each identity with its
    numbers as integers and what they count as, `short_number`, and `false_number`.
    """
    text = sql("roots.sql").replace("$national_reserve", literal(NATIONAL_RESERVE.oid))
    engine.run(text.replace("$shared_number_max", str(model.shared_number_max)))
    components(engine, "number_node", "number_edge", "number_group")
    engine.run(sql("rooted.sql"))
