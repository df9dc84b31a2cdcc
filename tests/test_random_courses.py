"""Whatever is done to a record, and in whatever order: it is a function of what stands.

Sequences of runs, changed maps, judgements on pairs and conflicts, withdrawals and re-runs are
drawn at random. `MINNS_COURSES=40 pytest tests/test_random_courses.py` draws as many instead of the
few of every day, at another place each time.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import disagreeing
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from journals import persons, project, record, rows_of, standing
from test_blast import APPROVED, own_codes

from minns import identity, pairs, pipeline, withdrawal
from minns.conflicts import judging
from minns.maps import write_maps
from minns.model import FACTS, TARGET
from minns.runner import Runner
from minns.site import Site, open_site

pytestmark = pytest.mark.slow
DRAWN = os.environ.get("MINNS_COURSES")
#: Identities that are judged: one person in two journals, two in one, and two in two.
PAIRS = (("north:n1", "south:s1"), ("north:n1", "north:n2"), ("north:n2", "south:s3"))
Action = tuple[str, ...]
State = dict[str, list[tuple[Any, ...]]]

actions: st.SearchStrategy[Action] = st.one_of(
    st.just(("run", "second")),
    st.tuples(st.just("judge"), st.sampled_from("012"), st.sampled_from(pairs.VERDICTS)),
    st.just(("withdraw",)),
    st.tuples(st.just("settle"), st.sampled_from("01"), st.sampled_from(judging.VERDICTS)),
    st.just(("map",)),
    st.just(("run", "first")),
)


class Walk:
    """A project to which things are done, and what its record showed after each."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.waves: list[str] = []
        self.map = site.project.root / "mappings" / "north" / "codes"
        for wave in (site.project.root / "runbooks").iterdir():
            # The registry's persons meet again by themselves, without a judgement.
            wave.write_text(wave.read_text() + '[link]\nbridges = "act"\n')
        self.shown: dict[int, State] = {}
        self.seen: dict[Any, State] = {}
        pipeline.run(site, "first", "cutover")
        self.waves = ["first"]
        self.look()

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

    def _run(self, wave: str) -> None:
        if wave not in self.waves:
            self.waves = [*self.waves, wave] if self.waves else ["first"]
        self._load()

    def _load(self) -> None:
        if self.waves:
            pipeline.run(self.site, self.waves[-1], "cutover")

    def _withdraw(self) -> None:
        if self.waves:
            withdrawal.withdraw(self.site, self.waves.pop(), "cutover")

    def _judge(self, number: str, verdict: str) -> None:
        one, other = map(pairs.identity, PAIRS[int(number)])
        pairs.judge(self.site, pairs.pair_of(one, other), verdict, "seen", "anna")
        self._load()

    def _settle(self, number: str, verdict: str) -> None:
        found = rows_of(record(self.site), "select conflict_id from current_conflict order by 1")
        if len(found) > int(number):
            conflict = str(found[int(number)][0])
            if verdict != "withdrawn" or any(c == conflict for c, _ in self.settled()):
                judging.settle(self.site, conflict, verdict, "seen", "anna")
        self._load()

    def _map(self) -> None:
        if self.map.exists():
            shutil.rmtree(self.map)
        else:
            self.map.mkdir()
            write_maps(self.map / "npu.sssom.tsv", [APPROVED])
        self._load()

    def settled(self) -> dict[tuple[str, str], str]:
        return {k: v for k, v in judging.pending(self.site).items() if v != "withdrawn"}

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
        """What the record shows now; the same as ever when the same things stand."""
        state = standing(self.site)
        loads = rows_of(record(self.site), "select max(load_id) from load where state = 'done'")
        self.shown[loads[0][0]] = state
        judged = {k: e.body["verdict"] for k, e in pairs.standing(self.site).items()}
        kept = (tuple(self.waves), self.map.exists(), tuple(sorted(judged.items())))
        state = {**state, "conflict": [row[:10] for row in state["conflict"]]}
        known = self.seen.setdefault((kept, tuple(sorted(self.settled().items()))), state)
        assert not _differing(known, state), f"another record than before, of {kept}"

    def check_end(self) -> None:
        """What stands computed from nothing is what the record holds; all that was is readable."""
        for load_id, state in self.shown.items():
            assert as_of(self.site, load_id) == state
        if self.waves:
            with tempfile.TemporaryDirectory() as folder:
                copy = Path(folder) / "copy"
                shutil.copytree(self.site.project.root, copy)
                shutil.rmtree(copy / "work" / "steps")
                planned = pipeline.plan(open_site(copy), self.waves[-1], "cutover")
                assert planned.difference.total == 0


def _differing(one: State, other: State) -> list[tuple[str, tuple[Any, ...]]]:
    """The rows that only one of them has."""
    return [(name, row) for name in one for row in set(one[name]) ^ set(other[name])]


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


@settings(
    max_examples=int(DRAWN or 3),
    deadline=None,
    derandomize=not DRAWN,
    database=None,
    phases=(Phase.generate,),  # a run takes seconds: a failure is shown as it was found
    suppress_health_check=list(HealthCheck),
)
@given(course=st.lists(actions, min_size=7, max_size=9))
def test_the_record_is_a_function_of_what_stands(course: list[Action]) -> None:
    with project(own_codes(), disagreeing.south()) as site:
        walk = Walk(site)
        for action in course:
            walk.do(action)
        walk.check_end()


#: What undoes what: done one after the other, the record is again what it was.
RESTORED: dict[str, list[Action]] = {
    "a wave withdrawn and run again": [("withdraw",), ("run", "second")],
    "two who are one": [("judge", "0", "different"), ("judge", "0", "withdrawn")],
    "one who are two": [("judge", "1", "same"), ("judge", "1", "withdrawn")],
    "judged otherwise": [
        ("judge", "2", "same"),
        ("withdraw",),
        ("judge", "2", "different"),
        ("run", "second"),
        ("judge", "2", "withdrawn"),
    ],
    "a map and a verdict": [
        ("map",),
        ("settle", "0", "first"),
        ("map",),
        ("settle", "0", "withdrawn"),
    ],
}


def test_what_is_undone_leaves_no_trace_in_what_is_true_now() -> None:
    with project(own_codes(), disagreeing.south()) as site:
        walk = Walk(site)
        walk.do(("run", "second"))
        start = standing(site)
        for what, course in RESTORED.items():
            changed = False
            for action in course:
                walk.do(action)
                changed |= standing(site) != start
            assert changed, what
            assert standing(site) == start, what
        walk.check_end()
