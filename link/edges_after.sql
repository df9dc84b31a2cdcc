-- The edges themselves, once judgements have joined roots (root_group).

create or replace table root as
select r.id,
    coalesce(g.cluster, r.number_root) as number_root,
    coalesce(h.cluster, r.veto_root) as veto_root,
    coalesce(e.cluster, r.earlier_root) as earlier_root
from root r
left join root_group g on g.id = r.number_root
left join root_group h on h.id = r.veto_root
left join root_group e on e.id = r.earlier_root;

create or replace table score_fact as
select *, $veto as veto, $unmet as unmet, coalesce($replaced, false) as replaced
from ($score_features);

-- registry: a star around the identity that came first
create or replace table registry_pair as
select first_id as id_l, id as id_r from (
    select id, min(id) over (partition by person_id) as first_id, person_id from placed
) where id <> first_id;

create or replace table broken as
select distinct person_id from (
    select k.person_id, $hard as broken
    from ($person_features) f join placed k on k.id = f.id_l
) where broken;

create or replace table edge as
select id_l, id_r, 'judgement' as method, 6 as strength, 0.0 as weight, 1.0 as probability
from verdict where verdict = 'same'
union all
select id_l, id_r, 'registry', case when b.person_id is null then 5 else 2 end, 0.0, 1.0
from registry_pair join placed k on k.id = id_l left join broken b using (person_id)
union all
select f.id_l, f.id_r, case when same_number then 'number' else 'documented' end,
    case when same_number then 4 else 3 end, 0.0, 1.0
from number_fact f join root l on l.id = f.id_l join root r on r.id = f.id_r
where veto is null and unmet is null
    and (
        l.number_root = r.number_root
        or guessed and id_l not in (select id from disowned) and id_r not in (select id from disowned)
    )
union all
select id_l, id_r, 'model', 1, cast(match_weight as double), cast(match_probability as double)
from score_fact where veto is null and unmet is null;

create or replace table node as select id from standard;
