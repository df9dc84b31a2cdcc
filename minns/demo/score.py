"""How near a result came to the truth; the only reader of the truth."""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from minns.engine import literal


@dataclass(frozen=True)
class Share:
    """Pairs that are right, found and both; precision and recall follow."""

    true: int
    found: int
    both: int

    @property
    def precision(self) -> float:
        return self.both / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.both / self.true if self.true else 1.0


@dataclass(frozen=True)
class Score:
    """Linkage and consolidation against the truth.

    `persons`: pairs of identities in one person, among `identities`. `overlays`: persons that hold
    identities of more than one true person. `groups`: the pairs of which one side at least is of
    the group, by the truth's groups; those of `unlinkable` hold nothing to link on. `facts`: pairs
    of rows behind one fact; `kinds`: the same for each kind.
    """

    persons: Share
    overlays: int
    facts: Share
    kinds: dict[str, Share]
    identities: int = 0
    groups: dict[str, Share] = field(default_factory=dict)

    @property
    def laid_over(self) -> float:
        """Persons laid over, for each 10,000 identities."""
        return 10_000 * self.overlays / self.identities if self.identities else 0.0


# pairs within groups of n: n * (n - 1) / 2; both: within the groups of truth and result at once
_PAIRS = """
with counted as (select kind, true_id, found_id, count(*) as n from joined group by all)
select kind,
    (select coalesce(sum(n * (n - 1) // 2), 0) from (
        select sum(n) as n from counted c where c.kind = k.kind group by true_id)),
    (select coalesce(sum(n * (n - 1) // 2), 0) from (
        select sum(n) as n from counted c where c.kind = k.kind group by found_id)),
    (select coalesce(sum(n * (n - 1) // 2), 0) from counted c where c.kind = k.kind)
from (select distinct kind from counted) k order by kind
"""


def _table(path: Path) -> str:
    reader = "read_csv" if path.suffix == ".csv" else "read_parquet"
    options = ", all_varchar = true" if path.suffix == ".csv" else ""
    return f"{reader}({literal(str(path))}{options})"


def _shares(connection: duckdb.DuckDBPyConnection, among: str = "joined") -> dict[str, Share]:
    rows = connection.execute(_PAIRS.replace("from joined", f"from {among}")).fetchall()
    return {kind: Share(int(true), int(found), int(both)) for kind, true, found, both in rows}


def _identities(connection: duckdb.DuckDBPyConnection, folder: Path, found: Path) -> None:
    local = "local_id" if "local_id" in _columns(connection, found) else "local_patient_id"
    path = folder / "truth" / "identities.parquet"
    groups = "groups" if "groups" in _columns(connection, path) else "''"
    connection.execute(
        "create or replace table joined as select 'patient' as kind, t.person as true_id, "  # noqa: S608
        f"f.person_id as found_id, string_split({groups}, ' ') as groups "
        f"from {_table(found)} f join {_table(path)} t "
        f"on t.source = f.source and t.local_patient_id = f.{local}"
    )


def _columns(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    return [row[0] for row in connection.execute(f"describe from {_table(path)}").fetchall()]


def _groups(connection: duckdb.DuckDBPyConnection, persons: Share) -> dict[str, Share]:
    """The pairs of each group: all, but for those of which neither side is of it."""
    found = {}
    listed = "select distinct unnest(groups) as g from joined order by g"
    for (group,) in connection.execute(f"from ({listed}) where g <> ''").fetchall():
        outside = f"(from joined where not list_contains(groups, {literal(group)}))"
        rest = _shares(connection, outside).get("patient", Share(0, 0, 0))
        found[group] = Share(
            persons.true - rest.true, persons.found - rest.found, persons.both - rest.both
        )
    return found


def _facts(connection: duckdb.DuckDBPyConnection, folder: Path, found: Path) -> None:
    truth = _table(folder / "truth" / "facts.parquet")
    connection.execute(
        "create or replace table joined as select f.kind, t.fact_id as true_id, "  # noqa: S608
        f"f.fact_id as found_id from {_table(found)} f join {truth} t "
        "using (kind, source, source_table, row_key)"
    )


def score(folder: Path, identities: Path, lineage: Path) -> Score:
    """Compare a result with the truth in `folder/truth`.

    `identities`: CSV or Parquet with source, local_id (or local_patient_id) and person_id;
    `lineage`: the table of that name. Only what the result holds is compared.
    """
    with duckdb.connect() as connection:
        _identities(connection, folder, identities)
        persons = _shares(connection).get("patient", Share(0, 0, 0))
        groups = _groups(connection, persons)
        mixed, size = connection.execute(
            "select count(*) filter (people > 1), coalesce(sum(n), 0) from (select count(*) as n, "
            "count(distinct true_id) as people from joined group by found_id)"
        ).fetchall()[0]
        _facts(connection, folder, lineage)
        kinds = _shares(connection)
    parts = kinds.values()
    total = Share(
        sum(s.true for s in parts), sum(s.found for s in parts), sum(s.both for s in parts)
    )
    return Score(persons, int(mixed), total, kinds, int(size), groups)
