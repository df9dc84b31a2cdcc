select
    'besok' as source_table,
    _row_key as row_key,
    cast(patid as varchar) as local_patient_id,
    e.hsaid as care_unit,
    e.vg_hsaid as care_giver,
    vem as author,
    iso_timestamp(regdatum) as recorded_at,
    if(tidy(sign) is null, 'false', 'true') as signed,
    case t.status when 'KLAR' then 'completed' when 'FEL' then 'nullified' else coalesce(t.status, 'unknown') end as status,
    cast(null as varchar) as approved_for_patient,
    cast(besokid as varchar) as contact_id,
    case typ when 'Besök' then 'visit' when 'Hembesök' then 'visit' when 'Telefon' then 'phone' else 'other' end as category,
    iso_timestamp(start) as starts_at,
    iso_timestamp(slut) as ends_at,
    'asynja-besok' as local_system,
    typ as local_code,
    typ as local_text
from besok t
left join (select enhetskod, hsaid, vg_hsaid from enhet) e using (enhetskod)
where (patid in (select patid from listad where pnr in ('121212-1212', '121212+1212'))) is not true
