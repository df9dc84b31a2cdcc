"""Who is who: the identities of a person, how it came to be so, and what people change about it.

Persons never change silently: what is decided here is a judgement, which the next run obeys, and
every change of an id is an event of the registry.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from minns.engine import Engine
from minns.errors import ConfigError
from minns.inquiry import PastRun, past_run, records
from minns.model import REGISTRY_EVENT
from minns.pairs import (
    PAIR_ID,
    Identity,
    Pair,
    identity,
    judge,
    pair_in,
    pair_of,
    said,
    standing,
)
from minns.registry import all_references
from minns.runner import Runner
from minns.site import Site

_SHOWN = """
select i.source, i.local_patient_id as local_id, i.person_id,
    cast(i.probability as double) as probability, i.method, i.since, h.rule as held
from identity i left join held h using (source, local_patient_id)
where i.person_id = $1 order by i.since, i.source, i.local_patient_id
"""
#: Pairs of the person's that wait, and those whose veto is why rows are held.
_OPEN = """
with own as (
    select source, local_patient_id from identity where person_id = $1
)
select $pair_id as pair, source_l || ':' || local_patient_id_l as "left",
    source_r || ':' || local_patient_id_r as "right", p.decision, p.rule,
    cast(match_weight as double) as match_weight
from pair p
left join held l on l.source = p.source_l and l.local_patient_id = p.local_patient_id_l
left join held r on r.source = p.source_r and r.local_patient_id = p.local_patient_id_r
where (p.decision = 'review' or p.decision = 'vetoed' and p.rule in (l.rule, r.rule))
    and exists (
        from own o
        where (o.source, o.local_patient_id) = (p.source_l, p.local_patient_id_l)
            or (o.source, o.local_patient_id) = (p.source_r, p.local_patient_id_r)
    )
order by match_weight desc nulls last, pair
""".replace("$pair_id", PAIR_ID)
_EVENTS = """
select segment, event, source, local_patient_id as local_id, earlier_person_id as old_person,
    person_id as new_person, cast(probability as double) as probability, method, wave
from registry_event
where person_id = $1 or earlier_person_id = $1 or source = $2 and local_patient_id = $3
order by segment, sequence
"""


def _open(engine: Engine, run: PastRun) -> None:
    for name in ("identity", "pair", "held"):
        engine.view(name, run.tables["link"].parts(name))


def registry(site: Site, engine: Engine) -> None:
    """Make all events of the registry so far readable as `registry_event`."""
    runner = Runner(site.project, site.store)
    references = all_references(site, runner.tables)
    if references:
        parts = [part for reference in references for part in runner.parts(reference)]
        engine.view("registry_event", parts)
    else:
        engine.empty(REGISTRY_EVENT)


def _members(engine: Engine, what: str) -> tuple[str, list[Identity]]:
    """The person that is meant, by its id or by one of its identities, and who belongs to it."""
    one = identity(what) if ":" in what else None
    found = engine.rows(
        "select person_id, source, local_patient_id from identity where person_id = coalesce($1,"
        " (select person_id from identity where source = $2 and local_patient_id = $3))"
        " order by source, local_patient_id",
        [None, *one] if one else [what, None, None],
    )
    if not found:
        raise ConfigError(
            "a person id, or SOURCE:ID of an identity, that the last run knows",
            found="none",
            do="'minns export identities FILE' lists them all.",
        )
    return found[0][0], [Identity(source, local) for _, source, local in found]


def show(site: Site, what: str) -> dict[str, Any]:
    """A person's identities, how each is tied and since when, and the pairs that are open."""
    run, judged = past_run(site), standing(site)
    with Runner(site.project, site.store).engine() as engine:
        _open(engine, run)
        person, _ = _members(engine, what)
        pairs = records(engine, _OPEN, [person])
        return {
            "person": person,
            "run": run.run_id,
            "identities": records(engine, _SHOWN, [person]),
            "open_pairs": [
                {**pair, "judgement": judged[pair["pair"]].body["verdict"]}
                if pair["pair"] in judged
                else {**pair, "judgement": None}
                for pair in pairs
            ],
        }


def history(site: Site, what: str) -> list[dict[str, Any]]:
    """Everything that happened to a person or identity, in order: events and judgements."""
    one = identity(what) if ":" in what else None
    moments = {e.body["segment"]: (e.sequence, e.moment) for e in site.ledger.entries("registry")}
    with Runner(site.project, site.store).engine() as engine:
        registry(site, engine)
        asked = [None, *one] if one else [what, None, None]
        events = records(engine, _EVENTS, asked)
    ever = {Identity(e["source"], e["local_id"]) for e in events} | ({one} if one else set())
    lines = [(*moments[event.pop("segment")], event) for event in events]
    for entry in site.ledger.entries("judgement"):
        pair = pair_in(entry.body)
        if one in (pair.left, pair.right) or (one is None and {pair.left, pair.right} & ever):
            lines.append((entry.sequence, entry.moment, _judged(pair, entry.body)))
    if not lines:
        raise ConfigError(
            "a person id, or SOURCE:ID of an identity, that the registry knows",
            found="none",
            do="Only a cutover writes to the registry; 'minns identity show' knows rehearsals too.",
        )
    ordered = sorted(lines, key=lambda line: line[0])
    return [{"moment": moment, **about} for _, moment, about in ordered]


def _judged(pair: Pair, body: Mapping[str, Any]) -> dict[str, Any]:
    about = {key: body.get(key, "") for key in ("verdict", "reviewer", "reason")}
    return {"event": "judged", "left": str(pair.left), "right": str(pair.right), **about}


def merge(site: Site, one: str, other: str, reviewer: str, reason: str) -> dict[str, Any]:
    """Judge two persons to be one: 'same' on every pair across, so that no veto stands between."""
    reviewer, reason = said(reviewer, "reviewer"), said(reason, "reason")
    with Runner(site.project, site.store).engine() as engine:
        _open(engine, past_run(site))
        (left, here), (right, there) = _members(engine, one), _members(engine, other)
    if left == right:
        raise ConfigError("two persons", found="one and the same", do="Name two persons.")
    made = _judge_across(site, here, there, "same", reviewer, reason)
    return {"persons": [left, right], **made}


def split(
    site: Site, written: Sequence[str], person: str, reviewer: str, reason: str
) -> dict[str, Any]:
    """Judge identities not to be the person's: 'different' between them and all who remain."""
    reviewer, reason = said(reviewer, "reviewer"), said(reason, "reason")
    leaving = {identity(each) for each in written}
    with Runner(site.project, site.store).engine() as engine:
        _open(engine, past_run(site))
        found, members = _members(engine, person)
    if not leaving <= set(members):
        raise ConfigError(
            f"identities of {found}",
            found=f"{len(leaving - set(members))} of another person, or of none",
            do=f"'minns identity show {found}' lists them.",
        )
    if leaving == set(members):
        raise ConfigError(
            f"identities that remain with {found}", found="none", do="Leave at least one."
        )
    remaining = [each for each in members if each not in leaving]
    made = _judge_across(site, sorted(leaving), remaining, "different", reviewer, reason)
    return {"person": found, "leaving": [str(each) for each in sorted(leaving)], **made}


def _judge_across(
    site: Site,
    here: Sequence[Identity],
    there: Sequence[Identity],
    verdict: str,
    reviewer: str,
    reason: str,
) -> dict[str, Any]:
    """Judge every pair across; one that is judged so already is left. The last judgement counts."""
    judged = standing(site)
    pairs = sorted({pair_of(a, b) for a in here for b in there}, key=lambda p: (p.left, p.right))
    before = {p.id: judged[p.id].body["verdict"] for p in pairs if p.id in judged}
    made = [pair for pair in pairs if before.get(pair.id) != verdict]
    for pair in made:
        judge(site, pair, verdict, reason, reviewer)
    overruled = sum(pair.id in before for pair in made)
    return {"verdict": verdict, "judgements": len(made), "overruled": overruled}
