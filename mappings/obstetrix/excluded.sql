-- Test patients and all that hangs on them.
with test_patient as (
    select PATNR from patient where tidy(NR) = '201212121212'
)

select 'patient' as source_table, _row_key as row_key, 'test_patient' as rule from patient
where PATNR in (select PATNR from test_patient)
union all
select 'diagnos' as source_table, _row_key as row_key, 'test_patient' as rule from diagnos
where PATNR in (select PATNR from test_patient)
union all
select 'matning' as source_table, _row_key as row_key, 'test_patient' as rule from matning
where PATNR in (select PATNR from test_patient)
union all
select 'varning' as source_table, _row_key as row_key, 'test_patient' as rule from varning
where PATNR in (select PATNR from test_patient)
union all
select 'anteckning' as source_table, _row_key as row_key, 'test_patient' as rule from anteckning
where PATNR in (select PATNR from test_patient)
union all
select 'atgard' as source_table, _row_key as row_key, 'test_patient' as rule from atgard
where PATNR in (select PATNR from test_patient)
union all
select 'vaccination' as source_table, _row_key as row_key, 'test_patient' as rule from vaccination
where PATNR in (select PATNR from test_patient)
