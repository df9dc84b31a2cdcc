"""One pair before a clinician: both identities side by side, their care, and what weighs.

The only place that shows patients' values, since showing them is its purpose: they go to whoever
asked, never to the ledger, a log or an error. Where one side is protected no address of either is
shown: if both are one person, the other side's address is theirs as well.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from minns.engine import Engine, quote
from minns.errors import ConfigError
from minns.inquiry import PastRun
from minns.model import KINDS
from minns.pairs import Identity, Pair
from minns.review.harm import rule
from minns.review.queue import known, shaped
from minns.review.weights import Explain, waterfall
from minns.review.words import FIELDS, texts

_NEVER_MARKED = ("recorded_at",)
#: Numbers are written with and without a century, telephones with and without a country.
_LAST = {"number": 10, "previous_number": 10, "mother_number": 10, "phone": 8}
_SAYS_NOTHING = (None, "none")
#: Kinds of which it matters how many are active.
_ACTIVE = ("alert", "condition", "medication")
_TRAIT = "traits."
_ADDRESS = ("street", "postal_code", "city", "phone")
_PAIR = """
select p.rule, p.decision, p.method, cast(p.match_weight as double) as match_weight,
    cast(p.match_probability as double) as match_probability
from pair p
where p.source_l = $1 and p.local_patient_id_l = $2
    and p.source_r = $3 and p.local_patient_id_r = $4
"""
#: One identity that is protected protects the whole person.
_PROTECTED = """
select count(*) from identity join patient using (source, local_patient_id)
where person_id = $1 and protection <> 'none'
"""


@dataclass(frozen=True)
class Side:
    """An identity as its source holds it, and how much care stands under it."""

    identity: Identity
    person_id: str
    #: The other identities of the same person.
    others: tuple[str, ...]
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
    others = engine.rows(
        "select source || ':' || local_patient_id from identity where person_id = $1"
        " and (source, local_patient_id) <> ($2, $3) order by all",
        [person, *identity],
    )
    cast = (f"cast({quote(field)} as varchar)" for field in FIELDS)
    shown = ", ".join(f"string_agg(distinct {each}, ' / ' order by {each})" for each in cast)
    values = engine.rows(f"select {shown} from patient {where}", [*identity])[0]  # noqa: S608
    fields = {**dict(zip(FIELDS, values, strict=True)), **_traits(engine, where, identity)}
    counts = [_count(engine, kind, where, identity) for kind in KINDS]
    return Side(
        identity,
        person,
        tuple(each for (each,) in others),
        held[0][0] if held else None,
        bool(engine.value(_PROTECTED, [person])),
        fields,
        {kind: n for kind, (n, _) in zip(KINDS, counts, strict=True) if n},
        {k: n for k, (_, n) in zip(KINDS, counts, strict=True) if n and k in _ACTIVE},
    )


def _traits(engine: Engine, where: str, identity: Identity) -> dict[str, str | None]:
    """What a project's own model compares besides, each trait as a field of its own."""
    sql = "select distinct traits from patient {} and traits is not null order by all"
    found: dict[str, list[str]] = {}
    for (text,) in engine.rows(sql.format(where), [*identity]):
        for name, value in _object(text).items():
            found.setdefault(name, []).append(str(value))
    return {f"{_TRAIT}{name}": " / ".join(values) for name, values in found.items()}


def _object(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


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
    for each in sides if hidden else ():
        for name in [n for n in each.fields if n in _ADDRESS or n.startswith(_TRAIT)]:
            del each.fields[name]
    about = _about(engine, pair)
    why, say = rule(about["rule"]), texts(language).gettext
    return {
        "pair": pair.id,
        **about,
        "why": say(why.why) if about["rule"] else None,
        "at_stake": say(why.stake),
        "protected": hidden,
        "left": sides[0].as_json(),
        "right": sides[1].as_json(),
        "fields": _fields(sides, say),
        "waterfall": waterfall(engine, run, pair, language, explain),
    }


def _about(engine: Engine, pair: Pair) -> dict[str, Any]:
    """What the linkage said of the pair; nothing when it never compared the two."""
    found = engine.rows(_PAIR, list(pair.columns.values()))
    names = ("rule", "decision", "method", "match_weight", "match_probability")
    return dict(zip(names, found[0] if found else (None,) * len(names), strict=True))


def _fields(sides: Sequence[Side], say: Callable[[str], str]) -> list[dict[str, Any]]:
    return [
        _compared(name, values[0], values[1], say(_label(name)))
        for name in dict.fromkeys(name for each in sides for name in each.fields)
        if not {*(values := [each.fields.get(name) for each in sides])} <= {*_SAYS_NOTHING}
    ]


def _label(name: str) -> str:
    return FIELDS.get(name) or name.removeprefix(_TRAIT).replace("_", " ")


def _compared(name: str, left: str | None, right: str | None, label: str) -> dict[str, Any]:
    both = left is not None and right is not None and name not in _NEVER_MARKED
    differs = both and _plain(name, str(left)) != _plain(name, str(right))
    return {"field": name, "label": label, "left": left, "right": right, "differs": differs}


def _plain(name: str, value: str) -> str:
    """A value as it is compared for the mark: how it is written is no difference."""
    kept = "".join(c for c in value.casefold() if c.isalnum())
    return kept[-_LAST[name] :] if name in _LAST else kept
