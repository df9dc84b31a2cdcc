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
