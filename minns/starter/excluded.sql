-- Rows that are left out on purpose, each with the rule that leaves it out. A row that appears
-- neither here nor in a canonical table fails the run: nothing is lost silently.
select 'patient' as source_table, _row_key as row_key, 'test_person' as rule
from patient
where given_names like 'TEST %'
