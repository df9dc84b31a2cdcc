-- Clusters become persons: whom the registry knows keeps its id; what changes is an event.

-- how an identity is tied to its person: the strongest edge that held
create or replace table tie as
select id, arg_max(method, (strength, weight)) as method, arg_max(probability, (strength, weight)) as probability
from (
    select unnest([e.id_l, e.id_r]) as id, e.method, e.strength, e.weight, e.probability
    from edge e
    join cluster l on l.id = e.id_l
    join cluster r on r.id = e.id_r and r.cluster = l.cluster
    where e.method <> 'registry'
)
group by id;

-- each person's birth: the first event that names it
create or replace table person as
select e.person_id, e.segment, e.sequence, s.id as founder
from (
    from registry_event qualify row_number() over (partition by person_id order by segment, sequence) = 1
) e
left join standard s using (source, local_patient_id);

-- where each person in use goes on: with its founder, else with whoever came first
create or replace table seat as
select k.person_id, arg_min(c.cluster, (k.id <> p.founder or p.founder is null, k.segment, k.sequence)) as cluster
from placed k
join cluster c using (id)
join person p using (person_id)
group by k.person_id;

create or replace table kept as
select s.cluster, arg_min(s.person_id, (p.segment, p.sequence)) as person_id
from seat s join person p using (person_id)
group by s.cluster;

-- new persons are named after their founder; a name already taken is written out in full
create or replace table named as
select c.cluster, upper(md5(s.source || '|' || s.local_patient_id)) as digest
from (select distinct cluster from cluster) c
join standard s on s.id = c.cluster
where c.cluster not in (select cluster from kept);

create or replace table fresh as
select n.cluster,
    'P' || case
        when p.person_id is not null and (p.founder is distinct from n.cluster or s.person_id is not null)
            or row_number() over (partition by left(n.digest, 12) order by n.cluster) > 1 then n.digest
        else left(n.digest, 12)
    end as person_id
from named n
left join person p on p.person_id = 'P' || left(n.digest, 12)
left join seat s on s.person_id = p.person_id;

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

create or replace table told as
select
    row_number() over (order by e.cluster, e.id) as sequence, e.*,
    case
        when e.event = 'created' or e.event = 'split' and e.id = e.cluster then 'founder'
        else coalesce(t.method, m.method, 'judgement')
    end as method,
    case when e.event in ('created', 'split') then 1.0 else coalesce(t.probability, m.probability, 1.0) end
        as probability
from event e
left join tie t using (id)
-- a person merged without an edge of this identity's own: its person's strongest one tells why
left join (
    select c.cluster, arg_max(t.method, t.probability) as method, max(t.probability) as probability
    from tie t join cluster c using (id) group by c.cluster
) m on m.cluster = e.cluster;
