-- One field holds the whole name: surname, a comma, given names. A postal address is 'NNN NN  CITY'.
select
    'listad' as source_table,
    _row_key as row_key,
    cast(patid as varchar) as local_patient_id,
    tidy(pnr) as number,
    if(regexp_full_match(tidy(pnr), '\d{8}[KMX]\d{3}'), '1.2.752.113.11.0.2.1.1.1', null) as number_issuer,
    tidy(tidigare_pnr) as previous_number,
    tidy(substr(namn, strpos(namn, ',') + 1)) as given_names,
    if(contains(namn, ','), tidy(split_part(namn, ',', 1)), null) as surname,
    iso_date(fodelsedatum) as birth_date,
    case cast(kon as varchar) when '1' then 'male' when '2' then 'female' when '0' then 'unknown' else coalesce(cast(kon as varchar), 'unknown') end as sex,
    case coalesce(tidy(skydd), '') when '' then 'none' when 'SEKR' then 'sekretessmarkering' when 'SKF' then 'skyddad_folkbokforing' else skydd end as protection,
    unless_protected(gatuadress, protection) as street,
    unless_protected(replace(left(postadress, 6), ' ', ''), protection) as postal_code,
    unless_protected(substr(postadress, 7), protection) as city,
    unless_protected(tel, protection) as phone,
    iso_date(avliden) as deceased_date,
    tidy(vardnadshavare_pnr) as mother_number,
    cast(null as varchar) as birth_order,
    iso_timestamp(senast_andrad) as recorded_at,
    case tidy(snr_niva) when 'STYRKT' then 'proved' when 'SANNOLIK' then 'probable' when 'OSÄKER' then 'uncertain' else tidy(snr_niva) end as identity_status
from listad
where (patid in (select patid from listad where pnr in ('121212-1212', '121212+1212'))) is not true
