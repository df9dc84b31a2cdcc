-- Where no code was written, the vaccine's name is one: a product, or plain words. Of an old card, the year or the month may
-- be all that is known.
select
    'vaccination' as source_table,
    _row_key as row_key,
    cast(patid as varchar) as local_patient_id,
    e.hsaid as care_unit,
    e.vg_hsaid as care_giver,
    vem as author,
    iso_timestamp(regdatum) as recorded_at,
    if(tidy(sign) is null, 'false', 'true') as signed,
    case when t.status = 'FEL' then 'nullified' else coalesce(t.status, 'completed') end as status,
    cast(null as varchar) as approved_for_patient,
    if(tidy(atc) is null, 'asynja-vaccin', 'atc') as local_system,
    coalesce(tidy(atc), vaccin) as local_code,
    vaccin as local_text,
    iso_date(case
        when regexp_full_match(tidy(datum), '\d{4}') then tidy(datum) || '-01-01'
        when regexp_full_match(tidy(datum), '\d{4}-\d{2}') then tidy(datum) || '-01'
        else datum end) as given_on,
    case when regexp_full_match(tidy(datum), '\d{4}') then 'year' when regexp_full_match(tidy(datum), '\d{4}-\d{2}') then 'month' end as date_precision,
    batchnr as batch,
    tidy(dosnr) as dose_number
from vaccination t
left join (select enhetskod, hsaid, vg_hsaid from enhet) e using (enhetskod)
where (patid in (select patid from listad where pnr in ('121212-1212', '121212+1212'))) is not true
