-- HbA1c in per cent is another quantity than HbA1c in mmol/mol, though the local code is the same.
select
    'labb' as source_table,
    _row_key as row_key,
    cast(patid as varchar) as local_patient_id,
    e.hsaid as care_unit,
    e.vg_hsaid as care_giver,
    vem as author,
    iso_timestamp(regdatum) as recorded_at,
    if(tidy(sign) is null, 'false', 'true') as signed,
    case when t.status = 'FEL' then 'nullified' else coalesce(t.status, 'active') end as status,
    cast(null as varchar) as approved_for_patient,
    if(analyskod = 'HBA1C' and tidy(enhet) = '%', 'asynja-labb-mono-s', 'asynja-labb') as local_system,
    analyskod as local_code,
    analysnamn as local_text,
    partial_timestamp(provdatum) as observed_at,
    time_precision_of(provdatum) as date_precision,
    resultat as value_text,
    number_of(resultat) as value_number,
    comparator_of(resultat) as comparator,
    tidy(enhet) as unit,
    refomr as reference_interval,
    if(tidy(flagga) = '*', 'true', tidy(flagga)) as abnormal
from labb t
left join (select enhetskod, hsaid, vg_hsaid from enhet) e using (enhetskod)
where (patid in (select patid from listad where pnr in ('121212-1212', '121212+1212'))) is not true
