select
    'diagnos' as source_table,
    _row_key as row_key,
    PATNR as local_patient_id,
    ENHET as care_unit,
    'SE2321000131-E000000000001' as care_giver,
    AV as author,
    iso_timestamp(REG) as recorded_at,
    yes_no(SIGNERAD) as signed,
    case STATUS when 'A' then 'active' when 'M' then 'nullified' when 'U' then 'refuted' else coalesce(tidy(STATUS), 'unknown') end as status,
    cast(null as varchar) as approved_for_patient,
    'icd-10-se' as local_system,
    ICD as local_code,
    TEXT as local_text,
    partial_date(DATUM) as diagnosed_on,
    date_precision_of(DATUM) as date_precision,
    case TYP when 'H' then 'main' when 'B' then 'secondary' else tidy(TYP) end as category,
    cast(null as varchar) as chronic,
    cast(null as varchar) as certainty,
    cast(null as varchar) as negated
from diagnos
where (PATNR in (select PATNR from patient where tidy(NR) = '201212121212')) is not true
