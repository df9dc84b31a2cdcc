-- Which system wrote down which fact, and with what care.

-- each system's one entry for a person that clinical rows hang on: the first, unless there is a second
create or replace temp table holder as
select pid, source, local_id, registered_on from identity
qualify row_number() over (partition by pid, source order by if(copy = 1 and roll('second', who) < 0.5, -1, copy), local_id) = 1;

create or replace temp table statement as
with fact as (
    select * from drawn_fact d where exists (select 1 from detail t where t.fact_id = d.fact_id)
), custom as (
    -- kind, domain, system, weight as the origin, share of the others' facts it repeats
    select * from (values
        ('condition', 'general', 'melior', 1.0, 0.28), ('condition', 'general', 'asynja', 1.5, 0.30), ('condition', 'general', 'elvis', 0.6, 0.22),
        ('alert', 'general', 'melior', 1.0, 0.55), ('alert', 'general', 'asynja', 1.0, 0.50), ('alert', 'general', 'obstetrix', 0.3, 0.35),
        ('medication', 'general', 'melior', 1.0, 0.35), ('medication', 'general', 'asynja', 1.6, 0.35),
        ('observation', 'general', 'melior', 1.0, 0.22), ('observation', 'general', 'asynja', 1.2, 0.22),
        ('document', 'general', 'melior', 1.0, 0.0), ('document', 'general', 'asynja', 1.2, 0.0),
        ('access_block', 'general', 'melior', 1.0, 0.1), ('access_block', 'general', 'asynja', 1.0, 0.1),
        ('care_contact', 'general', 'elvis', 1.0, 0.0), ('care_contact', 'general', 'melior', 0.0, 0.85),
        ('care_contact', 'primary', 'asynja', 1.0, 0.0),
        ('procedure', 'general', 'melior', 1.0, 0.25), ('procedure', 'general', 'asynja', 0.6, 0.30),
        ('immunization', 'general', 'asynja', 1.6, 0.30), ('immunization', 'general', 'melior', 0.4, 0.25),
        ('condition', 'maternity', 'obstetrix', 9.0, 0.0), ('condition', 'maternity', 'melior', 0.0, 0.2), ('condition', 'maternity', 'elvis', 0.0, 0.4),
        ('procedure', 'maternity', 'obstetrix', 1.0, 0.0), ('procedure', 'maternity', 'melior', 0.0, 0.25),
        ('immunization', 'newborn', 'obstetrix', 1.0, 0.0), ('immunization', 'newborn', 'asynja', 0.0, 0.6),
        ('document', 'maternity', 'obstetrix', 1.0, 0.0), ('observation', 'maternity', 'obstetrix', 1.0, 0.0),
        ('observation', 'newborn', 'obstetrix', 1.0, 0.0), ('document', 'newborn', 'obstetrix', 1.0, 0.0)
    ) c(kind, domain, source, weight, copies)
), candidates as (
    select f.*, c.source, c.weight, c.copies, h.local_id, concat(fact_id, '@', c.source) as line
    from fact f join custom c using (kind, domain) join holder h on h.pid = f.pid and h.source = c.source
    -- patient administration has no way to say 'not'
    where not (c.source = 'elvis' and kind = 'condition' and chance('negated', fact_id))
        -- the hospital journal knows stays alone, and primary care has no word for some of what hospitals do
        and not (c.source = 'melior' and kind = 'care_contact' and contact_category(fact_id) <> 2)
        and not (c.source = 'asynja' and kind = 'procedure' and fact_id in (select fact_id from procedure where asynja_text is null))
), placed as (
    select * exclude (weight),
        row_number() over (partition by fact_id order by if(weight > 0, -ln(1 - roll('origin', line)) / weight, 1e9), source) = 1 as origin
    from candidates
)
select p.* exclude (copies, line), concat(line, '#', n) as line, n as copy,
    row_number() over (partition by source, kind order by roll('row', concat(line, '#', n)), line, n) as row_number
from placed p, range(2) t(n)
where (origin or (not line is null and roll('copied', line) < copies)) and (n = 0 or chance('repeated', line));

-- the statement as an entry of its system: key, patient, writer, moment, state
create or replace temp table entry as
select s.kind, s.domain, s.fact_id, s.pid, s.source, s.origin, s.line, s.copy, s.row_number,
    case source when 'melior' then cast(1000 + row_number as varchar) when 'asynja' then cast(row_number as varchar)
        when 'elvis' then lpad(cast(2 * row_number + if(kind = 'care_contact', 1, 0) as varchar), 10, '0')
        else upper(left(kind, 1)) || lpad(cast(row_number as varchar), 8, '0') end as key,
    case when chance('orphan', line) and pid is distinct from getvariable('canary_pid') then case source
            when 'elvis' then lpad(cast(97000000 + row_number as varchar), 8, '0')
            when 'obstetrix' then 'OB9' || lpad(cast(row_number as varchar), 6, '0')
            else cast(90000000 + row_number as varchar) end
        else local_id end as local_id,
    s.day,
    at_work(least(s.day + if(origin or kind = 'document', 0, cast(pick('later', line, 40) as integer)), region_end()), 'recorded', line) as recorded_at,
    not chance('unsigned', line) as signed,
    chance('nullified', line) as nullified,
    roll('visible', line) < 0.85 as visible,
    1 + pick('unit', if(kind = 'care_contact', fact_id, line), 6) as unit_no,
    one_of(['Karin Alm', 'Per Öster', 'Lisa Ek', 'Hanna Åberg', 'Omar Nur', 'Ulf Dahl', 'Eva Sjöö', 'Jan Roth'], 'author', line)
        || one_of([', läkare', ', ssk', ', ST-läkare', ', dsk'], 'title', line) as author
from statement s;
