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
create or replace table strained as
select r.number_root
from root r join lived t using (id) left join (
    select id, try_strptime(deceased, '%Y%m%d')::date as deceased_on, try_strptime(born, '%Y%m%d')::date as born_on
    from standard semi join lived using (id)
) using (id)
where r.number_root is not null
group by r.number_root
having count(*) > 1 and (
    bool_or(t.female) and bool_or(t.male) or max(t.active_to) > min(deceased_on) + 60
    or min(t.active_from) < max(born_on) - 30
)
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
