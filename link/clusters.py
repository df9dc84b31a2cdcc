"""Identities grouped into persons: connected components, in which no veto may stand.

Almost all components are free of vetoes and are taken as they come. The few that hold one are
built again edge by edge, the strongest first, and an edge that would bring a vetoed pair together
is left out; so are the edges that are about as strong and speak for the other side.
"""

from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

from splink import DuckDBAPI
from splink.clustering import cluster_pairwise_predictions_at_threshold

from minns.engine import Engine, literal

#: By how many bits a model's edge must outweigh a rival that a veto keeps out.
MARGIN = 6.0
#: The rule that keeps two persons apart whom the registry already knows as two.
BRIDGE = "bridge"
_MODEL, _NUMBERS = 1, (3, 4)

Pair = tuple[int, int]


class Edge(NamedTuple):
    """Two identities that belong together, and how strongly."""

    left: int
    right: int
    strength: int
    weight: float


def components(engine: Engine, nodes: str, edges: str, into: str) -> None:
    """Write `into` (id, cluster): the connected components of a graph, named by the least id."""
    if not engine.value(f"select count(*) from {edges}"):  # noqa: S608
        alone = f"select id, id as cluster from {nodes}"  # noqa: S608
        engine.run(f"create or replace table {into} as {alone}")
        return
    api = DuckDBAPI(engine.connection.cursor())
    found = cluster_pairwise_predictions_at_threshold(
        nodes=api.register(nodes),
        edges=api.register(edges),
        db_api=api,
        node_id_column_name="id",
        edge_id_column_name_left="id_l",
        edge_id_column_name_right="id_r",
    )
    engine.run(
        f"create or replace table {into} as"  # noqa: S608
        " select id, min(id) over (partition by cluster_id) as cluster"
        f" from {found.physical_name}"
    )


def resolve(engine: Engine) -> None:
    """Reads `base`, `base_group`, `member_veto`, `parting_edge`; writes `cluster` (id, cluster)
    and `blocked` (id_l, id_r, rule).
    """
    vetoes = engine.rows("select cluster, id_l, id_r, veto from member_veto order by all")
    edges = engine.rows(
        "select cluster, id_l, id_r, strength, weight from parting_edge"
        " order by cluster, strength desc, weight desc, id_l, id_r"
    )
    _write(engine, *_resolved(edges, vetoes))


def _resolved(
    edges: list[tuple[int, int, int, int, float]], vetoes: list[tuple[int, int, int, str]]
) -> tuple[dict[int, int], dict[Pair, str]]:
    grouped: dict[int, list[Edge]] = {}
    for cluster, left, right, strength, weight in edges:
        grouped.setdefault(cluster, []).append(Edge(left, right, strength, weight))
    apart: dict[int, dict[Pair, str]] = {}
    for cluster, left, right, veto in vetoes:
        apart.setdefault(cluster, {})[left, right] = veto
    placed: dict[int, int] = {}
    blocked: dict[Pair, str] = {}
    for cluster in sorted(grouped):
        groups, kept_out = part(grouped[cluster], apart[cluster])
        placed.update(groups)
        blocked.update(kept_out)
    return placed, blocked


def part(edges: list[Edge], vetoes: dict[Pair, str]) -> tuple[dict[int, int], dict[Pair, str]]:
    """Group a component's identities so that no group holds a vetoed pair.

    `edges` come strongest first. Gives the group of each identity (its least member) and the edges
    left out, with the veto. Where two edges pull to sides that a veto keeps apart and neither is
    clearly the stronger, both are left out.
    """
    contested: dict[Pair, str] = {}
    while True:
        members, tree = _grown(edges, vetoes, contested)
        blocked: dict[Pair, str] = {}
        doubtful: dict[Pair, str] = {}
        for edge in edges:
            left, right = members[edge.left], members[edge.right]
            if left is right:
                continue
            pairs = _between(left, right, vetoes)
            rule = vetoes[pairs[0]] if pairs else contested[edge.left, edge.right]
            blocked[edge.left, edge.right] = rule
            rivals = _rivals(edge, pairs, rule, tree, left)
            if rivals:
                doubtful |= dict.fromkeys([*rivals, (edge.left, edge.right)], rule)
        if doubtful.keys() <= contested.keys():
            return {member: min(group) for member, group in members.items()}, blocked
        contested = {**doubtful, **contested}


def _grown(
    edges: Iterable[Edge], vetoes: dict[Pair, str], contested: dict[Pair, str]
) -> tuple[dict[int, set[int]], dict[int, list[Edge]]]:
    """Join along the edges in order, but for contested ones and where a veto forbids it.

    Gives each identity's group, and the edges that made it.
    """
    members: dict[int, set[int]] = {}
    tree: dict[int, list[Edge]] = {}
    for edge in edges:
        left = members.setdefault(edge.left, {edge.left})
        right = members.setdefault(edge.right, {edge.right})
        if left is right or (edge.left, edge.right) in contested:
            continue
        if _between(left, right, vetoes):
            continue
        left |= right
        for member in right:
            members[member] = left
        tree.setdefault(edge.left, []).append(edge)
        tree.setdefault(edge.right, []).append(edge)
    return members, tree


def _between(left: set[int], right: set[int], vetoes: dict[Pair, str]) -> list[Pair]:
    """The vetoed pairs between two groups, those that are evidence before mere bridges."""
    found = {(min(a, b), max(a, b)) for a, b in product(left, right)} & vetoes.keys()
    return sorted(found, key=lambda pair: (vetoes[pair] == BRIDGE, pair))


def _rivals(
    edge: Edge, pairs: list[Pair], rule: str, tree: dict[int, list[Edge]], left: set[int]
) -> list[Pair]:
    """The edges, about as strong, that hold a vetoed identity at an end of the one left out."""
    model = edge.strength == _MODEL
    if not model and not (rule == BRIDGE and edge.strength in _NUMBERS):
        return []
    found: set[Edge] = set()
    for one, other in pairs:
        mine, theirs = (one, other) if one in left else (other, one)
        found |= {*_path(tree, edge.left, mine), *_path(tree, edge.right, theirs)}
    return sorted(
        (e.left, e.right)
        for e in found
        if e.strength == edge.strength and abs(e.weight - edge.weight) < MARGIN
    )


def _path(tree: dict[int, list[Edge]], start: int, end: int) -> list[Edge]:
    """The edges between two identities of one group."""
    reached: dict[int, tuple[int, Edge] | None] = {start: None}
    queue = [start]
    for here in queue:
        for edge in tree.get(here, ()):
            there = edge.right if edge.left == here else edge.left
            if there not in reached:
                reached[there] = here, edge
                queue.append(there)
    path = []
    step = reached[end]
    while step is not None:
        path.append(step[1])
        step = reached[step[0]]
    return path


def _write(engine: Engine, placed: dict[int, int], blocked: dict[Pair, str]) -> None:
    # written out, for bound lists make DuckDB load pandas
    rules = ", ".join(literal(rule) for rule in blocked.values())
    engine.run(
        "create or replace table parted as select"  # noqa: S608
        f" unnest({list(placed)}::bigint[]) as id,"
        f" unnest({list(placed.values())}::bigint[]) as cluster;"
        "create or replace table blocked as select"
        f" unnest({[left for left, _ in blocked]}::bigint[]) as id_l,"
        f" unnest({[right for _, right in blocked]}::bigint[]) as id_r,"
        f" unnest([{rules}]::varchar[]) as rule;"
        "create or replace table cluster as"
        " select b.id, coalesce(p.cluster, g.cluster, b.base) as cluster"
        " from base b left join base_group g on g.id = b.base left join parted p on p.id = b.id"
    )
