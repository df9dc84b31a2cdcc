with contact as (
    select e.Id, o.NAME as unit, p.NAME as clinician, wall_time(e.START, 'America/New_York') as starts_at
    from encounters as e
    left join organizations as o on o.Id = e.ORGANIZATION
    left join providers as p on p.Id = e.PROVIDER
)
select
    'immunizations' as source_table,
    r._row_key as row_key,
    r.PATIENT as local_patient_id,
    c.unit as care_unit,
    null as care_giver,
    c.clinician as author,
    c.starts_at as recorded_at,
    null as signed,
    'completed' as status,
    null as approved_for_patient,
    'cvx' as local_system,
    nullif(r.CODE, '') as local_code,
    nullif(r.DESCRIPTION, '') as local_text,
    iso_date(wall_time(r.DATE, 'America/New_York')) as given_on,
    null as batch,
    null as dose_number
from immunizations as r
left join contact as c on c.Id = r.ENCOUNTER
