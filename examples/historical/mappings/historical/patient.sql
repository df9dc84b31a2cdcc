-- What the record has no column for stands in traits; so does all that may be misspelt, as it is.
select
    'person' as source_table,
    _row_key as row_key,
    unique_id as local_patient_id,
    null as number,
    null as number_issuer,
    null as previous_number,
    tidy(first_name) as given_names,
    tidy(surname) as surname,
    null as birth_date,
    case when gender in ('female', 'male') then gender else 'unknown' end as sex,
    null as street,
    null as postal_code,
    null as city,
    null as phone,
    null as deceased_date,
    'none' as protection,
    null as mother_number,
    null as birth_order,
    null as recorded_at,
    to_json({
        full_name: tidy(full_name),
        dob: tidy(dob),
        birth_place: tidy(birth_place),
        postcode_fake: tidy(postcode_fake),
        gender: tidy(gender),
        occupation: tidy(occupation)
    }) as traits
from person
