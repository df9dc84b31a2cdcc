select
    'kontakt' as source_table,
    t._row_key as row_key,
    PATNR as local_patient_id,
    tidy(k.HSAID) as care_unit,
    'SE2321000131-E000000000001' as care_giver,
    tidy(LAKARE) as author,
    iso_timestamp(iso_date6(INDAT, '2024-12-31') || ' ' || substr(INTID, 1, 2) || ':' || substr(INTID, 3, 2)) as recorded_at,
    cast(null as varchar) as signed,
    'completed' as status,
    cast(null as varchar) as approved_for_patient,
    KONTNR as contact_id,
    case TYP when '1' then 'visit' when '2' then 'phone' when '3' then 'inpatient' when '4' then 'day_care' when '5' then 'other' else tidy(TYP) end as category,
    iso_timestamp(iso_date6(INDAT, '2024-12-31') || ' ' || substr(INTID, 1, 2) || ':' || substr(INTID, 3, 2)) as starts_at,
    iso_timestamp(iso_date6(UTDAT, '2024-12-31') || ' ' || substr(UTTID, 1, 2) || ':' || substr(UTTID, 3, 2)) as ends_at,
    cast(null as varchar) as local_system,
    cast(null as varchar) as local_code,
    cast(null as varchar) as local_text
from kontakt t
left join (select KLIN, HSAID from klinik) k using (KLIN)
where (PATNR in (select PATNR from patient where tidy(PNR) = '1212121212')) is not true
