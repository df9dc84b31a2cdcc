"""Signatures of samples: what they bind, and whether they still hold.

A signature is an entry of the ledger's chain: who, in what role, when, the verdict, the sample and
its seed, the bound that it shows, what was read, and the hash of what was signed: of the facts in
the sample, and of all that the wave's sources had in the record. It is never taken back. It holds
as long as the record says the same of the wave's sources; else it has expired, and what changed is
told.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from minns.engine import Engine
from minns.errors import ConfigError
from minns.inquiry import PastRun, run_named
from minns.ledger import Entry
from minns.runner import Runner
from minns.samples.drawing import population
from minns.samples.figures import figures
from minns.samples.reading import spoken_for
from minns.samples.state import SIGNATURE, Sample, sample, samples
from minns.site import Site, action_of
from minns.store import Dataset
from validation.sample import POPULATION, sums, upper_bound

VERDICTS = ("approved", "rejected")
#: The confidence with which a gate asks for a bound.
CONFIDENCE = 0.95


def sign(site: Site, name: str, *, by: str, role: str, verdict: str, comment: str = "") -> Entry:
    """Sign a sample; `by` has proved to be who they are. Gives the entry, whose hash is a receipt.

    Raises `ConfigError` when the sample is not theirs, does not show what they sign, or the record
    has changed since it was drawn.
    """
    if verdict not in VERDICTS:
        raise ConfigError(
            f"one of {', '.join(VERDICTS)}", found="another", do="Choose one of these verdicts."
        )
    found, comment = sample(site, name), spoken_for(comment)
    _refuse_stranger(found, by)
    told = figures(found)
    _refuse_unproved(told, verdict, comment)
    changed = changes(site, found)
    if changed:
        raise ConfigError(
            "the record as it was when the sample was drawn",
            found="; ".join(changed),
            do="Draw a new sample and read that.",
        )
    body = {**_signed(found, told), "by": by, "role": role, "verdict": verdict, "comment": comment}
    return site.ledger.append("", SIGNATURE, body)


def _signed(found: Sample, told: Mapping[str, Any]) -> dict[str, Any]:
    drawn = found.entry.body
    read = [asdict(r) for at in found.facts for r in found.readings.get(at, ())]
    settled = [asdict(found.adjudged[at]) for at in sorted(found.adjudged)]
    return {
        "sample": found.name,
        "wave": found.wave,
        "run": drawn["run"],
        "mode": drawn["mode"],
        "seed": drawn["seed"],
        "aim": found.aim,
        "population": drawn["population"],
        **{n: told[n] for n in ("facts", "read", "wrong", "base", "base_read", "errors")},
        "bound": told["bound"],
        "kappa": told["kappa"],
        "drawn_as": found.entry.hash,
        "facts_hash": _hash([[f.kind, f.fact_id, f.mark] for f in found.facts.values()]),
        "load_hash": _hash(drawn["load"]),
        "verdicts_hash": _hash([read, settled]),
    }


def _hash(value: object) -> str:
    return sha256(json.dumps(value, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _refuse_stranger(found: Sample, by: str) -> None:
    if not found.concerns(by):
        raise ConfigError(
            "a sample that this user reads or settles",
            found="another",
            do=f"'minns sample assign {found.name} --reader NAME' lets them.",
        )
    if any(entry.body["by"] == by for entry in found.signatures):
        raise ConfigError(
            "one signature of each user", found="one of theirs already", do="It stands."
        )


def _refuse_unproved(told: Mapping[str, Any], verdict: str, comment: str) -> None:
    if told["waiting"] and not (verdict == "rejected" and told["failed"]):
        raise ConfigError(
            "every fact read, and settled where readers differ",
            found=f"{told['waiting']} that wait",
            do="Read them first; only a sample that has failed is signed before its end.",
        )
    if verdict == "approved" and not told["shown"]:
        raise ConfigError(
            "a sample that shows what it was drawn for",
            found=f"{told['errors']} errors, by which at most {told['bound']:.2%} are wrong",
            do="Reject it, have the errors mended, and draw a new one.",
        )
    if told["wrong"] and not comment:
        raise ConfigError(
            "a comment on a sample with errors", found="none", do="Say what is done about them."
        )


def changes(
    site: Site, found: Sample, tables: Mapping[str, Dataset] | None = None
) -> tuple[str, ...]:
    """What of the record is no longer as it was when a sample was drawn, one sentence for each
    kind; none when all is the same. `tables`: of a run that is going on; else of the last one.
    """
    if tables is None:
        run = _standing(site, found.wave)
        if run.run_id == found.entry.body["run"]:
            return ()
        people = population(site, found.wave, run.tables)
    else:
        people = population(site, found.wave, tables, running=True)
    with Runner(site.project, site.store).engine() as engine:
        engine.view(POPULATION, people.parts(POPULATION))
        return (*_facts_changed(engine, found), *_record_changed(engine, found))


def _standing(site: Site, wave: str) -> PastRun:
    """The run that tells what a wave's sources have in the record: the wave's own last one, or a
    later cutover of another wave that took them along.
    """
    sources = set(site.wave(wave).sources)
    ended = {entry.run_id for entry in site.ledger.entries("run_finished")}
    own = [
        e.run_id
        for e in site.ledger.entries("run_started")
        if e.run_id in ended and action_of(e) == "load" and _tells(e.body, wave, sources)
    ]
    return run_named(site, own[-1])


def _tells(started: Mapping[str, Any], wave: str, sources: set[str]) -> bool:
    took_along = started["mode"] == "cutover" and sources <= set(started.get("sources", ()))
    return bool(started["wave"] == wave) or took_along


def _facts_changed(engine: Engine, found: Sample) -> tuple[str, ...]:
    engine.run("create temp table signed (kind varchar, fact_id varchar, mark varchar)")
    for fact in found.facts.values():
        values = [fact.kind, fact.fact_id, fact.mark]
        engine.run("insert into signed values (?, ?, ?)", values)
    gone, other = engine.rows(
        "select count(*) filter (p.mark is null), count(*) filter (p.mark <> s.mark)"
        " from signed as s left join population as p"
        " on p.kind = s.kind and p.fact_id = s.fact_id"
    )[0]
    told = []
    if other:
        told.append(f"{other} facts of the sample say something else")
    if gone:
        told.append(f"{gone} facts of the sample are gone")
    return tuple(told)


def _record_changed(engine: Engine, found: Sample) -> tuple[str, ...]:
    now, then = sums(engine), found.entry.body["load"]
    return tuple(
        f"{kind}: {then.get(kind, [0])[0]} facts in the record then, {now.get(kind, [0])[0]} now"
        + ("" if then.get(kind, [0])[0] != now.get(kind, [0])[0] else ", of other content")
        for kind in sorted({*now, *then})
        if now.get(kind) != then.get(kind)
    )


def signatures(site: Site) -> list[dict[str, Any]]:
    """Every signature in order: what it binds, whether it holds, and if not, what changed."""
    lines = []
    for found in samples(site).values():
        if found.signatures:
            expired = changes(site, found)
            lines += [_line(entry, expired) for entry in found.signatures]
    return sorted(lines, key=lambda line: int(line["entry"]))


def _line(entry: Entry, expired: tuple[str, ...]) -> dict[str, Any]:
    return {
        "entry": entry.sequence,
        "signed": entry.moment,
        **entry.body,
        "holds": not expired,
        "expired_because": list(expired),
        "receipt": entry.hash,
    }


def proved(site: Site, wave: str, tables: Mapping[str, Dataset]) -> float | None:
    """The share of wrong facts that signed samples show not to be exceeded in the desired record of
    a run: the worst of the signatures that hold. None when none does, or none approved it.

    With every signature that holds counted, drawing until one comes out well helps nobody.
    """
    shown, approved = [], False
    for found in samples(site).values():
        if found.wave == wave and found.signatures and not changes(site, found, tables):
            for body in (entry.body for entry in found.signatures):
                approved |= body["verdict"] == "approved"
                shown.append(
                    upper_bound(body["errors"], body["base_read"], CONFIDENCE, body["population"])
                )
    return max(shown) if approved else None
