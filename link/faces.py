"""What of an identity is compared: the columns that a model names, with how common its values are.

A face is a row of `standard` cut down to that. Identities that no score may link have none.
"""

import re
from collections.abc import Iterable
from importlib.resources import files

from link.kinds import columns_sql
from link.sections import Blocking, LinkModel
from minns.engine import Engine, literal, quote
from minns.model.linkage import STANDARD

_OF_PAIR = re.compile(r"\b([a-z_][a-z0-9_]*)_[lr]\b")


def load_comparisons(engine: Engine) -> None:
    """Make the macros of the models' conditions known in a session."""
    engine.run(files("link").joinpath("compare.sql").read_text(encoding="utf-8"))


_OF_SIDE = re.compile(r"\b[lr]\.([a-z_][a-z0-9_]*)")


def compared(model: LinkModel) -> tuple[str, ...]:
    """The columns that the model's comparisons name, without the _l and _r of a pair."""
    levels = [level.condition for c in model.comparisons for level in c.levels]
    named = _OF_PAIR.findall(" ".join([*levels, *(c.unknown for c in model.comparisons)]))
    shared = {f"shared_{name}" for name in model.shared}
    return tuple(sorted({*named, *model.frequencies} & (_known(model) | shared)))


def needed(model: LinkModel) -> tuple[str, ...]:
    """The columns of a widened table that the model's comparisons and rules name."""
    rules = (column for blocking in model.blocking for column in named(blocking))
    shared = (c for s in model.shared.values() for c in (*s.columns, s.counted or ""))
    return tuple(sorted({*rules, *compared(model), *shared} & _known(model)))


def named(blocking: Blocking) -> set[str]:
    """The columns that a rule names."""
    return set(_OF_SIDE.findall(blocking.rule))


def _known(model: LinkModel) -> set[str]:
    traits = (f"trait_{name}" for name in model.traits)
    return {*STANDARD.names, *model.columns, *traits} - {"id"}


def widened(model: LinkModel, view: str) -> str:
    """A query for the identities in `view` that a score may link, with the model's own columns."""
    traits = [(name, trait.kind, trait.key or name) for name, trait in model.traits.items()]
    read = "".join(f", {item}" for item in columns_sql(traits))
    more = "".join(f", {sql} as {quote(name)}" for name, sql in model.columns.items())
    return f"select *{more} from (select *{read} from {view} where not unlinkable)"  # noqa: S608


def hashed(column: str) -> str:
    """SQL: a number that stands for a value; empty for none."""
    return hashed_sql(quote(column))


def hashed_sql(value: str) -> str:
    """SQL: a number that stands for what an expression gives; empty for nothing."""
    return f"case when ({value}) is not null then hash({value}) end"


def combined(numbers: Iterable[str]) -> str:
    """SQL: one number that stands for several; empty when one of them is."""
    listed = list(numbers)
    if len(listed) == 1:
        return listed[0]
    whole = " and ".join(f"{n} is not null" for n in listed)
    return f"case when {whole} then hash({', '.join(listed)}) end"


def count_shared(engine: Engine, model: LinkModel, keys: str, asked: str | None = None) -> None:
    """Make tables of_<name> (key, shared): values that many share, and some of `asked` have.

    `keys` and `asked` are tables or queries with columns share_<name> and count_<name>, numbers
    for values; no `asked`: all values.
    """
    for name, shared in model.shared.items():
        key = f"share_{name}"
        counted = f"count(distinct count_{name})" if shared.counted else "count(*)"
        within = f"{key} is not null"
        if asked:
            within = f"{key} in (select {key} from {asked})"  # noqa: S608
        # a first, cheap count leaves few values to count in earnest
        often = (
            f"select {key} from {keys} where {within}"  # noqa: S608
            f" group by {key} having count(*) > {shared.over}"
        )
        engine.run(
            f"create or replace table {quote(f'of_{name}')} as select {key} as key,"  # noqa: S608
            f" cast({counted} as integer) as shared from {keys} where {key} in ({often})"
            f" group by {key} having {counted} > {shared.over}"
        )


def shares_sql(model: LinkModel) -> list[str]:
    """SELECT items over a widened table: share_<name> and count_<name>."""
    items = []
    for name, shared in model.shared.items():
        items.append(f"{combined(map(hashed, shared.columns))} as share_{name}")
        if shared.counted:
            items.append(f"{hashed(shared.counted)} as count_{name}")
    return items


def faces_sql(
    model: LinkModel, table: str, *, more: Iterable[str] = (), frequencies: bool = True
) -> str:
    """A query for the faces of `table`, a widened one: id, what is compared, `more` columns, and
    tf_<column>: how common its value is; one that was never seen counts as the rarest.
    """
    own = (*more, *(c for c in compared(model) if not c.startswith("shared_")))
    listed = [f"f.{quote(c)}" for c in own]
    joins = []
    for name in model.shared:
        alias = quote(f"of_{name}")
        listed.append(f"{alias}.shared as {quote(f'shared_{name}')}")
        joins.append(f" left join {alias} on {alias}.key = f.share_{name}")
    for trait in model.frequencies if frequencies else ():
        alias = quote(f"how_{trait}")
        seen = f"(select value, share from frequency where trait = {literal(trait)})"  # noqa: S608
        listed.append(
            f"case when f.{quote(trait)} is not null then coalesce({alias}.share,"  # noqa: S608
            f" (select min(share) from {seen})) end as {quote(f'tf_{trait}')}"
        )
        joins.append(f" left join {seen} {alias} on {alias}.value = f.{quote(trait)}")
    shares = "".join(f", {item}" for item in shares_sql(model))
    return (
        f"select f.id, {', '.join(listed)} from (select *{shares} from {table}) f{''.join(joins)}"  # noqa: S608
    )
