-- Test patients and all that hangs on them.
with test_patient as (
    select PATNR from patient where tidy(PNR) = '1212121212'
)

select 'patient' as source_table, _row_key as row_key, 'test_patient' as rule from patient
where PATNR in (select PATNR from test_patient)
union all
select 'kontakt' as source_table, _row_key as row_key, 'test_patient' as rule from kontakt
where PATNR in (select PATNR from test_patient)
union all
select 'diagnos' as source_table, _row_key as row_key, 'test_patient' as rule from diagnos
where PATNR in (select PATNR from test_patient)
