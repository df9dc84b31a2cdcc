select
    'anteckning' as source_table,
    _row_key as row_key,
    cast(patient_id as varchar) as local_patient_id,
    v.hsa_id as care_unit,
    v.vardgivare_hsa as care_giver,
    skriven_av as author,
    iso_timestamp(cast(reg_tid as varchar)) as recorded_at,
    yes_no(cast(signerad as varchar)) as signed,
    case when yes_no(cast(makulerad as varchar)) = 'true' then 'nullified' else 'active' end as status,
    yes_no(cast(visa_patient as varchar)) as approved_for_patient,
    cast(dokument_id as varchar) as document_id,
    typ as document_type,
    rubrik as title,
    fritext as body,
    iso_timestamp(cast(handelse_tid as varchar)) as written_at,
    cast(version as varchar) as version,
    avvikande_mening as dissent
from anteckning t
left join (select enhet_id, hsa_id, vardgivare_hsa from vardenhet) v using (enhet_id)
where (patient_id in (select patient_id from patient where personnr in ('201212121212', '191212121212'))) is not true
