-- Newborns stand under a reserve number, with the mother's number and the order of birth.
select
    'patient' as source_table,
    _row_key as row_key,
    PATNR as local_patient_id,
    tidy(NR) as number,
    if(NRTYP = 'R', '1.2.752.113.11.0.2.1.1.1', null) as number_issuer,
    cast(null as varchar) as previous_number,
    tidy("FÖRNAMN") as given_names,
    tidy(EFTERNAMN) as surname,
    iso_date("FÖDD") as birth_date,
    case "KÖN" when 'P' then 'male' when 'F' then 'female' when 'O' then 'unknown' else coalesce(tidy("KÖN"), 'unknown') end as sex,
    case SKYDD when '0' then 'none' when '1' then 'sekretessmarkering' when '2' then 'skyddad_folkbokforing' else SKYDD end as protection,
    unless_protected(ADRESS, protection) as street,
    unless_protected(POSTNR, protection) as postal_code,
    unless_protected(ORT, protection) as city,
    unless_protected(TELEFON, protection) as phone,
    iso_date(AVLIDEN) as deceased_date,
    tidy(MODERS_NR) as mother_number,
    tidy("BÖRDSNR") as birth_order,
    iso_timestamp("ÄNDRAD") as recorded_at
from patient
where (PATNR in (select PATNR from patient where tidy(NR) = '201212121212')) is not true
