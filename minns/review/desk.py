"""What each command of the review does: the next pair, one pair, a decision, the figures."""

import getpass
import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any

from link.explain import explain as explain_pair
from link.settings import load_model
from minns.config import LANGUAGES, Wave
from minns.errors import ConfigError
from minns.inquiry import EVIDENCE, PastRun, newest_run
from minns.pairs import standing
from minns.review import opinions as told
from minns.review.figures import stats
from minns.review.look import show
from minns.review.queue import Waiting, held_alone, named, opened, waiting
from minns.review.undo import undo
from minns.review.weights import Explain
from minns.site import Site


def _wave(site: Site, run: PastRun) -> Wave:
    return site.wave(run.started.body["wave"])


def explained_by(site: Site) -> Explain:
    """How the project's linkage model tells what a pair weighs."""
    return partial(explain_pair, model=load_model(site.project.link_model_path))


def limits(site: Site, run: PastRun) -> tuple[float, float]:
    """The lower and the upper threshold of a run's linkage."""
    path = site.store.folder / "runs" / run.run_id / EVIDENCE
    lower, upper = json.loads(path.read_text(encoding="utf-8"))["about"]["thresholds"]
    return float(lower), float(upper)


def somebody(reviewer: str | None) -> str:
    """Who looks: the reviewer who was named, else who is logged in."""
    return (reviewer or "").strip() or getpass.getuser()


def spoken(site: Site, language: str | None) -> str:
    """The language in which a pair is shown."""
    if language not in (None, *LANGUAGES):
        raise ConfigError(
            f"one of {', '.join(LANGUAGES)}", found=f"'{language}'", do="Choose with --language."
        )
    return language or site.project.language


def choose(
    pairs: Sequence[Waiting],
    reviewer: str,
    *,
    taken: AbstractSet[str],
    blind: bool,
    protected: bool,
    adjudicate: bool,
) -> Waiting | None:
    """The first pair that this reviewer may decide: none that they gave an opinion on or that
    another took up, none of protected persons unless asked for. With `adjudicate`, one on which
    two others differ.
    """
    for pair in pairs:
        own = any(told.alike(o.reviewer, reviewer) for o in pair.opinions)
        differ = blind and len(pair.opinions) > 1
        if pair.pair.id in taken or own or (pair.protected and not protected):
            continue
        if differ is adjudicate:
            return pair
    return None


def next_pair(
    site: Site,
    wave: str | None,
    reviewer: str | None,
    language: str | None,
    *,
    protected: bool,
    adjudicate: bool,
    explain: Explain | None = None,
    why: str = "",
) -> dict[str, Any]:
    """The pair that is to be decided next, shown whole; `pair` is None when none waits."""
    told.settle(site)
    run, name = newest_run(site, wave), somebody(reviewer)
    with opened(site, run) as engine:
        pairs = waiting(engine, run, limits(site, run)[1], standing(site), told.opinions(site))
        blind = _wave(site, run).review.double_blind
        taken = set() if blind else told.taken(site, name)
        whom = {"blind": blind, "protected": protected, "adjudicate": adjudicate}
        found = choose(pairs, name, taken=taken, **whom)
        left = {
            "waiting": len(pairs),
            "taken": sum(pair.pair.id in taken for pair in pairs),
            "waiting_protected": sum(pair.protected for pair in pairs),
            "run": run.run_id,
        }
        if found is None:
            return {"pair": None, **left}
        shown_in = spoken(site, language)
        how = explain or explained_by(site)
        shown = show(engine, run, found.pair, shown_in, protected=protected, explain=how)
    told.looked(site, found.pair, name, protected=shown["protected"], took=True, why=why)
    if adjudicate:
        shown["opinions"] = [{"verdict": o.verdict, "reason": o.reason} for o in found.opinions]
    return {**shown, **left}


def show_pair(
    site: Site,
    wave: str | None,
    what: Sequence[str],
    reviewer: str | None,
    language: str | None,
    *,
    protected: bool,
    explain: Explain | None = None,
) -> dict[str, Any]:
    """One pair, named by its id or by its identities."""
    run = newest_run(site, wave)
    shown_in = spoken(site, language)
    with opened(site, run) as engine:
        pair = named(engine, what)
        how = explain or explained_by(site)
        shown = show(engine, run, pair, shown_in, protected=protected, explain=how)
    told.looked(site, pair, somebody(reviewer), protected=shown["protected"])
    return {**shown, "run": run.run_id}


def decide_pair(
    site: Site,
    wave: str | None,
    words: Sequence[str],
    reviewer: str,
    reason: str,
    *,
    adjudicate: bool = False,
) -> dict[str, Any]:
    """Record what a reviewer decides; `words` name the pair and, last, the verdict."""
    if len(words) not in (2, 3):
        raise ConfigError(
            "a pair and a verdict",
            found=f"{len(words)} arguments",
            do="For example: minns review decide melior:17 asynja:4 same",
        )
    *what, verdict = words
    run = newest_run(site, wave)
    with opened(site, run) as engine:
        pair = named(engine, what)
    record = told.adjudicate if adjudicate else told.decide
    came = record(site, _wave(site, run), pair, verdict, reviewer, reason)
    return {"pair": pair.id, "verdict": verdict, "state": came}


def undo_pair(
    site: Site, wave: str | None, what: Sequence[str], reviewer: str, reason: str
) -> dict[str, Any]:
    """Take back what a reviewer decided of a pair, while no run has obeyed it."""
    with opened(site, newest_run(site, wave)) as engine:
        pair = named(engine, what)
    return {"pair": pair.id, "undone": undo(site, pair, reviewer, reason)}


def figures(site: Site, wave: str | None) -> dict[str, Any]:
    """How much waits, who decided, how well they agree, how long it will take."""
    run = newest_run(site, wave)
    with opened(site, run) as engine:
        both = limits(site, run)
        pairs = waiting(engine, run, both[1], standing(site), told.opinions(site))
        alone = held_alone(engine, pairs)
    found = stats(site, pairs, _wave(site, run).review, both)
    return {"run": run.run_id, **found, "held_alone": alone}
