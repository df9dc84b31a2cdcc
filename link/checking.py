"""Whether a model's SQL can be run at all: tried on no identities before any work is done."""

import duckdb

from link.faces import compared, widened
from link.sections import LinkModel
from link.weights import level_sql
from minns.engine import quote
from minns.model import DUCKDB
from minns.model.linkage import STANDARD


def trouble(model: LinkModel, macros: str) -> tuple[str, str] | None:
    """The first part of the model that cannot be run, and why; None when all can.

    `macros`: SQL that makes the macros of conditions known.
    """
    columns = ", ".join(f"{quote(c.name)} {DUCKDB[c.type]}" for c in STANDARD.columns)
    with duckdb.connect() as connection:
        connection.execute(f"create table standard ({columns}); {macros}")
        for part, sql in _tries(model):
            try:
                connection.execute(sql)
            except duckdb.Error as error:
                return part, str(error).partition("\n")[0]
    return None


def _tries(model: LinkModel) -> list[tuple[str, str]]:
    facts = [fact for fact in (model.decided, model.firm) if fact]
    tries = [
        ("columns or traits", f"create view wide as {widened(model, 'standard')}"),
        ("decided or firm", f"select {', '.join(facts) or 'id'} from wide"),  # noqa: S608
    ]
    for name, shared in model.shared.items():
        listed = ", ".join(map(quote, (*shared.columns, shared.counted or "id")))
        tries.append((f"shared.{name}", f"select {listed} from wide"))  # noqa: S608
    for blocking in model.blocking:
        rule = f"select 1 from wide l join wide r on {blocking.rule}"  # noqa: S608
        tries.append((f"blocking '{blocking.rule}'", rule))
    shared_columns = "".join(f", 0 as shared_{name}" for name in model.shared)
    listed = ", ".join(
        f"{side}.{quote(c)} as {quote(f'{c}_{side}')}" for c in compared(model) for side in "lr"
    )
    listed = listed or "l.id"
    face = f"(select *{shared_columns} from wide)"  # noqa: S608
    pair = f"(select {listed} from {face} l, {face} r)"  # noqa: S608
    for comparison in model.comparisons:
        sql = f"select {level_sql(comparison)} from {pair}"  # noqa: S608
        tries.append((f"comparison '{comparison.name}'", sql))
    frequencies = ", ".join(map(quote, model.frequencies)) or "id"
    return [*tries, ("frequency_of", f"select {frequencies} from wide")]  # noqa: S608
