-- Who is who, and which row states which fact. Nothing but the score reads it.

-- what makes people hard to tell apart, or to find again
create or replace temp table trait as
select pid, twin, of_foreign_origin and role < 3 as foreign_born, protection <> 'none' as protected,
    of_foreign_origin and role < 3 and strftime(birth_date, '%m%d') in ('0101', '0701') as january,
    (kind = 'namesakes' and role in (2, 3)) or count(*) over (partition by given[called], surname, birth_date) > 1 as namesake,
    old_surname is not null as name_changed, in_home as care_home, earlier_number is not null as number_changed,
    coordination and not replaced and chance('false_identity', pid) as false_identity
from person;

-- numbers that some register or source says belong to another one
create or replace temp table documented as
select distinct pid, reserve as number from manual_link
union
select distinct pid, previous_number from identity where previous_number is not null;

-- nothing to link on: no number of one's own, no name, no documented link and no mother
create or replace temp table unlinkable as
select who from identity i
where (number is null or under_reserve or under_lma) and mother_number is null and previous_number is null
    and (unnamed or unidentified or given_names is null or (given_names = 'Skyddad' and surname = 'Uppgift'))
    and not exists (from documented d where d.pid = i.pid and d.number = i.number);

create or replace temp table truth_identity as
select source, local_id as local_patient_id, cast(pid as varchar) as person, array_to_string(mistakes, ' ') as mistakes,
    array_to_string(mistakes || list_filter([if(newborn, 'newborn', ''), if(copy = 1, 'second_identity', ''), if(twin, 'twin', ''),
        if(foreign_born, 'foreign_born', ''), if(t.protected, 'protected', ''), if(january, 'january', ''), if(namesake, 'namesake', ''),
        if(name_changed, 'name_changed', ''), if(care_home, 'care_home', ''), if(number_changed, 'number_changed', ''),
        if(false_identity, 'false_identity', ''), if(u.who is not null, 'unlinkable', '')], lambda x: x <> ''), ' ') as groups
from identity i join trait t using (pid) left join unlinkable u using (who)
union all select 'melior', '99', 'test-1', '', '' union all select 'asynja', '1', 'test-1', '', '' union all select 'asynja', '2', 'test-2', '', ''
union all select 'elvis', '00000012', 'test-1', '', '' union all select 'obstetrix', 'OB9999999', 'test-1', '', '';

create or replace temp table truth_fact as
with tables as (
    select * from (values
        ('melior', 'condition', 'diagnos'), ('melior', 'alert', 'varning'), ('melior', 'medication', 'ordination'),
        ('melior', 'observation', 'labsvar'), ('melior', 'document', 'anteckning'), ('melior', 'access_block', 'sparr'),
        ('melior', 'procedure', 'atgard'), ('melior', 'immunization', 'vaccination'), ('melior', 'care_contact', 'vardtillfalle'),
        ('asynja', 'condition', 'diagnoser'), ('asynja', 'alert', 'overkanslighet'), ('asynja', 'medication', 'lakemedel'),
        ('asynja', 'observation', 'labb'), ('asynja', 'document', 'journaltext'), ('asynja', 'access_block', 'sparr'),
        ('asynja', 'procedure', 'atgard'), ('asynja', 'immunization', 'vaccination'), ('asynja', 'care_contact', 'besok'),
        ('elvis', 'care_contact', 'kontakt'), ('elvis', 'condition', 'diagnos'),
        ('obstetrix', 'condition', 'diagnos'), ('obstetrix', 'observation', 'matning'), ('obstetrix', 'alert', 'varning'),
        ('obstetrix', 'document', 'anteckning'), ('obstetrix', 'procedure', 'atgard'), ('obstetrix', 'immunization', 'vaccination')) t(source, kind, source_table)
)
select e.source, t.source_table, case
        when e.source = 'melior' and kind = 'access_block' then 'SP-' || key
        when e.source = 'elvis' and kind = 'condition' then key || '|01' else key end as row_key,
    -- an order to stop is another order than the one to start, and a block of another unit another block; primary care keeps
    -- no time of a note, so that of two of one day that are alike to the byte nobody can tell that they are two
    kind, concat(case when d.body is not null and e.source = 'asynja' then min(d.fact_id) over (partition by e.pid, e.source, d.heading, d.body, d.day) else e.fact_id end, case when kind = 'access_block' then concat('@', e.source, unit_no) when m.ordtyp = 'U' then '-stop' end) as fact_id,
    cast(e.pid as varchar) as person
from entry e join tables t using (source, kind)
left join melior.ordination m on e.source = 'melior' and e.kind = 'medication' and m.ordination_id = try_cast(e.key as integer)
left join document d on d.fact_id = e.fact_id
union all
select 'elvis', 'kontakt', key, 'care_contact', contact_fact, cast(pid as varchar) from elvis.kontakt_rows where kind = 'condition'
union all
select source, if(source = 'melior', 'givet', 'uthamtat'), key, 'medication', fact_id, cast(pid as varchar) from event
union all
select 'melior', 'diagnos', '1', 'condition', 'test-1', 'test-1'
union all
select 'asynja', 'diagnoser', '1000000001', 'condition', 'test-1', 'test-1'
union all
select 'melior', 'vardtillfalle', '1', 'care_contact', 'test-3', 'test-1'
union all
select 'asynja', 'vaccination', '1000000001', 'immunization', 'test-4', 'test-1';
