-- What several resources need: who is protected, and the numbers that a person had.
create or replace table guarded as select person_id, protection from person;

-- An earlier number's Patient is told apart by four digits of a hash: enough among one person's numbers, and too few to
-- lead back to a number.
create or replace table old_number as
with known as (
    select i.person_id, s.number_key as key
    from standard as s join identity as i using (source, local_patient_id)
    union
    select i.person_id, s.previous_key
    from standard as s join identity as i using (source, local_patient_id)
),
numbers as (
    select person_id, split_part(key, '@', 1) as number,
        min(nullif(nullif(split_part(key, '@', 2), ''), '?')) as issuer
    from known where key is not null group by all
),
marked as (
    select n.*, issued_kind(number_kind(n.number), issuer) as number_type,
        left(md5(n.person_id || '|' || n.number), 4) as mark
    from numbers as n join person as p on p.person_id = n.person_id
    where n.number is distinct from p.number
)
select person_id, number, number_type, issuer, person_id || '-' || mark
    || coalesce('-' || nullif(row_number() over (partition by person_id, mark order by number), 1), '') as old_id
from marked;

-- the resource that each fact and person became, with what is told of who wrote it
create or replace table fact_of_resource as $facts;

-- the rows behind each, in order
create or replace table behind as
select fact_id, string_agg(
    ',{"role":"source","what":{"identifier":' || identifier('row', source || '$sep' || url_encode(source_table), row_key) || '}}', ''
    order by role desc, source, source_table, row_key) as elements
from lineage group by fact_id;

-- care units and care givers that are named anywhere, and who wrote anything; a unit belongs to a care giver when it is
-- never named with another
create or replace table named as
select distinct source, care_unit, care_giver, author, record_unit from ($named);
create or replace table named_unit as
with known as (
    select source, care_unit as unit, care_giver, record_unit from named
    union select source, care_giver, null, null from named
    union select source, record_unit, null, null from named
    union select source, blocked_care_unit, null, blocked_record_unit from access_block
    union select source, blocked_record_unit, null, null from access_block
    union select source, blocked_care_giver, null, null from access_block
)
select organization_id(source, unit) as resource_id, min(source) as source, min(unit) as unit,
    case when count(distinct care_giver) = 1 and (is_hsa(min(care_giver)) or count(distinct source) = 1)
        then min(care_giver) end as care_giver,
    case when count(distinct record_unit) = 1 then min(record_unit) end as record_unit
from known where told(unit) is not null group by all;
create or replace table named_author as select distinct source, author from named where told(author) is not null;
