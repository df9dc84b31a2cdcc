select
    'varning' as source_table,
    _row_key as row_key,
    cast(patient_id as varchar) as local_patient_id,
    v.hsa_id as care_unit,
    v.vardgivare_hsa as care_giver,
    skriven_av as author,
    iso_timestamp(cast(reg_tid as varchar)) as recorded_at,
    yes_no(cast(signerad as varchar)) as signed,
    case t.status when 'G' then 'active' when 'A' then 'refuted' when 'X' then 'nullified' else coalesce(t.status, 'unknown') end as status,
    yes_no(cast(visa_patient as varchar)) as approved_for_patient,
    case typ when 'O' then 'hypersensitivity' when 'S' then 'communicable' when 'B' then 'treatment' when 'M' then 'disease'
        when 'V' then 'restriction' else coalesce(typ, 'unstructured') end as category,
    if(atc is null, 'melior-varning', 'atc') as local_system,
    coalesce(atc, benamning) as local_code,
    benamning as local_text,
    case cast(allvar as varchar) when '1' then 'mild' when '2' then 'harmful' when '3' then 'life_threatening' else cast(allvar as varchar) end as severity,
    case visshet when 'B' then 'confirmed' when 'M' then 'suspected' else visshet end as certainty,
    if(benamning like 'Ingen känd%', 'true', 'false') as negated,
    iso_date(cast(giltig_fr as varchar)) as valid_from,
    iso_date(cast(giltig_till as varchar)) as valid_to,
    kommentar as comment
from varning t
left join (select enhet_id, hsa_id, vardgivare_hsa from vardenhet) v using (enhet_id)
where (patient_id in (select patient_id from patient where personnr in ('201212121212', '191212121212'))) is not true
