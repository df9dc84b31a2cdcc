-- Test patients and all that hangs on them.
with test_patient as (
    select patient_id from patient where personnr in ('201212121212', '191212121212')
)

select 'patient' as source_table, _row_key as row_key, 'test_patient' as rule from patient
where patient_id in (select patient_id from test_patient)
union all
select 'diagnos' as source_table, _row_key as row_key, 'test_patient' as rule from diagnos
where patient_id in (select patient_id from test_patient)
union all
select 'varning' as source_table, _row_key as row_key, 'test_patient' as rule from varning
where patient_id in (select patient_id from test_patient)
union all
select 'ordination' as source_table, _row_key as row_key, 'test_patient' as rule from ordination
where patient_id in (select patient_id from test_patient)
union all
select 'labsvar' as source_table, _row_key as row_key, 'test_patient' as rule from labsvar
where patient_id in (select patient_id from test_patient)
union all
select 'anteckning' as source_table, _row_key as row_key, 'test_patient' as rule from anteckning
where patient_id in (select patient_id from test_patient)
union all
select 'sparr' as source_table, _row_key as row_key, 'test_patient' as rule from sparr
where patient_id in (select patient_id from test_patient)
union all
select 'atgard' as source_table, _row_key as row_key, 'test_patient' as rule from atgard
where patient_id in (select patient_id from test_patient)
union all
select 'vaccination' as source_table, _row_key as row_key, 'test_patient' as rule from vaccination
where patient_id in (select patient_id from test_patient)
union all
select 'vardtillfalle' as source_table, _row_key as row_key, 'test_patient' as rule from vardtillfalle
where patient_id in (select patient_id from test_patient)
union all
select 'givet' as source_table, _row_key as row_key, 'test_patient' as rule from givet
where patient_id in (select patient_id from test_patient)
