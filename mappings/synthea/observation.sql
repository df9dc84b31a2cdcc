-- Three scores that the generator keeps of each patient's life are no LOINC codes and belong to no
-- contact. Where a unit is missing some rows say so with the word null.
with contact as (
    select e.Id, o.NAME as unit, p.NAME as clinician, wall_time(e.START, 'America/New_York') as starts_at
    from encounters as e
    left join organizations as o on o.Id = e.ORGANIZATION
    left join providers as p on p.Id = e.PROVIDER
)
select
    'observations' as source_table,
    r._row_key as row_key,
    r.PATIENT as local_patient_id,
    c.unit as care_unit,
    null as care_giver,
    c.clinician as author,
    c.starts_at as recorded_at,
    null as signed,
    'completed' as status,
    null as approved_for_patient,
    case when regexp_full_match(r.CODE, '\d+-\d') then 'loinc' else 'synthea-score' end as local_system,
    nullif(r.CODE, '') as local_code,
    nullif(r.DESCRIPTION, '') as local_text,
    wall_time(r.DATE, 'America/New_York') as observed_at,
    nullif(r.VALUE, '') as value_text,
    case when r.TYPE = 'numeric' then number_of(r.VALUE) end as value_number,
    case when r.TYPE = 'numeric' then comparator_of(r.VALUE) end as comparator,
    nullif(nullif(r.UNITS, ''), 'null') as unit,
    null as reference_interval,
    null as abnormal
from observations as r
left join contact as c on c.Id = r.ENCOUNTER
