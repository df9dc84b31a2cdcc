"""What of an identity is compared: the columns that a model names, with how common its values are.

A face is a row of `standard` cut down to that. Identities that no score may link have none.
"""

import re
from collections.abc import Iterable
from importlib.resources import files

from link.kinds import columns_sql
from link.sections import LinkModel
from minns.engine import Engine, literal, quote
from minns.model.linkage import STANDARD

_OF_PAIR = re.compile(r"\b([a-z_][a-z0-9_]*)_[lr]\b")


def load_comparisons(engine: Engine) -> None:
    """Make the macros of the models' conditions known in a session."""
    engine.run(files("link").joinpath("compare.sql").read_text(encoding="utf-8"))


def compared(model: LinkModel) -> tuple[str, ...]:
    """The columns that the model's comparisons name, without the _l and _r of a pair."""
    levels = [level.condition for c in model.comparisons for level in c.levels]
    named = _OF_PAIR.findall(" ".join([*levels, *(c.unknown for c in model.comparisons)]))
    return tuple(sorted({*named, *model.frequencies} & known(model)))


def known(model: LinkModel) -> set[str]:
    """All columns that a face may have but its id."""
    return {
        *STANDARD.names,
        *model.columns,
        *(f"trait_{name}" for name in model.traits),
        *(f"shared_{name}" for name in model.shared),
    } - {"id"}


def widened(model: LinkModel, view: str) -> str:
    """A query for the identities in `view` that a score may link, with the model's own columns."""
    traits = [(name, trait.kind, trait.key or name) for name, trait in model.traits.items()]
    read = "".join(f", {item}" for item in columns_sql(traits))
    more = "".join(f", {sql} as {quote(name)}" for name, sql in model.columns.items())
    return f"select *{more} from (select *{read} from {view} where not unlinkable)"  # noqa: S608


def count_shared(engine: Engine, model: LinkModel, new: str, everybody: str) -> None:
    """Make tables shared_<name>: the values of `new` that many of `everybody` share."""
    for name, shared in model.shared.items():
        columns = ", ".join(quote(c) for c in shared.columns)
        whole = " and ".join(f"{quote(c)} is not null" for c in shared.columns)
        counted = f"count(distinct {quote(shared.counted)})" if shared.counted else "count(*)"
        # a first, cheap count leaves few values to count in earnest
        often = (
            f"select {columns} from {everybody} where {whole}"
            f" group by {columns} having count(*) > {shared.over}"
        )
        engine.run(
            f"create or replace table {quote(f'shared_{name}')} as select {columns},"  # noqa: S608
            f" cast({counted} as integer) as {quote(f'shared_{name}')} from {everybody}"
            f" semi join ({often}) using ({columns})"
            f" group by {columns} having {counted} > {shared.over}"
        )


def join_shared(model: LinkModel, table: str) -> str:
    """A query for `table` with the columns shared_<name>."""
    joins = "".join(
        f" left join {quote(f'shared_{name}')} using ({', '.join(map(quote, shared.columns))})"
        for name, shared in model.shared.items()
    )
    return f"select * from {table}{joins}"  # noqa: S608


def join_frequencies(model: LinkModel, table: str, columns: Iterable[str]) -> str:
    """A query for columns of `table` with tf_<column>: how common the value is.

    A value that was never seen counts as the rarest.
    """
    items, joins = [], []
    for trait in model.frequencies:
        alias = quote(f"of_{trait}")
        rarest = f"(select min(share) from frequency where trait = {literal(trait)})"  # noqa: S608
        items.append(
            f"case when f.{quote(trait)} is not null then coalesce({alias}.share, {rarest}) end"
            f" as {quote(f'tf_{trait}')}"
        )
        joins.append(
            f" left join (select value, share from frequency where trait = {literal(trait)})"  # noqa: S608
            f" {alias} on {alias}.value = f.{quote(trait)}"
        )
    listed = ", ".join(["f.id", *(f"f.{quote(c)}" for c in columns), *items])
    return f"select {listed} from {table} f{''.join(joins)}"  # noqa: S608
