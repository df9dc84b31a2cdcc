"""Identities grouped into persons: connected components, in which no veto may stand.

Almost all components are free of vetoes and are taken as they come. The few that hold one are
built again edge by edge, the strongest first, and an edge that would bring a vetoed pair together
is left out; so are the edges that are about as strong and speak for the other side.
"""

from splink import DuckDBAPI
from splink.clustering import cluster_pairwise_predictions_at_threshold

from link.parting import Edge, Pair, part
from minns.engine import Engine, literal


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
