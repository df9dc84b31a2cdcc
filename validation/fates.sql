-- What became of every landed row. Reads the views row, quarantine, excluded, held, lineage and statement
-- (one line for each canonical row: pointer, kind, local_patient_id). A kind is '' where the row itself is meant.

-- each way in which a statement can have been dealt with, one line a rule
create or replace temp table told as
select source, source_table, row_key, kind, role as fate,
    case
        when kind = 'patient' then if(role = 'loaded', 'founds_person', 'same_person')
        else if(role = 'loaded', 'founds_fact', 'same_fact')
    end as rule,
    fact_id
from lineage
union all
select distinct source, source_table, row_key, coalesce(kind, ''), 'quarantined', rule, null
from quarantine
union all
select s.source, s.source_table, s.row_key, s.kind, 'held', min(h.rule), null
from statement s
join held h on h.source = s.source and h.local_patient_id = s.local_patient_id
group by all;

-- statements that nothing was said about by kind: their row may still be accounted for as a whole
create or replace temp table open_statement as
select source, source_table, row_key, kind
from statement s
where not exists (
    from told t
    where t.source = s.source and t.source_table = s.source_table and t.row_key = s.row_key
        and t.kind = s.kind
);

create or replace temp table line as
select source, source_table, row_key, fate, rule, kind, fact_id from told
union all
select e.source, e.source_table, e.row_key, 'excluded', e.rule, coalesce(o.kind, ''), null
from (select distinct source, source_table, row_key, rule from excluded) e
left join open_statement o
    on o.source = e.source and o.source_table = e.source_table and o.row_key = e.row_key
    -- that a row is evidence for linking leaves nothing else out that it states
    and (o.kind = 'register_link') = (e.rule = 'register_link');

create or replace temp table unexplained as
select source, source_table, row_key, kind
from open_statement s
where not exists (
    from line l
    where l.source = s.source and l.source_table = s.source_table and l.row_key = s.row_key
        and (l.kind = s.kind or (l.kind = '' and l.fate = 'quarantined'))
)
union all
select source, source_table, row_key, '' as kind
from "row" r
where not exists (
    from line l
    where l.source = r.source and l.source_table = r.source_table and l.row_key = r.row_key
)
and not exists (
    from open_statement s
    where s.source = r.source and s.source_table = r.source_table and s.row_key = r.row_key
);

-- what must never be: no shape of books hides it
create or replace temp table fault as
select source, source_table, row_key, kind, 'two_fates' as rule
from line
where kind <> ''
group by source, source_table, row_key, kind
having count(distinct fate) > 1 or count(fact_id) > 1
union all
select source, source_table, row_key, kind, 'no_such_row'
from (select distinct source, source_table, row_key, kind from line) l
where not exists (
    from "row" r
    where r.source = l.source and r.source_table = l.source_table and r.row_key = l.row_key
)
union all
select source, source_table, row_key, '', 'row_twice'
from "row"
group by source, source_table, row_key
having count(*) > 1;

-- a row counts once, under the first fate that occurs; a row with an unexplained statement has none
create or replace temp table row_fate as
select r.source, r.source_table, r.row_key, best.fate, best.rule, r.row_hash
from "row" r
join (
    select source, source_table, row_key,
        arg_min(fate, {rank: fate_rank(fate), rule: rule}) as fate,
        arg_min(rule, {rank: fate_rank(fate), rule: rule}) as rule
    from line
    group by source, source_table, row_key
) best on best.source = r.source and best.source_table = r.source_table and best.row_key = r.row_key
where not exists (
    from unexplained u
    where u.source = r.source and u.source_table = r.source_table and u.row_key = r.row_key
);
