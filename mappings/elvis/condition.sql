-- The diagnosis has no clinic of its own: its contact has. The export may hold a contact twice.
with contact as (
    select KONTNR, min(KLIN) as KLIN, min(LAKARE) as LAKARE from kontakt group by KONTNR
), dated as (
    select *, iso_date6(DIADAT, '2024-12-31') as day from diagnos
)

select
    'diagnos' as source_table,
    d._row_key as row_key,
    d.PATNR as local_patient_id,
    tidy(k.HSAID) as care_unit,
    'SE2321000131-E000000000001' as care_giver,
    tidy(c.LAKARE) as author,
    d.day || ' 00:00:00' as recorded_at,
    cast(null as varchar) as signed,
    case when d.MAK = 'X' then 'nullified' else coalesce(tidy(d.MAK), 'active') end as status,
    cast(null as varchar) as approved_for_patient,
    'icd-10-se' as local_system,
    tidy(d.DIAKOD) as local_code,
    tidy(d.DIATEXT) as local_text,
    d.day as diagnosed_on,
    case d.TYP when 'H' then 'main' when 'B' then 'secondary' else tidy(d.TYP) end as category,
    cast(null as varchar) as chronic,
    cast(null as varchar) as certainty,
    cast(null as varchar) as negated
from dated d
left join contact c on c.KONTNR = d.KONTNR
left join (select KLIN, HSAID from klinik) k on k.KLIN = c.KLIN
where (d.PATNR in (select PATNR from patient where tidy(PNR) = '1212121212')) is not true
