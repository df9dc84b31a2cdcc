-- When and where identities were in care, and which numbers' crowds could not have lived it as one person.

create or replace table spell as
select s.id, t.what, t.from_on, coalesce(t.to_on, t.from_on) as to_on, t.place
from timeline t join standard s using (source, local_patient_id)
where t.from_on is not null;

create or replace table lived as
select id,
    min(from_on) filter (what = 'active') as active_from, max(to_on) filter (what = 'active') as active_to,
    bool_or(what = 'female') as female, bool_or(what = 'male') as male
from spell group by id;

create or replace table stay as
select id, from_on, to_on, place from spell where what = 'stay' and place is not null;

create or replace table delivery as
select id, from_on from spell where what = 'delivery';

-- a first look by crowd; pairs decide
create or replace table crowd_life as
select r.number_root, min(t.active_from) as active_from, max(t.active_to) as active_to,
    bool_or(t.female) and bool_or(t.male) as findings_clash
from lived t join root r using (id)
where r.number_root is not null
group by r.number_root;

create or replace table strained as
select number_root from crowd_life where findings_clash
union
select number_root
from crowd_life join (
    select r.number_root, min(try_strptime(s.deceased, '%Y%m%d')::date) as deceased_on
    from standard s join root r using (id) where s.deceased is not null group by r.number_root
) using (number_root)
where active_to > deceased_on + 60
union
select number_root
from crowd_life join (
    select number_root, max(born) as born from root semi join crowd_life using (number_root)
    group by number_root having min(born) < max(born)
) using (number_root)
where active_from < try_strptime(born::varchar, '%Y%m%d')::date - 30
union
select distinct number_root from (
    select r.number_root, from_on, max(to_on) over (
        partition by r.number_root order by from_on, to_on rows between unbounded preceding and 1 preceding
    ) as before
    from stay join root r using (id) where r.number_root is not null
)
where before > from_on + 2
union
select distinct number_root from (
    select r.number_root, from_on, lag(from_on) over (partition by r.number_root order by from_on) as before
    from delivery join root r using (id) where r.number_root is not null
)
where from_on - before between 1 and 200;
