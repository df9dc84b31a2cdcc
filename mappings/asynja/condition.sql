select
    'diagnoser' as source_table,
    _row_key as row_key,
    cast(patid as varchar) as local_patient_id,
    e.hsaid as care_unit,
    e.vg_hsaid as care_giver,
    vem as author,
    iso_timestamp(regdatum) as recorded_at,
    if(tidy(sign) is null, 'false', 'true') as signed,
    case t.status when 'AKT' then 'active' when 'AVS' then 'completed' when 'FEL' then 'nullified' else coalesce(t.status, 'unknown') end as status,
    cast(null as varchar) as approved_for_patient,
    case kodsys when 'KSH' then 'ksh97-p' when 'ICD' then 'icd-10-se' else kodsys end as local_system,
    kod as local_code,
    text as local_text,
    partial_date(datum) as diagnosed_on,
    date_precision_of(datum) as date_precision,
    cast(null as varchar) as category,
    yes_no(kronisk) as chronic,
    cast(null as varchar) as certainty,
    yes_no(negerad) as negated
from diagnoser t
left join (select enhetskod, hsaid, vg_hsaid from enhet) e using (enhetskod)
where (patid in (select patid from listad where pnr in ('121212-1212', '121212+1212'))) is not true
