-- What the registry and people's judgements say of the identities, before any evidence is weighed.

create or replace table identity_name as select id, source, local_patient_id from standard;

-- whom a wave brought that was withdrawn since came never: where others' runs moved them counts no more
create or replace table uncome as
select source, local_patient_id, min(segment * 4294967296 + sequence) filter (where event in ('created', 'joined')) as came
from registry_event
semi join (select source, local_patient_id from registry_event where event not in ('created', 'joined')) using (source, local_patient_id)
group by all
having came is distinct from min(segment * 4294967296 + sequence);

create or replace table told_before as
select
    s.id, e.segment * 4294967296 + e.sequence as moment, e.event, e.person_id, e.earlier_person_id, e.probability, e.method,
    e.wave
from registry_event e join identity_name s using (source, local_patient_id)
left join uncome u using (source, local_patient_id)
where u.source is null or e.segment * 4294967296 + e.sequence >= u.came;

create or replace table moved as
select id from told_before group by id having count(*) > 1;

create or replace table placed as
from told_before anti join moved using (id)
union all
(
    from told_before semi join moved using (id)
    qualify row_number() over (partition by id order by moment desc) = 1
);

-- how a merged identity came to its person: from the person it is in, back to the one it was in first
create or replace table layer as
with recursive
entry as (
    select id, person_id, arg_max((event, earlier_person_id, method), moment) as last
    from told_before semi join moved using (id)
    where event <> 'split'
    group by id, person_id
),
walk(id, level, person_id, method) as (
    select p.id, 0, p.person_id, null::varchar from placed p semi join moved using (id)
    union all
    select w.id, w.level + 1, e.last[2], e.last[3]
    from walk w join entry e on e.id = w.id and e.person_id = w.person_id
    where e.last[1] = 'merged' and w.level < 20
)
from walk;

-- the core: identities that came together otherwise than by a judgement, and stay so when one is taken back
create or replace table core as
with inner_most as (
    select id, arg_max(person_id, level) as person_id from layer group by id
),
own as (
    select p.id, coalesce(i.person_id, p.person_id) as name
    from placed p left join inner_most i using (id)
),
loose as (
    select id, person_id as name, arg_max(event = 'joined' and method = 'judgement', moment) as loose
    from told_before
    where event <> 'split' and id in (select id from told_before where event = 'joined' and method = 'judgement')
    group by all
    having loose
)
select o.id, case when l.id is null then f.first_id else o.id end as core
from own o
join (
    select name, min(id) as first_id from own anti join loose using (id, name) group by name
    union all
    select distinct name, null from loose where name not in (select name from own anti join loose using (id, name))
) f using (name)
left join loose l on l.id = o.id and l.name = o.name;

-- merged persons hang together as their cores, unless it was a judgement that merged them: that speaks for itself
create or replace table layer_bond as
with arm as (
    select outer_one.person_id, inner_one.person_id as child, inner_one.method, min(outer_one.id) as first_id
    from layer outer_one
    left join layer inner_one on inner_one.id = outer_one.id and inner_one.level = outer_one.level + 1
    group by all
    union all
    select p.person_id, null, null, min(p.id)
    from placed p
    where p.person_id in (select person_id from layer) and p.id not in (select id from moved)
    group by p.person_id
)
select distinct min(first_id) over (partition by person_id) as id_l, first_id as id_r
from arm where method is distinct from 'judgement'
qualify id_l <> id_r;

create or replace table judged as
select least(l.id, r.id) as id_l, greatest(l.id, r.id) as id_r, j.verdict, j.sequence
from judgement j
join identity_name l on l.source = j.source_l and l.local_patient_id = j.local_patient_id_l
join identity_name r on r.source = j.source_r and r.local_patient_id = j.local_patient_id_r
where l.id <> r.id;

create or replace table verdict as
select id_l, id_r, verdict from (
    from judged qualify row_number() over (partition by id_l, id_r order by sequence desc) = 1
)
where verdict <> 'withdrawn';

-- cores that a bond or a judgement makes one, as a graph of their least identities
create or replace table unit_edge as
with bond as (
    select id_l, id_r from layer_bond union all select id_l, id_r from verdict where verdict = 'same'
),
bound as (
    select id, core from core where id in (select unnest([id_l, id_r]) from bond)
)
select distinct coalesce(l.core, id_l) as id_l, coalesce(r.core, id_r) as id_r
from bond left join bound l on l.id = id_l left join bound r on r.id = id_r;

create or replace table unit_node as
select distinct unnest([id_l, id_r]) as id from unit_edge;
