-- How an identity is tied to its person: the strongest edge that held; a judgement where nothing else ties it.

create or replace table tie as
select id, arg_max(method, (strength, weight)) as method, arg_max(probability, (strength, weight)) as probability
from (
    select unnest([e.id_l, e.id_r]) as id, e.method, e.strength, e.weight, e.probability
    from edge e
    join cluster l on l.id = e.id_l
    join cluster r on r.id = e.id_r and r.cluster = l.cluster
    where e.method <> 'registry'
    union all
    select unnest([id_l, id_r]), method, case method when 'number' then 4 else 3 end, 0.0, 1.0
    from star where id_r in (select id from member)
)
group by id;

-- clusters that a judgement holds together, and what they would be without it
create or replace table judged_node as
select c.id, c.cluster as judged_cluster from cluster c
where c.cluster in (
    select l.cluster from verdict v join cluster l on l.id = v.id_l join cluster r on r.id = v.id_r and r.cluster = l.cluster
    where v.verdict = 'same'
);

create or replace table judged_edge as
select e.id_l, e.id_r from (
    -- a judgement lifts vetoes between its persons' other identities too: what they let pass is its doing
    select id_l, id_r from edge e join root l on l.id = e.id_l join root r on r.id = e.id_r
    where method <> 'judgement' and not (
        method = 'model' and (
            coalesce(l.veto_root <> r.veto_root, false)
            or coalesce((select core from core where id = id_l) <> (select core from core where id = id_r), false)
        )
    )
    union all
    select id_l, id_r from star
    union all
    select core, id from core where core <> id
) e
join judged_node l on l.id = e.id_l
join judged_node r on r.id = e.id_r and r.judged_cluster = l.judged_cluster;
