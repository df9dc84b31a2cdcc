select
    'atgard' as source_table,
    _row_key as row_key,
    PATNR as local_patient_id,
    ENHET as care_unit,
    'SE2321000131-E000000000001' as care_giver,
    AV as author,
    iso_timestamp(REG) as recorded_at,
    yes_no(SIGNERAD) as signed,
    case STATUS when 'A' then 'completed' when 'M' then 'nullified' else coalesce(tidy(STATUS), 'unknown') end as status,
    cast(null as varchar) as approved_for_patient,
    'kva' as local_system,
    "KVÅ" as local_code,
    TEXT as local_text,
    iso_date(DATUM) as performed_on
from atgard
where (PATNR in (select PATNR from patient where tidy(NR) = '201212121212')) is not true
