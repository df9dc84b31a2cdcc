-- What the record has no column for stands in traits; so does all that may be misspelt, as it is.
select
    'person' as source_table,
    _row_key as row_key,
    rec_id as local_patient_id,
    null as number,
    null as number_issuer,
    null as previous_number,
    tidy(" given_name") as given_names,
    tidy(" surname") as surname,
    null as birth_date,
    'unknown' as sex,
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
        given_name: tidy(" given_name"),
        surname: tidy(" surname"),
        street_number: tidy(" street_number"),
        address_1: tidy(" address_1"),
        address_2: tidy(" address_2"),
        suburb: tidy(" suburb"),
        postcode: tidy(" postcode"),
        state: tidy(" state"),
        date_of_birth: tidy(" date_of_birth"),
        soc_sec_id: tidy(" soc_sec_id")
    }) as traits
from person
