-- Blocks are never signed and never shown: they are orders to the system.
select
    'sparr' as source_table,
    _row_key as row_key,
    cast(patient_id as varchar) as local_patient_id,
    enhet_hsa as care_unit,
    vardgivare_hsa as care_giver,
    reg_av as author,
    iso_timestamp(cast(reg_tid as varchar)) as recorded_at,
    cast(null as varchar) as signed,
    'active' as status,
    cast(null as varchar) as approved_for_patient,
    sparr_id as block_id,
    case typ when 'I' then 'inner' when 'Y' then 'outer' else typ end as block_type,
    enhet_hsa as blocked_care_unit,
    vardgivare_hsa as blocked_care_giver,
    iso_date(cast(info_fran as varchar)) as information_from,
    iso_date(cast(info_till as varchar)) as information_to,
    undantag as exempt
from sparr
where (patient_id in (select patient_id from patient where personnr in ('201212121212', '191212121212'))) is not true
