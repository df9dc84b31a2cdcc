-- Of bases that edges tie together: every pair of identities in them that no crowd vouches for.

create or replace table member_pair as
select l.id as id_l, r.id as id_r, l.cluster
from member l join member r on l.cluster = r.cluster and l.id < r.id and l.base <> r.base;

create or replace table unseen as select id_l, id_r from member_pair anti join feature using (id_l, id_r);
insert into feature by name $features;

create or replace table member_veto as
select id_l, id_r, cluster, veto, same_person from (
    select id_l, id_r, cluster, same_person, $veto as veto from ($member_facts)
) where veto is not null;

-- cores and merges into which a hard veto breaks
create or replace table broken as
select distinct l.core as id
from member_veto v join core l on l.id = v.id_l join core r on r.id = v.id_r and r.core = l.core
where v.same_person and $hard;

create or replace table broken_unit as
select distinct u.unit from member_veto v join unit u on u.id = v.id_l where v.same_person and $hard;

create or replace table parting_edge as
with all_edge as (
    select e.* replace (
        case when method <> 'registry' then strength
            when id_l in (from broken) and id_r in (select id from core where core = id_l) then 2
            when id_l in (select id from unit semi join broken_unit using (unit))
                and id_r not in (select id from core where core = id_l) then 2
            else strength end as strength
    )
    from edge e
    union all
    select id_l, id_r, method, case method when 'number' then 4 else 3 end, 0.0, 1.0 from star
)
select m.cluster, e.id_l, e.id_r, max(e.strength) as strength, max(e.weight) as weight
from all_edge e join member m on m.id = e.id_l
where m.cluster in (select cluster from member_veto)
group by m.cluster, e.id_l, e.id_r;
