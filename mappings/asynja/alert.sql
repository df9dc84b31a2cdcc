select
    'overkanslighet' as source_table,
    _row_key as row_key,
    cast(patid as varchar) as local_patient_id,
    e.hsaid as care_unit,
    e.vg_hsaid as care_giver,
    vem as author,
    iso_timestamp(regdatum) as recorded_at,
    if(tidy(sign) is null, 'false', 'true') as signed,
    case t.status when 'bekräftad' then 'active' when 'misstänkt' then 'active' when 'avförd' then 'refuted' when 'fel' then 'nullified' else coalesce(t.status, 'unknown') end as status,
    cast(null as varchar) as approved_for_patient,
    case when kod in ('MRSA', 'HBV') then 'communicable' when kod in ('AK', 'PACE') then 'treatment' when kod = 'MH' then 'disease'
        when kod = 'BLOD' then 'restriction' else 'hypersensitivity' end as category,
    'asynja-ok' as local_system,
    kod as local_code,
    amne as local_text,
    case grad when 'lindrig' then 'mild' when 'måttlig' then 'harmful' when 'svår' then 'life_threatening' else grad end as severity,
    case t.status when 'bekräftad' then 'confirmed' when 'misstänkt' then 'suspected' end as certainty,
    if(kod = 'INGEN', 'true', 'false') as negated,
    partial_date(datum) as valid_from,
    date_precision_of(datum) as date_precision,
    cast(null as varchar) as valid_to,
    anm as comment
from overkanslighet t
left join (select enhetskod, hsaid, vg_hsaid from enhet) e using (enhetskod)
where (patid in (select patid from listad where pnr in ('121212-1212', '121212+1212'))) is not true
