select
    'sparr' as source_table,
    _row_key as row_key,
    cast(patid as varchar) as local_patient_id,
    e.hsaid as care_unit,
    e.vg_hsaid as care_giver,
    cast(null as varchar) as author,
    iso_timestamp(regdatum) as recorded_at,
    cast(null as varchar) as signed,
    'active' as status,
    cast(null as varchar) as approved_for_patient,
    cast(sparrid as varchar) as block_id,
    case typ when 'INRE' then 'inner' when 'YTTRE' then 'outer' else typ end as block_type,
    e.hsaid as blocked_care_unit,
    e.vg_hsaid as blocked_care_giver,
    iso_date(fran) as information_from,
    iso_date(till) as information_to,
    undantag as exempt
from sparr t
left join (select enhetskod, hsaid, vg_hsaid from enhet) e using (enhetskod)
where (patid in (select patid from listad where pnr in ('121212-1212', '121212+1212'))) is not true
