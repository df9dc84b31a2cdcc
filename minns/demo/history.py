"""How near the record's history came to the truth: each true fact once, every planted disagreement
told, no alert and no medicine lost.

Judged are pairs of rows of one person of the record. Left out are, and counted,

* rows that are behind no fact (quarantined, held, excluded) and rows that are struck out;
* pairs that the linkage left in two persons: `score` counts those;
* pairs of rows of which one has a code that nobody has mapped (asynja's VAS, Z00-P and 'Ej
  blodtransfusion', `known` in told.sql): the record cannot know what such a code means, and must
  not guess. That is right only because nothing of them is lost or hidden: each row is behind a fact
  with its own code and text, `minns map coverage` names the code with its source, rows and
  patients, and it counts against `code_coverage_min`, `code_patients_min` and `code_risk_min`. What
  such a row says otherwise than the others is told only once the code is mapped;
* pairs of rows that were made to differ (`truth/told.parquet`): on some field on which the rows of
  their fact hold two words, their words are not the same. So is a row that is silent where the
  others disagree: nobody can tell with which of them it goes.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from minns.demo.score import Share
from minns.engine import literal

#: Kinds of which nothing that is so may be missing.
SAFETY = ("alert", "medication")

_ROWS = """
create table said as from read_parquet($told);
create table row as
select t.kind, t.fact_id as true_id, l.fact_id as found_id, t.source, t.source_table, t.row_key,
    exists (select 1 from said s where s.field = 'struck' and s.kind = t.kind
        and s.source = t.source and s.source_table = t.source_table and s.row_key = t.row_key)
        as struck
from read_parquet($facts) t
left join read_parquet($lineage) l using (kind, source, source_table, row_key);
-- chain: an order that another renews goes on in that one, and what is disputed is told there
create table fact (kind varchar, found_id varchar, person_id varchar, status varchar,
    standing boolean, chain varchar);
"""
_JUDGED = """
create table seen as
select r.*, f.person_id, f.status, f.standing, f.chain
from row r join fact f using (kind, found_id) where not struck;
create table word as
select s.*, true_id, found_id, chain, person_id
from said s join seen using (kind, source, source_table, row_key);
-- fields on which the rows of one fact hold two words
create table differing as
select kind, true_id, person_id, field, any_value(disagreement) as disagreement
from word group by all having min(word) <> max(word);
create table judged as
select s.*, coalesce(d.words, '') as words, d.fields
from seen s left join (
    select w.kind, w.source, w.source_table, w.row_key,
        string_agg(coalesce(w.word, '-'), '|' order by field) as words,
        string_agg(field, ', ' order by field) as fields
    from word w join differing using (kind, true_id, person_id, field) group by all
) d using (kind, source, source_table, row_key);
"""
#: Pairs of a grouping: rows that are alike in `by`.
_PAIRS = "select kind, sum(n * (n - 1) // 2) as pairs from ({}) group by kind"
_COUNTED = "select kind, {}, count(*) as n from judged group by all"
_TRUE, _ALIKE = "true_id, person_id", "true_id, person_id, words"


@dataclass(frozen=True)
class Kind:
    """One kind: pairs that are judged, pairs left out by the fields that were made to differ
    (and how many of those stand behind one fact all the same), and planted disagreements.
    """

    pairs: Share
    left_out: dict[str, int]
    left_out_folded: int
    planted: int
    reported: int


@dataclass(frozen=True)
class History:
    """The history against the truth. `by_fate` and `struck`: rows that are not judged;
    `by_linkage`: pairs that the linkage left apart; `lost`: what is so, by kind, and no standing
    fact says it; `unread`: what is so and none of its rows became a fact; `unread_why`: the rows of
    that, by what became of them. `doubts`: by rule, rows planted that stand behind a fact, and
    those of them that a conflict of that rule tells.
    """

    kinds: dict[str, Kind]
    by_fate: dict[str, int]
    struck: dict[str, int]
    by_linkage: dict[str, int]
    lost: dict[str, int]
    unread: dict[str, int]
    unread_why: dict[str, dict[str, int]]
    doubts: dict[str, tuple[int, int]]

    @property
    def pairs(self) -> Share:
        """Of all kinds together."""
        shares = [kind.pairs for kind in self.kinds.values()]
        return Share(
            sum(s.true for s in shares), sum(s.found for s in shares), sum(s.both for s in shares)
        )

    @property
    def left_out(self) -> int:
        """Pairs that were made to differ."""
        return sum(sum(kind.left_out.values()) for kind in self.kinds.values())

    @property
    def planted(self) -> int:
        """Words of planted disagreements."""
        return sum(kind.planted for kind in self.kinds.values())

    @property
    def reported(self) -> int:
        """Those of them that a conflict of the record shows."""
        return sum(kind.reported for kind in self.kinds.values())


def _counts(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, int]:
    return {kind: int(n) for kind, n in connection.execute(query).fetchall()}


def _pairs(connection: duckdb.DuckDBPyConnection, by: str) -> dict[str, int]:
    return _counts(connection, _PAIRS.format(_COUNTED.format(by)))


def _read(connection: duckdb.DuckDBPyConnection, truth: Path, record: Path) -> None:
    for statement in _ROWS.split(";"):
        if statement.strip():
            names = {
                "told": str(truth / "told.parquet"),
                "facts": str(truth / "facts.parquet"),
                "lineage": str(record / "lineage" / "*.parquet"),
            }
            used = {name: path for name, path in names.items() if f"${name}" in statement}
            connection.execute(statement, used)
    kinds = [kind for (kind,) in connection.execute("select distinct kind from row").fetchall()]
    for kind in sorted(kinds):
        standing = "status = 'active'"
        if kind == "alert":
            standing += " and not coalesce(negated, false)"
        chain = "chain_id" if kind == "medication" else "fact_id"
        path = literal(str(record / kind / "*.parquet"))
        connection.execute(
            f"insert into fact select {literal(kind)}, fact_id, person_id, status, {standing}, "  # noqa: S608
            f"{chain} from read_parquet({path})"
        )
    connection.execute(_JUDGED)


#: Words of planted disagreements, and those that a conflict on their field shows.
_REPORTED = """
with shown as (
    select distinct kind, field, chain from (
        select kind, field, unnest([fact_id, other_fact_id]) as found_id
        from read_parquet($conflict)
    ) join fact using (kind, found_id)
)
select w.kind, count(*), count(*) filter (shown) from (
    select w.kind, w.true_id, w.person_id, w.field, w.word, bool_or(
        (w.kind, w.field, w.chain) in (select (kind, field, chain) from shown)) as shown
    from word w join differing d using (kind, true_id, person_id, field)
    where d.disagreement and w.word is not null group by all
) w group by w.kind
"""
#: What some row of a system states as active, and whether a fact that stands has such a row.
_STATED = """
with stated as (
    select r.kind, r.true_id, bool_or(f.standing) as standing, bool_or(f.kind is not null) as known
    from row r
    join said s on s.kind = r.kind and s.source = r.source and s.source_table = r.source_table
        and s.row_key = r.row_key and s.field = 'status' and s.word = 'active'
    left join fact f on f.kind = r.kind and f.found_id = r.found_id
    where r.kind = $kind and not struck and not exists (
        select 1 from said n where n.kind = r.kind and n.word = 'none'
        and n.source = r.source and n.row_key = r.row_key and n.source_table = r.source_table)
    group by all
)
select count(*) filter (known and not coalesce(standing, false)), count(*) filter (not known)
from stated
"""


#: Planted doubts about one row, and those that a conflict on its fact tells.
_DOUBTS = """
select p.rule, count(*), count(c.fact_id)
from read_parquet($planted) p
join seen s using (kind, source, source_table, row_key)
left join (select distinct rule, fact_id from read_parquet($conflict)) c
    on c.rule = p.rule and c.fact_id = s.found_id
group by 1 order by 1
"""
#: Rows of what no row of which became a fact, by what became of them.
_WHY = """
select r.kind, concat_ws(' ', f.fate, f.rule) as why, count(*)
from row r
left join read_parquet($fates) f using (kind, source, source_table, row_key)
where r.kind in ('alert', 'medication') and (r.kind, r.true_id) in (
    select (kind, true_id) from row group by all having count(found_id) = 0)
group by all order by all
"""


def _left_out(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    """Pairs left out, by kind and by the fields that were made to differ."""
    query = f"""
        with fact as (select kind, true_id, person_id, any_value(fields) as fields,
                count(*) as n from judged group by all),
            alike as (select kind, true_id, person_id, sum(n * (n - 1) // 2) as inside from
                ({_COUNTED.format(_ALIKE)}) group by all)
        select kind, fields, sum(n * (n - 1) // 2 - inside) as pairs
        from fact join alike using (kind, true_id, person_id) where fields is not null
        group by all having pairs > 0 order by all"""  # noqa: S608
    found: dict[str, dict[str, int]] = {}
    for kind, fields, pairs in connection.execute(query).fetchall():
        found.setdefault(kind, {})[fields] = int(pairs)
    return found


def _kinds(connection: duckdb.DuckDBPyConnection, conflict: str) -> dict[str, Kind]:
    alike, true = _pairs(connection, _ALIKE), _pairs(connection, _TRUE)
    both, folded = (_pairs(connection, f"{by}, found_id") for by in (_ALIKE, _TRUE))
    found, left_out = _pairs(connection, "found_id"), _left_out(connection)
    told = {
        kind: (int(planted), int(shown))
        for kind, planted, shown in connection.execute(_REPORTED, {"conflict": conflict}).fetchall()
    }
    return {
        kind: Kind(
            # what was made to differ and was folded all the same is neither right nor wrong
            Share(alike[kind], found[kind] - (folded[kind] - both[kind]), both[kind]),
            left_out.get(kind, {}),
            folded[kind] - both[kind],
            *told.get(kind, (0, 0)),
        )
        for kind in sorted(true)
    }


def _why(connection: duckdb.DuckDBPyConnection, fates: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    rows = connection.execute(_WHY, {"fates": str(fates / "fate" / "*.parquet")}).fetchall()
    for kind, why, count in rows:
        found.setdefault(kind, {})[why] = int(count)
    return found


def history(folder: Path, record: Path, fates: Path) -> History:
    """Compare the tables of the steps `transform` and `fates` (in the folders `record` and `fates`)
    with `folder/truth`.
    """
    with duckdb.connect() as connection:
        _read(connection, folder / "truth", record)
        lost, unread = {}, {}
        for kind in SAFETY:
            answer = connection.execute(_STATED, {"kind": kind}).fetchall()[0]
            lost[kind], unread[kind] = int(answer[0]), int(answer[1])
        everyone = "select kind, {} as by, count(*) as n from seen group by all"
        whole = _counts(connection, _PAIRS.format(everyone.format("true_id")))
        within = _pairs(connection, _TRUE)
        conflict = str(record / "conflict" / "*.parquet")
        planted = {"planted": str(folder / "truth" / "planted.parquet"), "conflict": conflict}
        doubts = connection.execute(_DOUBTS, planted).fetchall()
        return History(
            _kinds(connection, conflict),
            _counts(connection, "select kind, count(*) from row where found_id is null group by 1"),
            _counts(connection, "select kind, count(*) from row where struck group by 1"),
            {kind: whole[kind] - within[kind] for kind in sorted(whole)},
            lost,
            unread,
            _why(connection, fates),
            {rule: (int(rows), int(told)) for rule, rows, told in doubts},
        )
