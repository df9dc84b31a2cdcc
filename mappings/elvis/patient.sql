-- Dates have two-digit years: the last change is of our time, the birth not after it.
with dated as (
    select *, iso_date6(ANDRDAT, '2024-12-31') as changed from patient
)

select
    'patient' as source_table,
    _row_key as row_key,
    PATNR as local_patient_id,
    tidy(PNR) as number,
    if(regexp_full_match(tidy(PNR), '\d{6}[KMX]\d{3}'), '1.2.752.113.11.0.2.1.1.1', null) as number_issuer,
    tidy(TIDPNR) as previous_number,
    tidy(FNAMN) as given_names,
    tidy(ENAMN) as surname,
    iso_date6(FODDAT, coalesce(changed, '2024-12-31')) as birth_date,
    case KON when 'M' then 'male' when 'K' then 'female' else coalesce(tidy(KON), 'unknown') end as sex,
    case coalesce(tidy(SKYDD), '') when '' then 'none' when 'S' then 'sekretessmarkering' when 'F' then 'skyddad_folkbokforing' else SKYDD end as protection,
    unless_protected(ADR, protection) as street,
    unless_protected(POSTNR, protection) as postal_code,
    unless_protected(ORT, protection) as city,
    unless_protected(TEL, protection) as phone,
    iso_date6(AVLDAT, '2024-12-31') as deceased_date,
    cast(null as varchar) as mother_number,
    cast(null as varchar) as birth_order,
    changed || ' 00:00:00' as recorded_at
from dated
where (PATNR in (select PATNR from patient where tidy(PNR) = '1212121212')) is not true
