-- One row is one order, without a number: the row's key is its id. Strength and form stand within
-- RxNorm's text and are not cut out of it. What an order was for has no column in the record.
with contact as (
    select e.Id, o.NAME as unit, p.NAME as clinician, wall_time(e.START, 'America/New_York') as starts_at
    from encounters as e
    left join organizations as o on o.Id = e.ORGANIZATION
    left join providers as p on p.Id = e.PROVIDER
)
select
    'medications' as source_table,
    r._row_key as row_key,
    r.PATIENT as local_patient_id,
    c.unit as care_unit,
    null as care_giver,
    c.clinician as author,
    c.starts_at as recorded_at,
    null as signed,
    case when tidy(r.STOP) is null then 'active' else 'completed' end as status,
    null as approved_for_patient,
    'rxnorm' as local_system,
    nullif(r.CODE, '') as local_code,
    nullif(r.DESCRIPTION, '') as local_text,
    r._row_key as order_id,
    'start' as order_type,
    null as strength,
    null as form,
    null as route,
    null as dose_text,
    iso_date(wall_time(r.START, 'America/New_York')) as starts_on,
    iso_date(wall_time(r.STOP, 'America/New_York')) as ends_on
from medications as r
left join contact as c on c.Id = r.ENCOUNTER
