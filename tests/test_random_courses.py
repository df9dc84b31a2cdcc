"""Whatever is done to a record, and in whatever order: it is a function of what stands.

Courses of runs, changed maps, judgements on pairs and conflicts, withdrawals and re-runs are drawn
at random; what was done is undone in the end, and the record is what it was in the beginning.
`MINNS_COURSES=40 pytest tests/test_random_courses.py` draws as many instead of every day's two.
"""

import os
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import disagreeing
import pytest
from journals import persons, project, record, rows_of, standing
from test_blast import APPROVED, own_codes

from minns import identity, pairs, pipeline, withdrawal
from minns.conflicts import judging
from minns.maps import write_maps
from minns.model import FACTS, TARGET
from minns.runner import Runner
from minns.site import Site, open_site

pytestmark = pytest.mark.slow
#: Of every day: a judgement that stands when its wave comes again, and waves that leave in any
#: order.
COURSES = (6, 11)
DRAWN = os.environ.get("MINNS_COURSES")
#: Identities that are judged: one person in two journals, two in one, and two in two.
PAIRS = (("north:n1", "south:s1"), ("north:n1", "north:n2"), ("north:n2", "south:s3"))
#: Who settled a conflict, and when, is the end of its row.
_SETTLED = {name: -2 if name == "conflict" else None for name in TARGET}
Action = tuple[str, ...]
State = dict[str, list[tuple[Any, ...]]]


def drawn(number: int) -> list[Action]:
    """A course with every kind of step in it, in an order of its own."""
    draw = random.Random(number)
    judged = draw.choices("012", k=3)
    course: list[Action] = [
        ("judge", judged[0], "same"),
        ("judge", judged[1], "different"),
        ("judge", judged[2], draw.choice(pairs.VERDICTS)),
        ("settle", draw.choice("01"), draw.choice(judging.VERDICTS[:-1])),
        ("map",),
        ("withdraw", draw.choice("01")),
        ("run", draw.choice(("first", "second"))),
    ]
    draw.shuffle(course)
    return course


class Walk:
    """A project to which things are done, and what its record showed after each."""

    def __init__(self, site: Site, *, ordered: bool) -> None:
        """Both waves are run. `ordered`: the second builds on the first; else either may leave."""
        self.site, self.ordered = site, ordered
        self.waves: list[str] = []
        self.map = site.project.root / "mappings" / "north" / "codes"
        for wave in (site.project.root / "runbooks").iterdir():
            # The registry's persons meet again by themselves, without a judgement.
            text = wave.read_text() + '[link]\nbridges = "act"\n'
            wave.write_text(text if ordered else text.replace('after = ["first"]', ""))
        self.shown: dict[int, State] = {}
        self.seen: dict[str, State] = {}
        self.came: dict[str, list[tuple[str, str]]] = {}
        self._run("first")
        self.look()
        self.do(("run", "second"))

    def do(self, action: Action) -> None:
        """One thing is done, and the laws of a step hold."""
        before, events = (persons(self.site), self.facts()), self.events()
        getattr(self, f"_{action[0]}")(*action[1:])
        moved = {who for segment in self.events()[len(events) :] for who in segment}
        after, facts = persons(self.site), self.facts()
        assert {w for w, p in before[0].items() if after.get(w, p) != p} <= moved
        assert before[0].keys() ^ after.keys() <= moved
        if not moved:
            strayed = {f for f, p in before[1].items() if facts.get(f, p) != p}
            assert not strayed, "a fact went to another person, and no identity did"
        self.look()

    def undo(self, start: State) -> None:
        """Judgements, maps and settlements are taken back; then both waves leave and come anew.

        Either way the record is again what it was at the start.
        """
        for judged in pairs.standing(self.site).values():
            pairs.judge(self.site, pairs.pair_in(judged.body), "withdrawn", "undone", "anna")
        shutil.rmtree(self.map, ignore_errors=True)
        if "first" not in self.waves:
            self.do(("run", "first"))
        self.do(("run", "second"))
        if self._unsettle():
            self.do(("run", "second"))
        if self.ordered:
            assert not _differing(start, standing(self.site)), "taken back, it left a trace"
        while self.waves:
            self.do(("withdraw", "0"))
        assert not any(standing(self.site).values())
        self.do(("run", "first"))
        self.do(("run", "second"))
        if self._unsettle():
            self.do(("run", "second"))
        assert not _differing(start, standing(self.site)), "come anew, the waves are not the same"

    def _unsettle(self) -> int:
        """Take back what was judged of conflicts that the record has; gives how many."""
        settled = "select conflict_id from current_conflict where state = 'settled'"
        found = [str(conflict) for (conflict,) in rows_of(record(self.site), settled)]
        for conflict in found:
            judging.settle(self.site, conflict, "withdrawn", "undone", "anna")
        return len(found)

    def _run(self, wave: str) -> None:
        if wave not in self.waves:
            self.waves = [*self.waves, wave] if self.waves or not self.ordered else ["first"]
            self.came[self.waves[-1]] = self.judged()
        self._load()

    def _load(self) -> None:
        if self.waves:
            pipeline.run(self.site, self.waves[-1], "cutover")

    def _withdraw(self, number: str) -> None:
        """The last wave; or either one, where they do not build on one another."""
        if self.waves:
            wave = self.waves.pop(-1 if self.ordered else int(number) % len(self.waves))
            withdrawal.withdraw(self.site, wave, "cutover")

    def _judge(self, number: str, verdict: str) -> None:
        one, other = map(pairs.identity, PAIRS[int(number)])
        pairs.judge(self.site, pairs.pair_of(one, other), verdict, "seen", "anna")
        self._load()

    def _settle(self, number: str, verdict: str) -> None:
        found = rows_of(record(self.site), "select conflict_id from current_conflict order by 1")
        if len(found) > int(number):
            conflict = str(found[int(number)][0])
            if verdict != "withdrawn" or any(c == conflict for (c, _), _ in self.settled()):
                judging.settle(self.site, conflict, verdict, "seen", "anna")
        self._load()

    def _map(self) -> None:
        if self.map.exists():
            shutil.rmtree(self.map)
        else:
            self.map.mkdir()
            write_maps(self.map / "npu.sssom.tsv", [APPROVED])
        self._load()

    def settled(self) -> list[tuple[tuple[str, str], str]]:
        return sorted(j for j in judging.pending(self.site).items() if j[1] != "withdrawn")

    def facts(self) -> dict[str, str]:
        """Whose every fact is."""
        return {
            fact: person
            for kind in FACTS
            for fact, person in rows_of(
                record(self.site), f"select fact_id, person_id from current_{kind}"
            )
        }

    def events(self) -> list[set[tuple[str, str]]]:
        """The identities that each segment of the registry tells of."""
        with Runner(self.site.project, self.site.store).engine() as engine:
            identity.registry(self.site, engine)
            rows = engine.rows("select segment, source, local_patient_id from registry_event")
        return [{(s, i) for n, s, i in rows if n == k} for k in sorted({n for n, _, _ in rows})]

    def look(self) -> None:
        """What the record shows now; the same as ever when the same things stand.

        Where waves come in any order the registry tells more: who was there in between.
        """
        state = standing(self.site)
        loads = rows_of(record(self.site), "select max(load_id) from load where state = 'done'")
        self.shown[loads[0][0]] = state
        if not self.ordered:
            return
        kept = (self._came_under(), self.map.exists(), self.judged(), self.settled())
        known = self.seen.setdefault(repr(kept), state)
        assert not _differing(known, state), f"another record than before, of {kept}"

    def _came_under(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The waves, each with what was judged before it came and still stands.

        A judgement unites or parts the persons that are there: who comes later is weighed anew.
        """
        now = self.judged()
        return [(w, [j for j in self.came[w] if j in now]) for w in self.waves]

    def judged(self) -> list[tuple[str, str]]:
        return sorted((k, e.body["verdict"]) for k, e in pairs.standing(self.site).items())

    def check(self) -> None:
        """What stands computed from nothing is what the record holds; all that was is readable."""
        for load_id, state in self.shown.items():
            assert as_of(self.site, load_id) == state
        if not self.waves:
            assert not any(standing(self.site).values())
            return
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "copy"
            shutil.copytree(self.site.project.root, copy)
            shutil.rmtree(copy / "work" / "steps")
            planned = pipeline.plan(open_site(copy), self.waves[-1], "cutover")
            assert planned.difference.total == 0


def _differing(one: State, other: State) -> list[tuple[str, tuple[Any, ...]]]:
    """The rows that only one of them has; of a conflict it does not matter when it was settled."""
    return [
        (name, row)
        for name in one
        for row in {r[: _SETTLED[name]] for r in one[name]}
        ^ {r[: _SETTLED[name]] for r in other[name]}
    ]


def as_of(site: Site, load_id: int) -> State:
    """What was true after a load, read from the versions."""
    then = f"valid_from_load <= {load_id} and coalesce(valid_to_load, {load_id} + 1) > {load_id}"
    return {
        t.name: sorted(
            rows_of(record(site), f"select {', '.join(t.names)} from {t.name} where {then}"),
            key=repr,
        )
        for t in TARGET.values()
    }


@pytest.mark.parametrize("number", range(int(DRAWN)) if DRAWN else COURSES)
def test_the_record_is_a_function_of_what_stands(number: int) -> None:
    with project(own_codes(), disagreeing.south()) as site:
        walk = Walk(site, ordered=number % 3 != 2)
        start = standing(site)
        for action in drawn(number):
            walk.do(action)
        assert len({repr(state) for state in walk.shown.values()}) > 3, "little was done"
        walk.check()
        walk.undo(start)
        walk.check()
