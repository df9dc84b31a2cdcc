-- Who shares a number with whom. A crowd is all that a number, or documented changes of it, tie together: most agree in
-- names and birth date as well and are taken as they are; of the others, every pair is looked at.

create or replace table unit as
with cores as (
    select id, core as unit from core
    union
    select id, id from unit_node where id not in (select id from core)
)
select c.id, coalesce(g.cluster, c.unit) as unit from cores c left join unit_group g on g.id = c.unit;

create or replace table crowd as
select r.number_root, min(id) as first_id,
    coalesce(min(given_hash) = max(given_hash), true) and coalesce(min(surname_hash) = max(surname_hash), true)
        and coalesce(min(born) = max(born), true) and coalesce(min(mother_hash) = max(mother_hash), true) as calm,
    min(u.unit) is distinct from max(u.unit) as bridged
from root r left join unit u using (id)
where number_root is not null
group by number_root having count(*) > 1;

create or replace table unsettled as
select number_root from crowd where not calm or bridged
union
select r.number_root from root r join (select unnest([id_l, id_r]) as id from verdict) using (id)
where r.number_root is not null
union
select number_root from strained
union
-- two of one birth, whatever a register says of their numbers
select r.number_root from root r join standard s using (id)
where r.number_root is not null and s.birth_order is not null
group by r.number_root having min(s.birth_order) < max(s.birth_order);

create or replace table number_pair as
with member as (
    select r.id, r.number_root from root r semi join unsettled using (number_root)
)
select l.id as id_l, r.id as id_r
from member l join member r on l.number_root = r.number_root and l.id < r.id
union
select least(l.id, r.id), greatest(l.id, r.id)
from short_number l join short_number r on l.short = r.short and l.id <> r.id
where not l.certain;

-- of a mother and a day of birth, no source knows more than one child: no twins to confuse
create or replace table birth as
select mother_hash, born, max(children) as children
from (
    select mother_hash, born, source_hash, count(distinct coalesce(number_root, -id)) as children
    from root
    where mother_hash is not null and born is not null
    group by all
)
group by mother_hash, born;

-- what a number decides is no matter of scores
create or replace table scored as
select s.* from score s join root l on l.id = s.id_l join root r on r.id = s.id_r
where (l.number_root = r.number_root) is distinct from true;

create or replace table wanted as
with asked as (
    select distinct unnest([id_l, id_r]) as id
    from (select id_l, id_r from number_pair union all select id_l, id_r from scored union all select id_l, id_r from verdict)
)
from asked
-- and who may come to be looked at with them
union
select id from root semi join (select number_root from root semi join asked using (id)) using (number_root)
union
select id from core semi join (select core from core semi join asked using (id)) using (core);
create or replace table face as $face;

create or replace table unseen as
select id_l, id_r from number_pair union select id_l, id_r from scored;
create or replace table feature as $features;

create or replace table number_fact as
select *, $veto as veto, $guess_unmet as unmet from ($number_facts);

-- held: the one that clashes with more of the number's other identities; the later one when even
create or replace table clash as
select id_l, id_r from number_fact where veto = 'overlay_suspect' and same_number;

create or replace table clashes as
select id, count(*) as clashes from (select unnest([id_l, id_r]) as id from clash) group by id;

create or replace table suspect as
select distinct case when l.clashes > r.clashes then id_l else id_r end as id
from clash join clashes l on l.id = id_l join clashes r on r.id = id_r;

-- a suspect whom somebody has judged no longer speaks for the number it carries
create or replace table disowned as
select distinct s.id from suspect s join verdict v on s.id in (v.id_l, v.id_r);

-- a judgement 'same' documents that all numbers of both are one person's; nor does a guess speak once somebody has said
-- who it is
create or replace table outspoken as
select id from (select distinct unnest([id_l, id_r]) as id from verdict where verdict = 'same') join root using (id)
where not century_certain;

-- nor does a reserve number that was given twice say whose national number is its bearer's
insert into outspoken
select distinct r.id
from (select unnest([id_l, id_r]) as id from number_fact where veto = 'reserve_number_twice') join root r using (id)
where r.number < 0 and r.id not in (from outspoken);

create or replace table root_edge as
with told as (
    select r.veto_root, u.unit
    from root r join unit u using (id)
    where u.unit in (select unit from unit_group join unit on unit.id = unit_group.id)
        and r.veto_root is not null and r.id not in (from suspect) and r.id not in (from outspoken)
)
select distinct min(veto_root) over (partition by unit) as id_l, veto_root as id_r from told qualify id_l <> id_r;
create or replace table root_node as
select distinct unnest([id_l, id_r]) as id from root_edge;
