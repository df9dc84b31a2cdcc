select
    'lakemedel' as source_table,
    _row_key as row_key,
    cast(patid as varchar) as local_patient_id,
    e.hsaid as care_unit,
    e.vg_hsaid as care_giver,
    vem as author,
    iso_timestamp(regdatum) as recorded_at,
    if(tidy(sign) is null, 'false', 'true') as signed,
    case t.status when 'INS' then 'active' when 'UTS' then 'stopped' when 'FEL' then 'nullified' else coalesce(t.status, 'unknown') end as status,
    cast(null as varchar) as approved_for_patient,
    'atc' as local_system,
    atc as local_code,
    namn as local_text,
    cast(lmid as varchar) as order_id,
    'start' as order_type,
    styrka as strength,
    lform as form,
    adm as route,
    dos as dose_text,
    partial_date(insatt) as starts_on,
    date_precision_of(insatt) as date_precision,
    iso_date(utsatt) as ends_on,
    cast(fornyar as varchar) as renews,
    'order' as stage
from lakemedel t
left join (select enhetskod, hsaid, vg_hsaid from enhet) e using (enhetskod)
where (patid in (select patid from listad where pnr in ('121212-1212', '121212+1212'))) is not true
union all
-- what the pharmacy gave out: it happened, and is no order
select
    'uthamtat' as source_table,
    _row_key as row_key,
    cast(patid as varchar) as local_patient_id,
    cast(null as varchar) as care_unit,
    cast(null as varchar) as care_giver,
    cast(null as varchar) as author,
    iso_timestamp(regdatum) as recorded_at,
    cast(null as varchar) as signed,
    case status when 'UTL' then 'completed' when 'FEL' then 'nullified' else coalesce(status, 'unknown') end as status,
    cast(null as varchar) as approved_for_patient,
    'atc' as local_system,
    atc as local_code,
    namn as local_text,
    'U' || cast(uthid as varchar) as order_id,
    cast(null as varchar) as order_type,
    styrka as strength,
    lform as form,
    cast(null as varchar) as route,
    cast(null as varchar) as dose_text,
    partial_date(datum) as starts_on,
    date_precision_of(datum) as date_precision,
    cast(null as varchar) as ends_on,
    cast(null as varchar) as renews,
    'dispense' as stage
from uthamtat
where (patid in (select patid from listad where pnr in ('121212-1212', '121212+1212'))) is not true
