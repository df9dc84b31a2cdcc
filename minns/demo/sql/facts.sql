-- What is true of each person's health: when, and of which kind.

set variable diagnoses = (select list(d order by icd, i) from (select d, d.icd, i from diagnosis d, range(100) t(i) where i < cast(d.weight as integer)));
set variable drugs = (select list(d order by atc, i) from (select d, d.atc, i from drug d, range(100) t(i) where i < cast(d.weight as integer)));
set variable tests = (select list(d order by npu, i) from (select d, d.npu, i from test d, range(100) t(i) where i < cast(d.weight as integer)));
set variable vitals = (select list(d order by melior_code, i) from (select d, d.melior_code, i from vital d, range(100) t(i) where i < cast(d.weight as integer)));
set variable agents = (select list(d order by agent, i) from (select d, d.agent, i from agent d, range(100) t(i) where i < cast(d.weight as integer)));
set variable operations = (select list(d order by text, i) from (select d, d.text, i from operation d, range(100) t(i) where i < cast(d.weight as integer)));
set variable vaccines = (select list(d order by atc, i) from (select d, d.atc, i from vaccine d, range(100) t(i) where i < cast(d.weight as integer)));
set variable notes = (select list(d order by heading, body) from note d);
-- on the day of birth, and three months before it
set variable births = (select list(d order by icd, i) from (select d, d.icd, i from maternity_diagnosis d, range(100) t(i)
    where i < cast(d.weight as integer) and d.icd similar to 'O(42|7|8).*'));
set variable pregnancies = (select list(d order by icd, i) from (select d, d.icd, i from maternity_diagnosis d, range(100) t(i)
    where i < cast(d.weight as integer) and not d.icd similar to 'O(42|7|8).*'));
set variable birth_notes = (select list(d order by heading, body) from maternity_note d);

-- how many of each kind a person may have, and how the numbers lean: many have few, few have many
create or replace temp table drawn_fact as
with asked as (
    select * from (values ('condition', 7, 1.9), ('alert', 3, 3.0), ('medication', 7, 2.2), ('observation', 10, 2.1),
        ('document', 6, 2.4), ('access_block', 1, 60.0), ('care_contact', 2, 2.2), ('procedure', 3, 2.4), ('immunization', 5, 2.4)) a(kind, most, lean)
), counted as (
    select pid, asked.kind, cast(floor(pow(roll(asked.kind, pid), lean) * (most + 0.999)) as bigint)
            + if(pid is not distinct from getvariable('canary_pid'), 1, 0) as n,
        greatest(birth_date + 3, date '2003-01-01') as first_day,
        least(coalesce(deceased_date, region_end()), region_end()) as last_day
    from person cross join asked
), general as (
    select kind, 'general' as domain, pid, k, concat(kind, '-', pid, '-', k) as fact_id,
        day_between(first_day, greatest(first_day, last_day), kind, concat(pid, '-', k)) as day
    from counted, range(20) t(k) where k < n
), primary_care as (
    -- visits to the health centre, which the hospital's patient administration knows nothing of
    select kind, 'primary', pid, 300 + k, concat(kind, '-primary-', pid, '-', k),
        day_between(first_day, greatest(first_day, last_day), 'primary', concat(pid, '-', k))
    from counted, range(20) t(k) where kind = 'care_contact' and k < cast(floor(pow(roll('primary', pid), 2.0) * 4) as bigint)
), births as (
    select p.mother_pid as mother, p.pid as child, birth_date from person p
    where exists (select 1 from identity i where i.source = 'obstetrix' and i.pid = p.pid and newborn)
), of_mothers as (
    select kind, 'maternity', mother, child * 10 + k, concat(kind, '-birth-', child, '-', k), birth_date - cast(if(k = 0, 0, 90) as integer)
    from births, (values ('condition', 0), ('condition', 1), ('document', 0), ('observation', 0), ('observation', 1), ('procedure', 0)) v(kind, k)
), of_newborns as (
    select kind, 'newborn', child, 100 + k, concat(kind, '-newborn-', child, '-', k), birth_date
    from births, (values ('observation', 0), ('observation', 1), ('observation', 2), ('document', 0), ('immunization', 0)) v(kind, k)
), overlays as (
    -- two patients whom patient administration has under one number, both in hospital on the same days
    select o.who, [a.pid, b.pid] as pids, greatest(a.birth_date, b.birth_date, date '2008-01-01') + 3 as first_day,
        least(a.deceased_date, b.deceased_date, region_end()) - 9 as last_day
    from overlaid o join written w using (who) join person a on a.pid = w.pid join person b on b.number = o.number
    where w.source = 'elvis' and chance('stays_at_once', o.who)
), of_overlays as (
    select 'care_contact', 'general', unnest(pids), 200, concat('care_contact-at-once-', who, '-', unnest([1, 2])),
        day_between(first_day, last_day, 'at once', who)
    from overlays where first_day <= last_day
)
select * from general union all select * from primary_care union all select * from of_mothers union all select * from of_newborns union all select * from of_overlays;
