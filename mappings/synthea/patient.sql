-- SSN is not taken as an identity number: it is none that Swedish care issues, and the generator
-- writes numbers (999-…) that are never given to anybody. So these patients are told apart by what
-- else is known of them. Names keep the digits that the generator puts after them.
select
    'patients' as source_table,
    _row_key as row_key,
    Id as local_patient_id,
    null as number,
    null as number_issuer,
    null as previous_number,
    tidy(FIRST) as given_names,
    tidy(LAST) as surname,
    iso_date(BIRTHDATE) as birth_date,
    case GENDER when 'F' then 'female' when 'M' then 'male' else 'unknown' end as sex,
    tidy(ADDRESS) as street,
    tidy(ZIP) as postal_code,
    tidy(CITY) as city,
    null as phone,
    iso_date(DEATHDATE) as deceased_date,
    -- the export knows no protected persons
    'none' as protection,
    null as mother_number,
    null as birth_order,
    null as recorded_at
from patients
