-- What care says about when and where an identity's patient was. Reads the clinical tables and finding (data/findings.csv).
-- The day that counts is the one on which care was given: what only tells when it was written down tells nothing.

-- Local codes that mean one of the findings, by their form; the system is asked first, since other lists use the same
-- forms for quite other things (N80 is a head injury in ICPC).
create or replace temp table told as
with used as (
    select 'icd' as system, local_system, local_code, regexp_extract(upper(replace(local_code, '.', '')), '^\s*([A-Z]\d{2,3})', 1) as bare
    from (select distinct local_system, local_code from condition)
    where regexp_matches(lower(local_system), '^(icd|ksh)')
    union all
    select 'ncsp', local_system, local_code, regexp_extract(upper(local_code), '^\s*([A-Z]{3})\s?\d{2}', 1)
    from (select distinct local_system, local_code from procedure)
    where regexp_matches(lower(local_system), '^(kv[aå]|kk[aå]|ncsp)')
)
select system, local_system, local_code, bool_or(what = 'delivery') as delivery,
    bool_or(what = 'female') as female, bool_or(what = 'male') as male
from used join finding using (system)
where left(bare, length(first)) >= first and left(bare, length(last)) <= last
group by all;

-- the first of a year or month is no day on which anything happened
create or replace temp macro known_day(day, date_precision) as case when coalesce(date_precision, 'day') = 'day' then day end;

-- one line for each identity and table, so that each is read once
create or replace temp table care as
with diagnosed as (
    select source, local_patient_id, diagnosed_on as told_of, known_day(diagnosed_on, date_precision) as day,
        coalesce(status not in ('refuted', 'obsolete') and negated is not true and certainty is distinct from 'suspected', true) as so,
        so and delivery as delivery, so and female as female, so and male as male
    from condition left join (from told where system = 'icd') using (local_system, local_code)
    where status <> 'nullified'
), done as (
    select source, local_patient_id, performed_on as told_of, known_day(performed_on, date_precision) as day, status not in ('refuted', 'obsolete') as so,
        so and delivery as delivery, so and female as female, so and male as male
    from procedure left join (from told where system = 'ncsp') using (local_system, local_code)
    where status <> 'nullified'
), met as (
    select source, local_patient_id, min(day) as from_on, max(day) as to_on, list(distinct day) filter (delivery and day is not null) as deliveries,
        min(told_of) filter (female) as female_from, max(told_of) filter (female) as female_to,
        min(told_of) filter (male) as male_from, max(told_of) filter (male) as male_to
    from (from diagnosed union all from done)
    group by source, local_patient_id
)
from met
union all by name
select source, local_patient_id, cast(min(least(starts_at, ends_at)) as date) as from_on, cast(max(greatest(starts_at, ends_at)) as date) as to_on,
    list({'from_on': cast(starts_at as date), 'to_on': cast(ends_at as date), 'place': care_unit})
        filter (category = 'inpatient' and starts_at <= ends_at) as stays
from care_contact where status <> 'nullified' group by source, local_patient_id
union all by name
select source, local_patient_id, min(known_day(starts_on, date_precision)) as from_on, max(known_day(starts_on, date_precision)) as to_on
from medication where status <> 'nullified' group by source, local_patient_id
union all by name
select source, local_patient_id, cast(min(known_day(observed_at, date_precision)) as date) as from_on, cast(max(known_day(observed_at, date_precision)) as date) as to_on
from observation where status <> 'nullified' group by source, local_patient_id
union all by name
select source, local_patient_id, cast(min(written_at) as date) as from_on, cast(max(written_at) as date) as to_on
from document where status <> 'nullified' group by source, local_patient_id;

create or replace temp table told_of_identity as
select source, local_patient_id, 'active' as what, min(from_on) as from_on, max(to_on) as to_on, null as place
from care group by source, local_patient_id having min(from_on) is not null
union all
select distinct source, local_patient_id, 'stay', stay.from_on, stay.to_on, stay.place
from (select source, local_patient_id, unnest(stays) as stay from care where stays is not null)
union all
select source, local_patient_id, 'delivery', day, day, null
from (select source, local_patient_id, unnest(deliveries) as day from care where deliveries is not null)
union all
select source, local_patient_id, 'female', female_from, female_to, null from care where female_from is not null
union all
select source, local_patient_id, 'male', male_from, male_to, null from care where male_from is not null;
