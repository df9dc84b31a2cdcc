-- Who is who, and which row states which fact. Nothing but the score reads it.

create or replace temp table truth_identity as
select source, local_id as local_patient_id, cast(pid as varchar) as person, array_to_string(mistakes, ' ') as mistakes from identity
union all select 'melior', '99', 'test-1', '' union all select 'asynja', '1', 'test-1', '' union all select 'asynja', '2', 'test-2', '' union all select 'elvis', '00000012', 'test-1', ''
union all select 'obstetrix', 'OB9999999', 'test-1', '';

create or replace temp table truth_fact as
with tables as (
    select * from (values
        ('melior', 'condition', 'diagnos'), ('melior', 'alert', 'varning'), ('melior', 'medication', 'ordination'),
        ('melior', 'observation', 'labsvar'), ('melior', 'document', 'anteckning'), ('melior', 'access_block', 'sparr'),
        ('asynja', 'condition', 'diagnoser'), ('asynja', 'alert', 'overkanslighet'), ('asynja', 'medication', 'lakemedel'),
        ('asynja', 'observation', 'labb'), ('asynja', 'document', 'journaltext'), ('asynja', 'access_block', 'sparr'),
        ('elvis', 'care_contact', 'kontakt'), ('elvis', 'condition', 'diagnos'),
        ('obstetrix', 'condition', 'diagnos'), ('obstetrix', 'observation', 'matning'), ('obstetrix', 'alert', 'varning'),
        ('obstetrix', 'document', 'anteckning')) t(source, kind, source_table)
)
select e.source, t.source_table, case
        when e.source = 'melior' and kind = 'access_block' then 'SP-' || key
        when e.source = 'elvis' and kind = 'condition' then key || '|01' else key end as row_key,
    kind, fact_id, cast(pid as varchar) as person
from entry e join tables t using (source, kind)
union all
select 'elvis', 'kontakt', key, 'care_contact', contact_fact, cast(pid as varchar) from elvis.kontakt_rows where kind = 'condition'
union all
select 'melior', 'diagnos', '1', 'condition', 'test-1', 'test-1'
union all
select 'asynja', 'diagnoser', '1000000001', 'condition', 'test-1', 'test-1';
