-- Orders that follow on others: renewals, stop orders, and one medicine in two systems under two names and strengths.
-- Each is a fact of its own, in the system that wrote it.

create or replace temp table going_on as
select e.*, m.dose, m.strength from entry e join medication m using (fact_id)
where e.kind = 'medication' and e.copy = 0 and not e.nullified and m.ends_on is null;

-- renewed about once a year, up to five times
create or replace temp table follower as
with renewal as (
    select 'renewal' as what, concat(fact_id, '-r', n) as new_fact, g.*, n,
        if(n = 1, fact_id, concat(fact_id, '-r', n - 1)) as follows,
        g.day + cast(345 * n + pick('renewal', concat(fact_id, n), 30) as integer) as new_day
    from going_on g, range(1, 6) t(n)
    where origin and chance('renewed', fact_id) and n <= 1 + pick('renewals', fact_id, 5)
), living as (
    -- nobody renews for the dead
    select r.* from renewal r join person p using (pid)
    where new_day <= least(coalesce(p.deceased_date, region_end()), region_end())
), stopping as (
    -- a stop order, in the hospital's journal only, of the order that goes on there
    select 'stop' as what, concat(fact_id, '-stop') as new_fact, g.*, 7 as n,
        coalesce((select max_by(new_fact, l.n) from living l where l.fact_id = g.fact_id and l.source = g.source), fact_id) as follows,
        region_end() - cast(pick('stopped on', fact_id, 300) as integer) as new_day
    from going_on g where source = 'melior' and chance('stop_ordered', fact_id)
), splitting as (
    -- primary care has half the strength twice as often of what the hospital began
    select 'split' as what, concat(fact_id, '-split') as new_fact,
        g.* replace ('asynja' as source, h.local_id as local_id, concat(g.line, 'split') as line), 0 as n, fact_id as follows,
        g.day + 3 + cast(pick('split on', fact_id, 20) as integer) as new_day
    from going_on g join holder h on h.pid = g.pid and h.source = 'asynja'
    where g.source = 'melior' and g.origin and chance('strength_split', fact_id)
        and g.dose in ('1x1', '1x2') and regexp_full_match(g.strength, '\d+ mg')
        and not exists (from entry o where o.fact_id = g.fact_id and o.source = 'asynja')
        and not exists (from living l where l.fact_id = g.fact_id)
)
select * from living
union all select s.* from stopping s where s.new_day > coalesce((select max(new_day) from living l where l.fact_id = s.fact_id), s.day)
union all select * from splitting where new_day <= region_end();

insert into medication by name
select distinct f.new_fact as fact_id, f.pid, f.new_day as day, m.atc, m.name, m.generic, m.form, m.route, m.other_dose,
    if(f.what = 'split', replace(trim_zeros(cast(split_part(m.strength, ' ', 1) as decimal(9, 3)) / 2), '.', ',') || ' mg', m.strength) as strength,
    if(f.what = 'split', '2' || substr(m.dose, 2), m.dose) as dose,
    if(f.what = 'renewal', f.follows, null) as renews, if(f.what = 'stop', f.follows, null) as stops
from follower f join medication m on m.fact_id = f.fact_id;

insert into entry by name
select kind, domain, new_fact as fact_id, pid, source, true as origin, concat(line, new_fact) as line, 0 as copy, row_number,
    cast(case what when 'split' then 700000000 else 100000000 end + 8 * cast(key as bigint) + n as varchar) as key,
    local_id, new_day as day, at_work(new_day, 'recorded', new_fact) as recorded_at,
    not chance('unsigned', new_fact) as signed, false as nullified, visible, unit_no, author
from follower;

-- by what key its own system knows the order that an order follows on; some references lead nowhere
create or replace temp table follows as
select e.source as by_source, e.line as by_line, if(chance('reference_lost', e.line), '9' || lpad(f.key, 8, '0'), f.key) as order_key
from entry e join medication m using (fact_id)
join entry f on f.fact_id = coalesce(m.renews, m.stops) and f.source = e.source and f.kind = e.kind and f.copy = 0
where e.kind = 'medication';

-- what was given of an order: on its first days in hospital, and out by the pharmacy every third month. It happened, and is
-- no order; some rows stand as active in their systems all the same, for nobody closed them.
create or replace temp table event as
select e.source, concat(e.fact_id, '-given-', e.source, n) as fact_id, e.pid, e.local_id, e.key as order_key, e.author, e.unit_no, e.nullified,
    cast(8 * cast(e.key as bigint) + n as varchar) as key, n, m.atc, m.name, m.generic, m.strength, m.form, m.route,
    e.day + cast(if(e.source = 'melior', n, 90 * n) as integer) as day
from entry e join medication m using (fact_id) join person p on p.pid = e.pid, range(3) t(n)
where e.kind = 'medication' and e.copy = 0 and e.source in ('melior', 'asynja') and m.stops is null
    and if(e.source = 'melior', chance('given', e.line), chance('dispensed', e.line))
    and e.day + cast(if(e.source = 'melior', n, 90 * n) as integer) 
        <= least(coalesce(m.ends_on, region_end()), coalesce(p.deceased_date, region_end()), region_end());
