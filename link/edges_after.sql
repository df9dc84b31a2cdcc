-- Crowds that nothing speaks against are one from here on, known by their least identity, their base; all else is an
-- edge. Strength: judgement 6, registry 5 (2 where a hard veto broke into it), number 4, documented 3, model 1.

update root set number_root = null, veto_root = null, earlier_root = null where id in (from disowned);
update face set number_root = null, veto_root = null, earlier_root = null where id in (from disowned);
update root set veto_root = null, earlier_root = null where id in (from outspoken);
update face set veto_root = null, earlier_root = null where id in (from outspoken);
update face set
    number_root = coalesce((select cluster from root_group g where g.id = number_root), number_root),
    veto_root = coalesce((select cluster from root_group g where g.id = veto_root), veto_root),
    earlier_root = coalesce((select cluster from root_group g where g.id = earlier_root), earlier_root)
where exists (from root_group);

create or replace table firm as
select number_root, min(id) as first_id, min(number) is not distinct from max(number) and count(number) = count(*) as one_number
from root
semi join (select number_root from crowd where not bridged) using (number_root)
anti join (
    select l.number_root
    from number_fact f join root l on l.id = f.id_l join root r on r.id = f.id_r and r.number_root = l.number_root
    where f.veto is not null or f.unmet is not null
) using (number_root)
group by number_root;

create or replace table base as
select r.id, coalesce(f.first_id, r.id) as base, f.first_id is not null as firm
from root r left join firm f using (number_root);

-- a firm crowd's ties: each of its numbers is a star around the number's least identity, which hangs on the crowd's
create or replace table star as
select f.first_id as id_l, r.id as id_r, 'number' as method
from root r join firm f using (number_root)
where f.one_number and r.id <> f.first_id
union all
select case when id = own_first then first_id else own_first end, id,
    case when id = own_first then 'documented' else 'number' end
from (
    select r.id, f.first_id, case when r.number is null then r.id
        else min(r.id) over (partition by r.number_root, r.number) end as own_first
    from root r join firm f using (number_root) where not f.one_number
)
where id <> first_id;

create or replace table score_fact as
select *, $veto as veto, $unmet as unmet, $doubtful as doubtful
from ($score_facts);

-- a newborn without a name and a child of that day, surname and door: one, where neither could be another's
create or replace table cradle as
with seen as (
    select f.id_l, f.id_r, case when newborn_l then l.base else r.base end as newborn,
        case when newborn_l then r.base else l.base end as child,
        case when newborn_l then y.given_first else x.given_first end as child_given,
        veto is null and unmet = 'given_names' and home = 2 and not sex_differs and match_weight >= $upper as near
    from score_fact f join base l on l.id = f.id_l join base r on r.id = f.id_r
    join face x on x.id = f.id_l join face y on y.id = f.id_r
    where newborn_l <> newborn_r and f.born = 2 and f.surname >= 1
)
select id_l, id_r from (
    select *,
        -- or several of one given name: twins have two
        min(child) over (partition by newborn) = max(child) over (partition by newborn)
            or min(coalesce(child_given, '')) over (partition by newborn) = max(coalesce(child_given, '-')) over (partition by newborn)
            as one_child,
        min(newborn) over (partition by child) = max(newborn) over (partition by child) as one_newborn
    from seen
)
where near and one_child and one_newborn;

update score_fact set unmet = null where (id_l, id_r) in (select (id_l, id_r) from cradle);

create or replace table edge as
select id_l, id_r, 'judgement' as method, 6 as strength, 0.0 as weight, 1.0 as probability
from verdict where verdict = 'same'
union all
select core, id, 'registry', 5, 0.0, 1.0
from core join base b using (id) join base f on f.id = core.core
where id <> core and b.base <> f.base
union all
select id_l, id_r, 'registry', 5, 0.0, 1.0 from layer_bond
union all
select f.id_l, f.id_r, case when same_number then 'number' else 'documented' end,
    case when same_number then 4 else 3 end, 0.0, 1.0
from number_fact f
join root l on l.id = f.id_l join root r on r.id = f.id_r
join base bl on bl.id = f.id_l join base br on br.id = f.id_r
where veto is null and unmet is null and bl.base <> br.base
    and (
        l.number_root = r.number_root
        or guessed and id_l not in (from disowned) and id_r not in (from disowned)
    )
union all
select id_l, id_r, 'model', 1, cast(match_weight as double), cast(match_probability as double)
from score_fact where veto is null and unmet is null;

create or replace table base_edge as
select distinct least(l.base, r.base) as id_l, greatest(l.base, r.base) as id_r
from edge e join base l on l.id = e.id_l join base r on r.id = e.id_r
where l.base <> r.base;

create or replace table base_node as
select distinct unnest([id_l, id_r]) as id from base_edge;
