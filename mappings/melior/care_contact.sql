-- Stays alone: visits are patient administration's.
select
    'vardtillfalle' as source_table,
    _row_key as row_key,
    cast(patient_id as varchar) as local_patient_id,
    enhet_hsa as care_unit,
    vardgivare_hsa as care_giver,
    skriven_av as author,
    iso_timestamp(cast(reg_tid as varchar)) as recorded_at,
    yes_no(cast(signerad as varchar)) as signed,
    case when yes_no(cast(makulerad as varchar)) = 'true' then 'nullified' else 'completed' end as status,
    yes_no(cast(visa_patient as varchar)) as approved_for_patient,
    cast(vtf_id as varchar) as contact_id,
    'inpatient' as category,
    iso_timestamp(cast(inskriven as varchar)) as starts_at,
    iso_timestamp(cast(utskriven as varchar)) as ends_at,
    cast(null as varchar) as local_system,
    cast(null as varchar) as local_code,
    cast(null as varchar) as local_text
from vardtillfalle t
where (patient_id in (select patient_id from patient where personnr in ('201212121212', '191212121212'))) is not true
