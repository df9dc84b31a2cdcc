"""What stop orders and renewals make of the orders that they name, each within its own source.

In: `coded`, `stated`, and `medicine`, `medicine_told` of transform.medicine. Out: `medicine_hit`
(what each stop order finds) and `medicine_mark` (what becomes of the orders concerned). Only rows
that name others are compared; a source's word never reaches another source's order.

A stop order stops the order that it names and, in a chain of renewals, those that came before it.
What came after, begun by its day, it may have meant: unclear. One that names none stops the only
open order of its source and group (and strength, when it says one) begun by its day; when several
are open it is unclear which. One that is dated after the record's last day stops nothing yet.
"""

from minns.engine import Engine

#: Renewals followed from an order onwards: bounds a circle of orders that name each other.
_LONGEST = 1000

_ROWS = "coded as c left join stated as s on c.rowid = s.place_in_coded"
_FACT = "coalesce(s.fact_id, c.own_id)"
_ORDER = (
    "c.order_type is distinct from 'stop' "
    "and coalesce(c.stage, 'order') not in ('dispense', 'administration') "
    "and c.status not in ('nullified', 'refuted')"
)

_STOPS = f"""
    create temp table stop_order as
    select distinct {_FACT} as stopper, c.source, c.person_id, c.stops,
        m.group_id, m.strength,
        coalesce(c.starts_on, c.ends_on, cast(c.recorded_at as date)) as day
    from {_ROWS} join medicine as m on m.fact_id = {_FACT}
    where c.order_type = 'stop' and c.status not in ('nullified', 'refuted')"""  # noqa: S608

#: The orders that others name, by who names them.
_NAMED = f"""
    create temp table named as
    with wanted as (
        select source, person_id, stops as order_id from stop_order where stops is not null
        union
        select source, person_id, renews from coded where renews is not null
    )
    select distinct source, person_id, order_id, {_FACT} as fact_id
    from coded as c join wanted using (source, person_id, order_id)
    left join stated as s on c.rowid = s.place_in_coded
    where {_ORDER}"""  # noqa: S608

_LINKS = f"""
    create temp table renewal as
    select distinct {_FACT} as fact_id, c.source, n.fact_id as earlier
    from {_ROWS}
    join named as n
        on n.source = c.source and n.person_id = c.person_id and n.order_id = c.renews
    where {_ORDER} and n.fact_id <> {_FACT}"""  # noqa: S608

_CHAINS = f"""
    create temp table chain as
    with recursive followed as (
        select distinct r.earlier as fact_id, r.source, r.earlier as root, 0 as depth
        from renewal as r
        where not exists (
            select 1 from renewal as e where e.fact_id = r.earlier and e.source = r.source)
        union
        select r.fact_id, r.source, f.root, f.depth + 1
        from followed as f join renewal as r on r.earlier = f.fact_id and r.source = f.source
        where f.depth < {_LONGEST}
    )
    select fact_id, source, min(root) as root, max(depth) as depth,
        not exists (
            select 1 from renewal as r where r.earlier = f.fact_id and r.source = f.source) as last
    from followed as f group by fact_id, source"""  # noqa: S608

#: What each stop order finds: `open` orders that it may mean, of which it `sure`ly means the only.
_HITS = """
    create table medicine_hit as
    with node as (
        select fact_id, source from medicine semi join stop_order using (group_id)
        union all
        select fact_id, source from medicine_told
    ),
    candidate as (
        select o.*, n.fact_id, m.own_reason not in ('status', 'end_date')
            and (m.ends_on is null or o.day is null or m.ends_on >= o.day) as open
        from stop_order as o
        join medicine as m using (group_id)
        join node as n on n.fact_id = m.fact_id and n.source = o.source
        left join chain as h on h.fact_id = n.fact_id and h.source = n.source
        where o.stops is null and m.part = 'order' and not m.void and coalesce(h.last, true)
          and (m.starts_on is null or o.day is null or m.starts_on <= o.day)
          and (o.strength is null or m.strength is null or m.strength = o.strength)
    )
    select distinct o.stopper, o.source, o.day, n.fact_id, true as open, true as sure
    from stop_order as o
    join named as n on n.source = o.source and n.person_id = o.person_id and n.order_id = o.stops
    union all
    select distinct stopper, source, day, fact_id, open,
        count(*) filter (open) over (partition by stopper, source, day) = 1 as sure
    from candidate"""


def _linked_sql(last_day: str) -> str:
    """The orders that are in a chain or that a stop order may mean, and what these make of them."""
    return f"""
        create temp table linked as
        with hit as (
            select h.*, c.root, c.depth
            from medicine_hit as h left join chain as c using (fact_id, source)
            where h.open and coalesce(h.day <= {last_day}, true)
        ),
        concerned as (
            select fact_id, source from chain union select fact_id, source from hit
        ),
        placed as (
            select n.fact_id, n.source, c.root, c.depth, coalesce(c.last, true) as last,
                m.group_id, m.starts_on, m.own_reason as own
            from concerned as n
            join medicine as m on m.fact_id = n.fact_id
            left join chain as c on c.fact_id = n.fact_id and c.source = n.source
        ),
        struck as (
            select p.fact_id, p.source, h.stopper, h.day, h.sure
            from placed as p join hit as h using (fact_id, source)
            union all
            select p.fact_id, p.source, h.stopper, h.day, h.depth > p.depth as sure
            from placed as p join hit as h using (root, source)
            where h.sure and (h.depth > p.depth and not p.last
                or h.depth < p.depth and coalesce(p.starts_on <= h.day, true))
        ),
        stopped as (
            select fact_id, source, bool_or(sure) as sure, min(day) filter (sure) as ended_on,
                min(stopper) filter (sure) as stopper
            from struck group by fact_id, source
        )
        select p.*, s.ended_on, s.stopper,
            case when own in ('status', 'end_date') then own
                 when s.sure then 'stop_order'
                 when s.sure is not null then 'stop_unclear'
                 else own end as reason
        from placed as p left join stopped as s using (fact_id, source)"""  # noqa: S608


_MARKS = """
    create table medicine_mark as
    with followed as (
        select *, reason not in ('status', 'end_date', 'stop_order') as open,
            max(depth) filter (open) over (partition by root, source) as open_later,
            max(depth) filter (open) over (partition by root, source, group_id) as open_here
        from linked
    )
    select fact_id, source, root as chain_id, stopper, ended_on,
        case when last or not open then reason
             when open_here > depth then 'renewed'
             when open_later > depth then 'renewed_as_other'
             else 'renewal_ended' end as picture_reason
    from followed"""


def mark_orders(engine: Engine, last_day: str) -> None:
    """Make `medicine_hit` and `medicine_mark` in the session; `last_day`: SQL for the record's."""
    for statement in (_STOPS, _NAMED, _LINKS, _CHAINS, _HITS, _linked_sql(last_day), _MARKS):
        engine.run(statement)
    for table in ("stop_order", "named", "renewal", "chain", "linked"):
        engine.run(f"drop table {table}")
