"""What a pair weighs, one line for each comparison, in words that a clinician understands."""

from collections.abc import Callable
from typing import Any

from minns.engine import Engine
from minns.inquiry import PastRun
from minns.pairs import Pair
from minns.review.words import level, strength, trait

#: Reads `standard`, `parameter`, `frequency`, `asked` (id_l, id_r) and makes `explained`.
Explain = Callable[[Engine], None]


def waterfall(
    engine: Engine, run: PastRun, pair: Pair, language: str, explain: Explain | None
) -> list[dict[str, Any]]:
    """The weights of a pair in words and with the running sum.

    Empty when the run holds no model, or the model has nothing to say of such a pair.
    """
    learned = [t for t in run.tables.values() if {"parameter", "frequency"} <= set(t.tables)]
    standard = [run.tables[n] for n in sorted(run.tables) if "standard" in run.tables[n].tables]
    if explain is None or not learned or not standard:
        return []
    engine.view("standard", [p for dataset in standard for p in dataset.parts("standard")])
    for name in ("parameter", "frequency"):
        engine.view(name, learned[0].parts(name))
    engine.run(
        "create or replace table asked as select min(id) as id_l, max(id) as id_r from standard"
        " where source = $1 and local_patient_id = $2 or source = $3 and local_patient_id = $4"
        " having count(*) = 2",
        list(pair.columns.values()),
    )
    explain(engine)
    lines, total = [], 0.0
    sql = "select comparison, level, cast(weight as double) from explained order by position"
    for comparison, name, weight in engine.rows(sql):
        total += weight
        lines.append(_line(comparison, name or "", weight, total, language))
    return lines


def _line(comparison: str, name: str, weight: float, total: float, language: str) -> dict[str, Any]:
    return {
        "comparison": comparison,
        "level": name,
        "trait": trait(comparison, language),
        "words": level(comparison, name, language),
        "speaks": strength(weight, language),
        "weight": round(weight, 3),
        "sum": round(total, 3),
    }
