"""Clusters: connected components as networkx finds them, and never a veto within one."""

import time
from itertools import combinations
from pathlib import Path

import networkx as nx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from link.clusters import components
from link.parting import MARGIN, Edge, part
from minns.engine import Engine

Pairs = set[tuple[int, int]]

ids = st.integers(1, 8)
pairs = st.tuples(ids, ids).filter(lambda p: p[0] < p[1])
edges = st.lists(
    st.builds(
        lambda pair, strength, weight: Edge(pair[0], pair[1], strength, float(weight)),
        pairs,
        st.sampled_from([1, 1, 1, 3, 4, 5, 6]),
        st.integers(10, 30),
    ),
    min_size=1,
    max_size=16,
    unique_by=lambda e: (e.left, e.right),
)


def strongest_first(found: list[Edge]) -> list[Edge]:
    return sorted(found, key=lambda e: (-e.strength, -e.weight, e.left, e.right))


@given(found=edges, vetoed=st.sets(pairs, max_size=6))
def test_no_group_holds_a_veto(found: list[Edge], vetoed: Pairs) -> None:
    groups, _ = part(strongest_first(found), dict.fromkeys(vetoed, "veto"))
    assert not [(a, b) for a, b in vetoed if a in groups and groups[a] == groups.get(b)]


@given(found=edges, vetoed=st.sets(pairs, max_size=6))
def test_every_edge_is_kept_or_told(found: list[Edge], vetoed: Pairs) -> None:
    groups, blocked = part(strongest_first(found), dict.fromkeys(vetoed, "veto"))
    assert set(groups) == {i for e in found for i in (e.left, e.right)}
    for edge in found:
        together = groups[edge.left] == groups[edge.right]
        assert together or (edge.left, edge.right) in blocked


@given(found=edges)
def test_without_a_veto_groups_are_the_components(found: list[Edge]) -> None:
    groups, blocked = part(strongest_first(found), {})
    graph = nx.Graph([(e.left, e.right) for e in found])
    expected = {
        i: min(component) for component in nx.connected_components(graph) for i in component
    }
    assert groups == expected and blocked == {}


@given(found=edges, vetoed=st.sets(pairs, min_size=1, max_size=6))
def test_no_edge_about_as_strong_holds_what_a_left_out_edge_would_join(
    found: list[Edge], vetoed: Pairs
) -> None:
    found = [edge for edge in strongest_first(found) if edge.strength == 1]
    groups, _ = part(found, dict.fromkeys(vetoed, "veto"))
    for out in (edge for edge in found if groups[edge.left] != groups[edge.right]):
        firm = nx.Graph(
            e.pair
            for e in found
            if groups[e.left] == groups[e.right] and abs(e.weight - out.weight) >= MARGIN
        )
        for end, other in (out.pair, out.pair[::-1]):
            for one in {m for pair in vetoed for m in pair} & set(groups):
                there = {a + b - one for a, b in vetoed if one in (a, b)}
                across = {m for m in there if groups.get(m) == groups[other]}
                if across and one != end and groups[one] == groups[end]:
                    assert nx.has_path(firm, end, one)


def test_a_crowd_of_namesakes_parts_in_a_moment() -> None:
    crowd = range(300)
    found = [Edge(a, b, 1, 12.0 + (a + b) % 9) for a, b in combinations(crowd, 2)]
    vetoed = {(a, b): "twins" for a, b in combinations(crowd, 2) if a % 50 == 0 and b % 7 == 3}
    before = time.process_time()
    groups, blocked = part(strongest_first(found), vetoed)
    assert time.process_time() - before < 20
    assert not [(a, b) for a, b in vetoed if groups[a] == groups[b]]
    assert blocked


def test_a_hub_between_two_persons_joins_neither_when_both_are_as_likely() -> None:
    hub = [Edge(1, 2, 1, 14.0), Edge(2, 3, 1, 12.0)]
    groups, blocked = part(hub, {(1, 3): "two_valid_numbers"})
    assert groups == {1: 1, 2: 2, 3: 3}
    assert blocked == {(1, 2): "two_valid_numbers", (2, 3): "two_valid_numbers"}


def test_a_clear_winner_keeps_the_hub() -> None:
    hub = [Edge(1, 2, 1, 25.0), Edge(2, 3, 1, 12.0)]
    groups, blocked = part(hub, {(1, 3): "two_valid_numbers"})
    assert groups == {1: 1, 2: 1, 3: 3} and blocked == {(2, 3): "two_valid_numbers"}


def test_a_number_outweighs_the_model() -> None:
    found = strongest_first([Edge(1, 2, 1, 40.0), Edge(2, 3, 4, 0.0)])
    groups, _ = part(found, {(1, 3): "twins"})
    assert groups == {1: 1, 2: 2, 3: 2}


@settings(
    deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(found=st.sets(pairs, max_size=12))
def test_components_agree_with_networkx(tmp_path: Path, found: Pairs) -> None:
    graph = nx.Graph(list(found))
    graph.add_nodes_from(range(1, 9))
    expected = {i: min(group) for group in nx.connected_components(graph) for i in group}
    with Engine(tmp_path) as engine:
        engine.run("create table node as select unnest(range(1, 9)) as id")
        engine.run("create table edge (id_l bigint, id_r bigint)")
        for left, right in sorted(found):
            engine.run("insert into edge values (?, ?)", [left, right])
        components(engine, "node", "edge", "component")
        assert dict(engine.rows("select id, cluster from component")) == expected


def test_every_pair_of_a_large_group_is_watched() -> None:
    chain = [Edge(i, i + 1, 4, 0.0) for i in range(1, 30)]
    groups, _ = part(chain, {(1, 30): "judged_different"})
    assert groups[1] != groups[30]
    assert len(set(groups.values())) == 2
    assert all(groups[a] == groups[b] for a, b in combinations(range(1, 30), 2))
