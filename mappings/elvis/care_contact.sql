with timed as (
    select *,
        iso_date6(INDAT, '2024-12-31') || ' ' || substr(INTID, 1, 2) || ':' || substr(INTID, 3, 2) || ':00' as starts,
        iso_date6(UTDAT, '2024-12-31') || ' ' || substr(UTTID, 1, 2) || ':' || substr(UTTID, 3, 2) || ':00' as ends
    from kontakt
)

select
    'kontakt' as source_table,
    t._row_key as row_key,
    PATNR as local_patient_id,
    tidy(k.HSAID) as care_unit,
    'SE2321000131-E000000000001' as care_giver,
    tidy(LAKARE) as author,
    starts as recorded_at,
    cast(null as varchar) as signed,
    'completed' as status,
    cast(null as varchar) as approved_for_patient,
    KONTNR as contact_id,
    case TYP when '1' then 'visit' when '2' then 'phone' when '3' then 'inpatient' when '4' then 'day_care' when '5' then 'other' else tidy(TYP) end as category,
    starts as starts_at,
    ends as ends_at,
    cast(null as varchar) as local_system,
    cast(null as varchar) as local_code,
    cast(null as varchar) as local_text
from timed t
left join (select KLIN, HSAID from klinik) k using (KLIN)
where (PATNR in (select PATNR from patient where tidy(PNR) = '1212121212')) is not true
