-- Clusters become persons: whom the registry knows keeps its id; what changes is an event.

-- each person's birth: the first event that names it
create or replace table person as
select p.person_id, p.moment, t.id as founder
from (
    select person_id, min(segment * 4294967296 + sequence) as moment from registry_event group by person_id
) p
left join told_before t using (moment);

-- where each person in use goes on: with its founder, else with whoever came first
create or replace table seat as
select k.person_id, arg_min(c.cluster, case when k.id = p.founder then 0 else k.moment end) as cluster
from placed k
join cluster c using (id)
join person p using (person_id)
group by k.person_id;

-- a merge that no longer holds gives the person back whom it had taken in
create or replace table vacant as
select l.person_id, arg_min(c.cluster, case when l.id = p.founder then -1 else c.cluster end) as cluster
from layer l
join cluster c using (id)
join person p using (person_id)
where l.level > 0 and l.person_id not in (select person_id from seat)
    and c.cluster not in (select cluster from seat)
group by l.person_id;

create or replace table kept as
select s.cluster, arg_min(s.person_id, p.moment) as person_id
from (from seat union all from vacant) s join person p using (person_id)
group by s.cluster;

-- new persons are named after their founder; a name already taken is written out in full
create or replace table named as
select c.cluster, upper(md5(s.source || '|' || s.local_patient_id)) as digest
from (select id as cluster from cluster where id = cluster) c
join identity_name s on s.id = c.cluster
anti join kept using (cluster);

create or replace table taken as
select person_id from person
union all
select 'P' || left(digest, 12) from named group by 1 having count(*) > 1;

create or replace table fresh as
select n.cluster,
    'P' || case
        when t.person_id is null then left(n.digest, 12)
        when p.founder = n.cluster and s.person_id is null and v.person_id is null then left(n.digest, 12)
        else n.digest
    end as person_id
from named n
left join (select distinct person_id from taken) t on t.person_id = 'P' || left(n.digest, 12)
left join person p on p.person_id = t.person_id
left join seat s on s.person_id = t.person_id
left join vacant v on v.person_id = t.person_id;

create or replace table target as
select c.id, c.cluster, coalesce(k.person_id, f.person_id) as person_id
from cluster c
left join kept k using (cluster)
left join fresh f using (cluster);

create or replace table event as
select
    t.id, t.cluster, t.person_id, k.person_id as earlier_person_id,
    case
        when k.id is null and f.cluster is not null and t.id = t.cluster then 'created'
        when k.id is null then 'joined'
        when s.cluster = t.cluster then 'merged'
        else 'split'
    end as event
from target t
left join placed k using (id)
left join fresh f on f.cluster = t.cluster
left join seat s on s.person_id = k.person_id
where k.person_id is distinct from t.person_id;

-- the part of a judged cluster that would be its person without the judgement
create or replace table judged_heart as
select n.judged_cluster as cluster, arg_min(g.cluster, coalesce(k.moment, 0) + case when k.person_id is distinct from t.person_id
    and exists (select 1 from kept where kept.cluster = n.judged_cluster) then 4611686018427387904 else 0 end) as heart
from judged_node n
join judged_group g on g.id = n.id
join target t on t.id = n.id
left join placed k on k.id = n.id
group by n.judged_cluster;

-- who comes back to a person has been there since the first time
create or replace table first_there as
select id, person_id, arg_min(wave, moment) as wave from told_before semi join moved using (id) group by id, person_id;

-- every identity with its place and, where it is a new one, why: in the order in which events are told
create or replace table outcome as
with changed as (
    select
        e.id, e.cluster, e.person_id, e.event, e.earlier_person_id,
        case
            when e.event = 'created' or e.event = 'split' and e.id = e.cluster then 'founder'
            when g.cluster <> h.heart then 'judgement'
            else coalesce(y.method, a.method, m.method, 'judgement')
        end as method,
        cast(case
            when e.event in ('created', 'split') or g.cluster <> h.heart then 1
            else coalesce(y.probability, m.probability, 1)
        end as decimal(18, 6)) as probability
    from event e
    left join tie y using (id)
    left join star a on a.id_r = e.id
    left join judged_group g on g.id = e.id
    left join judged_heart h on h.cluster = e.cluster
    -- a person merged without an edge of this identity's own: its person's strongest one tells why
    left join (
        select c.cluster, arg_max(t.method, t.probability) as method, max(t.probability) as probability
        from tie t join cluster c using (id) group by c.cluster
    ) m on m.cluster = e.cluster
)
select s.source, s.local_patient_id, o.* exclude (id, cluster), coalesce(b.wave, o.wave) as since
from (
    select id, cluster, person_id, event, earlier_person_id, method, probability, $wave as wave from changed
    union all
    select k.id, c.cluster, k.person_id, null, null, k.method, cast(k.probability as decimal(18, 6)), k.wave
    from placed k join cluster c using (id) anti join event using (id)
) o
join identity_name s using (id)
left join first_there b on b.id = o.id and b.person_id = o.person_id
order by o.cluster, o.id;
