-- Numbers that documented changes tie together have one root; national ones can veto. A number whose century is a
-- guess ties nothing together, and could be either of two.

create or replace table national as
select cluster, bool_or(id > 0) as national from number_group group by cluster;

create or replace table root as
with certain as (
    select c.* replace (c.century_certain or k.id is not null as century_certain)
    from counted c left join confirmed k using (id)
),
led as (
    select c.*, coalesce(g.cluster, c.number, c.previous) as lead,
        coalesce(n.national, coalesce(c.number, c.previous) > 0) as national
    from certain c
    left join number_group g on g.id = coalesce(c.number, c.previous)
    left join national n using (cluster)
)
select led.id, number, century_certain, source_hash, given_hash, surname_hash, mother_hash, born, false_one, unlinkable,
    case when century_certain then lead end as number_root,
    case when national and (century_certain or number > 0) then lead end as veto_root,
    case when not century_certain and number > 0 then coalesce(h.cluster, number - 10000000000) end as earlier_root
from led
left join number_group h on h.id = case when not century_certain and number > 0 then number - 10000000000 end;
