select
    'atgard' as source_table,
    _row_key as row_key,
    cast(patient_id as varchar) as local_patient_id,
    v.hsa_id as care_unit,
    v.vardgivare_hsa as care_giver,
    skriven_av as author,
    iso_timestamp(cast(reg_tid as varchar)) as recorded_at,
    yes_no(cast(signerad as varchar)) as signed,
    case when yes_no(cast(makulerad as varchar)) = 'true' then 'nullified' else 'completed' end as status,
    yes_no(cast(visa_patient as varchar)) as approved_for_patient,
    case kodverk when 'KVÅ' then 'kva' when 'LOKAL' then 'melior-atgard' else kodverk end as local_system,
    kod as local_code,
    kodtext as local_text,
    iso_date(cast(datum as varchar)) as performed_on
from atgard t
left join (select enhet_id, hsa_id, vardgivare_hsa from vardenhet) v using (enhet_id)
where (patient_id in (select patient_id from patient where personnr in ('201212121212', '191212121212'))) is not true
