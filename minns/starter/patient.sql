-- Patients as this source knows them, one row each. The columns are those of the canonical table
-- `patient` (minns.model), all of them: say null where the source has nothing.
select
    'patient' as source_table,
    _row_key as row_key,
    patient_id as local_patient_id,
    personal_number as number,
    null as number_issuer,
    null as previous_number,
    tidy(given_names) as given_names,
    tidy(surname) as surname,
    iso_date(birth_date) as birth_date,
    case sex when 'K' then 'female' when 'M' then 'male' else 'unknown' end as sex,
    null as street,
    null as postal_code,
    null as city,
    null as phone,
    null as deceased_date,
    'none' as protection,
    null as mother_number,
    null as birth_order,
    null as recorded_at
from patient
where given_names not like 'TEST %'
