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
    case when ordtyp = 'U' then cast(avser_id as varchar) end as stops,
    'order' as stage
from ordination t
left join (select enhet_id, hsa_id, vardgivare_hsa from vardenhet) v using (enhet_id)
where (patient_id in (select patient_id from patient where personnr in ('201212121212', '191212121212'))) is not true
union all
-- what was given of an order: it happened, and is none
select
    'givet' as source_table,
    _row_key as row_key,
    cast(patient_id as varchar) as local_patient_id,
    v.hsa_id as care_unit,
    v.vardgivare_hsa as care_giver,
    skriven_av as author,
    iso_timestamp(cast(reg_tid as varchar)) as recorded_at,
    cast(null as varchar) as signed,
    case t.status when 'P' then 'active' when 'G' then 'completed' when 'X' then 'nullified' else coalesce(t.status, 'unknown') end as status,
    cast(null as varchar) as approved_for_patient,
    'atc' as local_system,
    atc as local_code,
    preparat as local_text,
    'G' || cast(givet_id as varchar) as order_id,
    cast(null as varchar) as order_type,
    styrka as strength,
    form,
    adm_vag as route,
    cast(null as varchar) as dose_text,
    iso_date(cast(datum as varchar)) as starts_on,
    cast(null as varchar) as ends_on,
    cast(null as varchar) as renews,
    cast(null as varchar) as stops,
    'administration' as stage
from givet t
left join (select enhet_id, hsa_id, vardgivare_hsa from vardenhet) v using (enhet_id)
where (patient_id in (select patient_id from patient where personnr in ('201212121212', '191212121212'))) is not true
