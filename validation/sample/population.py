"""The population of a wave's samples: each fact that its sources stand behind, with its stratum and
the mark of what it says.

Reads the desired record. Writes `population`, one line a fact: of which source, kind and risk, and
`mark`, a hash of the fact's content and of which rows are behind it. A signature holds as long as
the marks do.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path

from minns.engine import literal, quote
from minns.model import CODED, KINDS
from minns.step import Room, Step

_HERE = Path(__file__).parent
#: Kinds of facts, the patient's own data first.
ORDER = ("patient", *KINDS)
POPULATION = "population"


@dataclass(frozen=True)
class Stratum:
    """A class of risk: its name and the condition of SQL that puts a fact there."""

    name: str
    when: str


def _strata() -> tuple[Stratum, ...]:
    text = files("validation.sample").joinpath("strata.toml").read_text(encoding="utf-8")
    return tuple(Stratum(each["name"], each["when"]) for each in tomllib.loads(text)["stratum"])


#: The most harmful first.
STRATA = _strata()


def population_step(sources: Sequence[str], suggested: Sequence[str]) -> Step:
    """The step that makes the population of a wave with these sources; `suggested`: the ids of the
    code maps that a machine proposed.
    """
    reads = {name: (f"transform.{name}",) for name in ("person", "identity", "lineage", *KINDS)}
    reads["conflict"] = ("settle.conflict",)
    return Step(
        POPULATION,
        reads,
        (POPULATION,),
        partial(_population, sources=tuple(sources), suggested=tuple(suggested)),
        (_HERE / "population.py", _HERE / "population.sql", _HERE / "strata.toml"),
        {"sources": sorted(sources), "suggested": sorted(suggested)},
    )


def _population(room: Room, sources: tuple[str, ...], suggested: tuple[str, ...]) -> None:
    engine = room.engine
    for name, values in (("own_source", sources), ("suggested_map", suggested)):
        engine.run(f"create temp table {name} (name varchar)")
        for value in values:
            engine.run(f"insert into {name} values (?)", [value])  # noqa: S608
    engine.run(f"create temp view stated as {_stated()}")
    engine.run(files("validation.sample").joinpath("population.sql").read_text(encoding="utf-8"))
    risk = " ".join(f"when {s.when} then {at}" for at, s in enumerate(STRATA))
    names = ", ".join(literal(stratum.name) for stratum in STRATA)
    room.write(
        POPULATION,
        f"""
        select fact_id, kind, person_id, source, protected, mark, risk_order,
            list_extract([{names}], risk_order + 1) as risk
        from (select *, case {risk} end as risk_order from judged)
        order by risk_order, source, kind, fact_id""",  # noqa: S608
    )


def _stated() -> str:
    """Every fact of every kind: what its stratum turns on, and its content's hash."""
    parts = [
        "select person_id as fact_id, 'patient' as kind, person_id, null as status,"
        " null as map_id, content_hash from person"
    ]
    parts += [
        f"select fact_id, {literal(kind)}, person_id, status,"  # noqa: S608
        f" {'map_id' if kind in CODED else 'null'}, content_hash from {quote(kind)}"
        for kind in KINDS
    ]
    return " union all ".join(parts)
