-- Test patients, links taken back, and what says nothing about numbers: deaths stand in the journals.
select 'koppling' as source_table, _row_key as row_key, 'test_patient' as rule from koppling
where tidy(PNR) = '201212121212'
union all
select 'koppling', _row_key, 'link_revoked' from koppling
where tidy(STATUS) = 'U' and (tidy(PNR) = '201212121212') is not true
union all
select 'avregistrering', _row_key, 'deregistered' from avregistrering
where (tidy(ORSAK) = 'FI') is not true
