select
    'ordination' as source_table,
    _row_key as row_key,
    cast(patient_id as varchar) as local_patient_id,
    v.hsa_id as care_unit,
    v.vardgivare_hsa as care_giver,
    skriven_av as author,
    iso_timestamp(cast(reg_tid as varchar)) as recorded_at,
    yes_no(cast(signerad as varchar)) as signed,
    case t.status when 'P' then 'active' when 'A' then 'stopped' when 'X' then 'nullified' else coalesce(t.status, 'unknown') end as status,
    yes_no(cast(visa_patient as varchar)) as approved_for_patient,
    'atc' as local_system,
    atc as local_code,
    preparat as local_text,
    cast(ordination_id as varchar) as order_id,
    case ordtyp when 'I' then 'start' when 'U' then 'stop' else ordtyp end as order_type,
    styrka as strength,
    form,
    adm_vag as route,
    dosering as dose_text,
    iso_date(cast(insatt as varchar)) as starts_on,
    iso_date(cast(utsatt as varchar)) as ends_on,
    case when ordtyp <> 'U' then cast(avser_id as varchar) end as renews,
    case when ordtyp = 'U' then cast(avser_id as varchar) end as stops
from ordination t
left join (select enhet_id, hsa_id, vardgivare_hsa from vardenhet) v using (enhet_id)
where (patient_id in (select patient_id from patient where personnr in ('201212121212', '191212121212'))) is not true
