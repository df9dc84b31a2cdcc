-- Organisations run one place each in this export: they are the care units, by name. Of the classes
-- only a stay in hospital is told from visits; a contact without an end still goes on.
select
    'encounters' as source_table,
    e._row_key as row_key,
    e.PATIENT as local_patient_id,
    o.NAME as care_unit,
    null as care_giver,
    p.NAME as author,
    wall_time(e.START, 'America/New_York') as recorded_at,
    null as signed,
    case when tidy(e.STOP) is null then 'active' else 'completed' end as status,
    null as approved_for_patient,
    e.Id as contact_id,
    case
        when e.ENCOUNTERCLASS = 'inpatient' then 'inpatient'
        when e.ENCOUNTERCLASS in ('ambulatory', 'emergency', 'outpatient', 'urgentcare', 'wellness') then 'visit'
        else 'other'
    end as category,
    wall_time(e.START, 'America/New_York') as starts_at,
    wall_time(e.STOP, 'America/New_York') as ends_at,
    'snomed' as local_system,
    nullif(e.CODE, '') as local_code,
    nullif(e.DESCRIPTION, '') as local_text
from encounters as e
left join organizations as o on o.Id = e.ORGANIZATION
left join providers as p on p.Id = e.PROVIDER
