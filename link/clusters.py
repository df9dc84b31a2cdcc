"""Identities grouped into persons: connected components, in which no veto may stand.

Almost all components are free of vetoes and are taken as they come. The few that hold one are
built again edge by edge, the strongest first, and an edge that would bring a vetoed pair together
is left out; a model's edge that such an edge rivals is left out as well.
"""

from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa
from splink import DuckDBAPI
from splink.clustering import cluster_pairwise_predictions_at_threshold

from link.vetoes import features_sql, veto_sql
from minns.engine import Engine

#: By how many bits a model's edge must outweigh a rival that a veto keeps out.
MARGIN = 6.0
_MODEL = 1


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
    """Reads `node`, `edge`; writes `cluster` (id, cluster) and `blocked` (id_l, id_r, rule)."""
    components(engine, "node", "edge", "component")
    engine.run(
        "create or replace table member_pair as select l.id as id_l, r.id as id_r, l.cluster"
        " from component l join component r on l.cluster = r.cluster and l.id < r.id"
    )
    engine.run(
        "create or replace table member_veto as select * from ("  # noqa: S608
        f"select id_l, id_r, cluster, {veto_sql()} as veto from ({features_sql('member_pair')})"
        ") where veto is not null"
    )
    vetoes = engine.rows("select cluster, id_l, id_r, veto from member_veto order by all")
    edges = engine.rows(
        "select distinct c.cluster, e.id_l, e.id_r, e.strength, e.weight from edge e"
        " join component c on c.id = e.id_l where c.cluster in (select cluster from member_veto)"
        " order by c.cluster, e.strength desc, e.weight desc, e.id_l, e.id_r"
    )
    _write(engine, *_resolved(edges, vetoes))


def _resolved(
    edges: list[tuple[int, int, int, int, float]], vetoes: list[tuple[int, int, int, str]]
) -> tuple[dict[int, int], dict[tuple[int, int], str]]:
    grouped: dict[int, list[Edge]] = {}
    for cluster, left, right, strength, weight in edges:
        grouped.setdefault(cluster, []).append(Edge(left, right, strength, weight))
    apart: dict[int, dict[tuple[int, int], str]] = {}
    for cluster, left, right, veto in vetoes:
        apart.setdefault(cluster, {})[left, right] = veto
    placed: dict[int, int] = {}
    blocked: dict[tuple[int, int], str] = {}
    for cluster in sorted(grouped):
        groups, kept_out = part(grouped[cluster], apart[cluster])
        placed.update(groups)
        blocked.update(kept_out)
    return placed, blocked


def part(
    edges: list[Edge], vetoes: dict[tuple[int, int], str]
) -> tuple[dict[int, int], dict[tuple[int, int], str]]:
    """Group a component's identities so that no group holds a vetoed pair.

    Gives the group of each identity (its least member) and the edges left out, with the veto.
    """
    _, blocked = _grown(edges, vetoes)
    rivals = [e for e in edges if e.strength == _MODEL and (e.left, e.right) in blocked]
    if not rivals:
        return _grown(edges, vetoes)
    strongest = max(rivals, key=lambda e: e.weight)
    rule = blocked[strongest.left, strongest.right]
    doubtful = {
        (e.left, e.right): blocked.get((e.left, e.right), rule)
        for e in edges
        if e.strength == _MODEL and e.weight < strongest.weight + MARGIN
    }
    firm = [e for e in edges if e.strength > _MODEL or (e.left, e.right) not in doubtful]
    groups, still = _grown(firm, vetoes)
    alone = {i: i for e in edges for i in (e.left, e.right)}
    return {**alone, **groups}, {**doubtful, **still}


def _grown(
    edges: Iterable[Edge], vetoes: dict[tuple[int, int], str]
) -> tuple[dict[int, int], dict[tuple[int, int], str]]:
    """Join along the edges in order; leave out those that a veto between two groups forbids."""
    member_of: dict[int, set[int]] = {}
    blocked: dict[tuple[int, int], str] = {}
    for edge in edges:
        left = member_of.setdefault(edge.left, {edge.left})
        right = member_of.setdefault(edge.right, {edge.right})
        if left is right:
            continue
        rule = _veto_between(left, right, vetoes)
        if rule is not None:
            blocked[edge.left, edge.right] = rule
            continue
        left |= right
        for member in right:
            member_of[member] = left
    return {member: min(group) for member, group in member_of.items()}, blocked


def _veto_between(
    left: set[int], right: set[int], vetoes: dict[tuple[int, int], str]
) -> str | None:
    pairs = sorted((min(a, b), max(a, b)) for a in left for b in right)
    return next((vetoes[pair] for pair in pairs if pair in vetoes), None)


def _write(engine: Engine, placed: dict[int, int], blocked: dict[tuple[int, int], str]) -> None:
    parted = pa.table(
        {
            "id": pa.array(list(placed), pa.int64()),
            "cluster": pa.array(list(placed.values()), pa.int64()),
        }
    )
    kept_out = pa.table(
        {
            "id_l": pa.array([left for left, _ in blocked], pa.int64()),
            "id_r": pa.array([right for _, right in blocked], pa.int64()),
            "rule": pa.array(list(blocked.values()), pa.string()),
        }
    )
    with engine.arrow("parted", parted), engine.arrow("kept_out", kept_out):
        engine.run(
            "create or replace table cluster as"
            " select id, coalesce(p.cluster, c.cluster) as cluster"
            " from component c left join parted p using (id)"
        )
        engine.run("create or replace table blocked as select * from kept_out")
