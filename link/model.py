"""The linkage model's parameters, learned once and frozen as tables: m and u by level, the prior,
how common values are, and what is to be said of the training.
"""

import pyarrow as pa

from link.faces import load_comparisons
from link.findings import blocking_findings, implausible
from link.learning import Learned, learn
from link.samples import Sampled, draw
from link.sections import LinkModel
from minns.engine import literal, quote
from minns.step import Room


def train(room: Room, model: LinkModel) -> None:
    """Reads `standard`; writes `parameter`, `frequency` and `training`.

    What is looked at is bounded, so that training costs the same at any size.
    """
    engine = room.engine
    load_comparisons(engine)
    sampled = draw(engine, model)
    learned = learn(engine, model, sampled)
    learned.findings += implausible(learned.parameters, model)
    learned.findings += blocking_findings(engine, model)
    _write_parameters(room, learned)
    _write_frequencies(room, model, sampled)
    _write_findings(room, learned)


def _write_parameters(room: Room, learned: Learned) -> None:
    keys = [("prior", ""), *learned.parameters]
    shares = [(learned.prior, 0.0), *learned.parameters.values()]
    table = pa.table(
        {
            "comparison": [comparison for comparison, _ in keys],
            "level": [level for _, level in keys],
            "m": [m for m, _ in shares],
            "u": [u for _, u in shares],
        }
    )
    with room.engine.arrow("learned", table):
        room.write("parameter", "select * from learned order by comparison, level")


def _write_frequencies(room: Room, model: LinkModel, sampled: Sampled) -> None:
    """Among few identities no value is rare, and none counts; nor is one told that few have."""
    enough = sampled.identities >= model.training.least_identities
    counted = [
        f"select {literal(trait)} as trait, cast({quote(trait)} as varchar) as value,"  # noqa: S608
        f" count(*) / sum(count(*)) over () as share from sample where {quote(trait)} is not null"
        f" group by {quote(trait)}"
        for trait in (model.frequencies if enough else ())
    ] or ["select null::varchar as trait, null::varchar as value, null::double as share limit 0"]
    room.write(
        "frequency",
        f"select trait, value, share from ({' union all '.join(counted)})"  # noqa: S608
        f" where share >= {model.least_frequency!r} order by trait, value",
    )


def _write_findings(room: Room, learned: Learned) -> None:
    rows = sorted(set(learned.findings), key=lambda row: row[:3])
    kinds = {"subject": pa.string(), "level": pa.string(), "finding": pa.string()}
    schema = pa.schema([*kinds.items(), ("value", pa.float64())])
    found = [dict(zip(schema.names, row, strict=True)) for row in rows]
    with room.engine.arrow("found", pa.Table.from_pylist(found, schema=schema)):
        room.write("training", "select * from found order by subject, level, finding")
