-- What is known between identities before they are clustered: registry, judgements, numbers, scores.
-- Strength: judgement 6, registry 5 (2 where a hard veto broke into it), number 4, documented 3, model 1.

create or replace table placed as
select s.id, e.person_id, e.segment, e.sequence, e.probability, e.method, e.wave
from registry_event e join standard s using (source, local_patient_id)
qualify row_number() over (partition by s.id order by e.segment desc, e.sequence desc) = 1;

create or replace table judged as
select least(l.id, r.id) as id_l, greatest(l.id, r.id) as id_r, j.verdict, j.sequence
from judgement j
join standard l on l.source = j.source_l and l.local_patient_id = j.local_patient_id_l
join standard r on r.source = j.source_r and r.local_patient_id = j.local_patient_id_r
where l.id <> r.id;

create or replace table verdict as
select id_l, id_r, verdict from (
    from judged qualify row_number() over (partition by id_l, id_r order by sequence desc) = 1
)
where verdict <> 'withdrawn';

create or replace table root as select id, number_root, veto_root, earlier_root from standard;

create or replace table short_number as
select id, century_certain, unnest(short_numbers) as number from standard;

create or replace table number_pair as
select l.id as id_l, r.id as id_r
from standard l join standard r on l.number_root = r.number_root and l.id < r.id
union
select least(l.id, r.id), greatest(l.id, r.id)
from short_number l join short_number r on l.number = r.number and l.id <> r.id
where not l.century_certain;

create or replace table number_fact as
select *, $veto as veto, $guess_unmet as unmet from ($number_features);

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

-- nor does a guess, once somebody has said who it is
create or replace table root as
select s.id,
    case when d.id is null then s.number_root end as number_root,
    case when d.id is null and g.id is null then s.veto_root end as veto_root,
    case when d.id is null and g.id is null then s.earlier_root end as earlier_root
from standard s
left join disowned d on d.id = s.id
left join (
    select distinct unnest([id_l, id_r]) as id from verdict where verdict = 'same'
) g on g.id = s.id and not s.century_certain;

-- a judgement 'same' documents that both numbers are one person's
create or replace table root_edge as
select distinct l.veto_root as id_l, r.veto_root as id_r
from verdict v join root l on l.id = v.id_l join root r on r.id = v.id_r
where v.verdict = 'same' and l.veto_root <> r.veto_root
    and v.id_l not in (select id from suspect) and v.id_r not in (select id from suspect);
create or replace table root_node as
select distinct unnest([id_l, id_r]) as id from root_edge;
