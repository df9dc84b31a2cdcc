-- Test patients and all that hangs on them.
with test_patient as (
    select patid from listad where pnr in ('121212-1212', '121212+1212')
)

select 'listad' as source_table, _row_key as row_key, 'test_patient' as rule from listad
where patid in (select patid from test_patient)
union all
select 'diagnoser' as source_table, _row_key as row_key, 'test_patient' as rule from diagnoser
where patid in (select patid from test_patient)
union all
select 'overkanslighet' as source_table, _row_key as row_key, 'test_patient' as rule from overkanslighet
where patid in (select patid from test_patient)
union all
select 'lakemedel' as source_table, _row_key as row_key, 'test_patient' as rule from lakemedel
where patid in (select patid from test_patient)
union all
select 'labb' as source_table, _row_key as row_key, 'test_patient' as rule from labb
where patid in (select patid from test_patient)
union all
select 'journaltext' as source_table, _row_key as row_key, 'test_patient' as rule from journaltext
where patid in (select patid from test_patient)
union all
select 'sparr' as source_table, _row_key as row_key, 'test_patient' as rule from sparr
where patid in (select patid from test_patient)
union all
select 'atgard' as source_table, _row_key as row_key, 'test_patient' as rule from atgard
where patid in (select patid from test_patient)
union all
select 'vaccination' as source_table, _row_key as row_key, 'test_patient' as rule from vaccination
where patid in (select patid from test_patient)
union all
select 'besok' as source_table, _row_key as row_key, 'test_patient' as rule from besok
where patid in (select patid from test_patient)
union all
select 'uthamtat' as source_table, _row_key as row_key, 'test_patient' as rule from uthamtat
where patid in (select patid from test_patient)
