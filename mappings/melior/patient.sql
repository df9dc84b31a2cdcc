-- The last documented change of number counts; the table of changes is a look-up table.
select
    'patient' as source_table,
    _row_key as row_key,
    cast(patient_id as varchar) as local_patient_id,
    personnr as number,
    reservnr_oid as number_issuer,
    (select arg_max(n.gammalt_nr, n.bytesnr) from nrbyte n where n.patient_id = p.patient_id) as previous_number,
    tidy(fornamn) as given_names,
    tidy(tilltalsnamn) as called_name,
    tidy(efternamn) as surname,
    iso_date(cast(fodd as varchar)) as birth_date,
    case kon when 'M' then 'male' when 'K' then 'female' else coalesce(tidy(kon), 'unknown') end as sex,
    case cast(sekretess as varchar) when '0' then 'none' when '1' then 'sekretessmarkering' when '2' then 'skyddad_folkbokforing'
        else cast(sekretess as varchar) end as protection,
    unless_protected(adress, protection) as street,
    unless_protected(postnr, protection) as postal_code,
    unless_protected(ort, protection) as city,
    unless_protected(telefon, protection) as phone,
    iso_date(cast(avliden as varchar)) as deceased_date,
    moder_personnr as mother_number,
    cast(null as varchar) as birth_order,
    iso_timestamp(cast(andrad as varchar)) as recorded_at
from patient p
where (patient_id in (select patient_id from patient where personnr in ('201212121212', '191212121212'))) is not true
