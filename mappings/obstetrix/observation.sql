select
    'matning' as source_table,
    _row_key as row_key,
    PATNR as local_patient_id,
    ENHET as care_unit,
    'SE2321000131-E000000000001' as care_giver,
    AV as author,
    iso_timestamp(REG) as recorded_at,
    yes_no(SIGNERAD) as signed,
    case STATUS when 'A' then 'active' when 'M' then 'nullified' when 'U' then 'refuted' else coalesce(tidy(STATUS), 'unknown') end as status,
    cast(null as varchar) as approved_for_patient,
    'obstetrix-matning' as local_system,
    KOD as local_code,
    TEXT as local_text,
    partial_timestamp(TIDPUNKT) as observed_at,
    time_precision_of(TIDPUNKT) as date_precision,
    "VÄRDE" as value_text,
    number_of("VÄRDE") as value_number,
    comparator_of("VÄRDE") as comparator,
    tidy(ENHET_M) as unit,
    cast(null as varchar) as reference_interval,
    cast(null as varchar) as abnormal
from matning
where (PATNR in (select PATNR from patient where tidy(NR) = '201212121212')) is not true
