"""One pair before a clinician: both identities side by side, their care, and what weighs.

The only place that shows patients' values, since showing them is its purpose: they go to whoever
asked, never to the ledger, a log or an error. Where one side is protected no address of either is
shown: if both are one person, the other side's address is theirs as well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from minns.engine import Engine, quote
from minns.errors import ConfigError
from minns.inquiry import PastRun
from minns.model import KINDS
from minns.pairs import Identity, Pair
from minns.review.harm import rule
from minns.review.queue import known, shaped
from minns.review.words import FIELDS, level, strength, texts

#: Reads `standard`, `parameter`, `frequency`, `asked` (id_l, id_r) and makes `explained`.
Explain = Callable[[Engine], None]
_ADDRESS = ("street", "postal_code", "city", "phone")
_PAIR = """
select p.rule, p.decision, p.method, cast(p.match_weight as double) as match_weight,
    cast(p.match_probability as double) as match_probability
from pair p
where p.source_l = $1 and p.local_patient_id_l = $2
    and p.source_r = $3 and p.local_patient_id_r = $4
"""


@dataclass(frozen=True)
class Side:
    """An identity as its source holds it, and how much care stands under it."""

    identity: Identity
    person_id: str
    held: str | None
    protected: bool
    fields: dict[str, str | None]
    care: dict[str, int]
    active: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "identity": str(self.identity)}


def side(engine: Engine, identity: Identity) -> Side:
    """One identity of the run, from its canonical rows."""
    person = known(engine, *identity)
    where = "where source = $1 and local_patient_id = $2"
    held = engine.rows(f"select rule from held {where}", [*identity])  # noqa: S608
    cast = (f"cast({quote(field)} as varchar)" for field in FIELDS)
    shown = ", ".join(f"string_agg(distinct {each}, ' / ' order by {each})" for each in cast)
    values = engine.rows(f"select {shown} from patient {where}", [*identity])[0]  # noqa: S608
    fields = dict(zip(FIELDS, values, strict=True))
    counts = [_count(engine, kind, where, identity) for kind in KINDS]
    return Side(
        identity,
        person,
        held[0][0] if held else None,
        fields["protection"] not in (None, "none"),
        fields,
        {kind: n for kind, (n, _) in zip(KINDS, counts, strict=True) if n},
        {kind: n for kind, (_, n) in zip(KINDS, counts, strict=True) if n},
    )


def _count(engine: Engine, kind: str, where: str, identity: Identity) -> tuple[int, int]:
    sql = f"select count(*), count(*) filter (status = 'active') from {kind} {where}"  # noqa: S608
    every, active = engine.rows(sql, [*identity])[0]
    return every, active


def show(
    engine: Engine,
    run: PastRun,
    pair: Pair,
    language: str,
    *,
    protected: bool,
    explain: Explain | None = None,
) -> dict[str, Any]:
    """A pair as plain JSON values; `protected` says whether protected persons may be shown."""
    shaped(engine, run, ("patient", *KINDS))
    sides = [side(engine, identity) for identity in (pair.left, pair.right)]
    hidden = any(each.protected for each in sides)
    if hidden and not protected:
        raise ConfigError(
            "a pair without protected personal data",
            found="a protected person",
            do="Add --protected, if your task covers protected persons.",
        )
    for name in _ADDRESS if hidden else ():
        for each in sides:
            del each.fields[name]
    found = engine.rows(_PAIR, list(pair.columns.values()))
    names = ("rule", "decision", "method", "match_weight", "match_probability")
    about = dict(zip(names, found[0] if found else (None,) * len(names), strict=True))
    why, say = rule(about["rule"]), texts(language).gettext
    return {
        "pair": pair.id,
        **about,
        "why": say(why.why) if about["rule"] else None,
        "at_stake": say(why.stake),
        "protected": hidden,
        "left": sides[0].as_json(),
        "right": sides[1].as_json(),
        "fields": [
            _compared(name, sides[0].fields[name], sides[1].fields[name], say(label))
            for name, label in FIELDS.items()
            if name in sides[0].fields and (sides[0].fields[name] or sides[1].fields[name])
        ],
        "waterfall": waterfall(engine, run, pair, language, explain),
    }


def _compared(name: str, left: str | None, right: str | None, label: str) -> dict[str, Any]:
    known = left is not None and right is not None
    differs = known and str(left).casefold() != str(right).casefold()
    return {"field": name, "label": label, "left": left, "right": right, "differs": differs}


def waterfall(
    engine: Engine, run: PastRun, pair: Pair, language: str, explain: Explain | None
) -> list[dict[str, Any]]:
    """The weights of a pair, one line for each comparison, in words and with the running sum.

    Empty when the run holds no model, or when no model knows how to explain itself.
    """
    learned = [t for t in run.tables.values() if {"parameter", "frequency"} <= set(t.tables)]
    standard = [run.tables[n] for n in sorted(run.tables) if "standard" in run.tables[n].tables]
    if explain is None or not learned or not standard:
        return []
    engine.view("standard", [p for dataset in standard for p in dataset.parts("standard")])
    for name in ("parameter", "frequency"):
        engine.view(name, learned[0].parts(name))
    ids = engine.rows(
        "select id from standard where source = $1 and local_patient_id = $2"
        " or source = $3 and local_patient_id = $4 order by id",
        list(pair.columns.values()),
    )
    if len(ids) != 2:
        return []
    engine.run(
        "create or replace table asked as"
        f" select cast({ids[0][0]} as bigint) as id_l, cast({ids[1][0]} as bigint) as id_r"
    )
    explain(engine)
    lines, total = [], 0.0
    sql = "select comparison, level, cast(weight as double) from explained order by position"
    for comparison, name, weight in engine.rows(sql):
        total += weight
        lines.append(
            {
                "comparison": comparison,
                "level": name,
                "words": level(comparison, name or "", language),
                "speaks": strength(weight, language),
                "weight": round(weight, 3),
                "sum": round(total, 3),
            }
        )
    return lines
