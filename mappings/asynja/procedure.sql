select
    'atgard' as source_table,
    _row_key as row_key,
    cast(patid as varchar) as local_patient_id,
    e.hsaid as care_unit,
    e.vg_hsaid as care_giver,
    vem as author,
    iso_timestamp(regdatum) as recorded_at,
    if(tidy(sign) is null, 'false', 'true') as signed,
    case when t.status = 'FEL' then 'nullified' else coalesce(t.status, 'completed') end as status,
    cast(null as varchar) as approved_for_patient,
    case kodsys when 'KVA' then 'kva' when 'EGEN' then 'asynja-atgard' else kodsys end as local_system,
    kod as local_code,
    text as local_text,
    iso_date(datum) as performed_on
from atgard t
left join (select enhetskod, hsaid, vg_hsaid from enhet) e using (enhetskod)
where (patid in (select patid from listad where pnr in ('121212-1212', '121212+1212'))) is not true
