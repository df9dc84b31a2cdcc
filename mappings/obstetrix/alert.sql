select
    'varning' as source_table,
    _row_key as row_key,
    PATNR as local_patient_id,
    ENHET as care_unit,
    'SE2321000131-E000000000001' as care_giver,
    AV as author,
    iso_timestamp(REG) as recorded_at,
    yes_no(SIGNERAD) as signed,
    case STATUS when 'A' then 'active' when 'M' then 'nullified' when 'U' then 'refuted' else coalesce(tidy(STATUS), 'unknown') end as status,
    cast(null as varchar) as approved_for_patient,
    tidy(SLAG) as category,
    'obstetrix-varning' as local_system,
    TEXT as local_code,
    TEXT as local_text,
    case GRAD when '1' then 'mild' when '2' then 'harmful' when '3' then 'life_threatening' else tidy(GRAD) end as severity,
    cast(null as varchar) as certainty,
    if(TEXT like 'Ingen känd%', 'true', 'false') as negated,
    partial_date(DATUM) as valid_from,
    date_precision_of(DATUM) as date_precision,
    cast(null as varchar) as valid_to,
    tidy(KOMMENTAR) as comment
from varning
where (PATNR in (select PATNR from patient where tidy(NR) = '201212121212')) is not true
