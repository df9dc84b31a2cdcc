-- Patient administration: fixed width, upper case, six-digit dates, ten-digit numbers. One line a row.

create schema if not exists elvis;

create or replace macro field(x, width) as left(rpad(coalesce(upper(cast(x as varchar)), ''), width, ' '), width);
create or replace macro six(day) as coalesce(strftime(day, '%y%m%d'), '      ');

create or replace table elvis.patient as
select local_id as key, concat(
    field(local_id, 8), field(right(number, 10), 10), field(surname, 25), field(given_names, 25), field(six(birth_date), 6),
    field(if(sex = 'male', 'M', 'K'), 1), field(street, 27), field(postal_code, 5), field(city, 14), field(replace(phone, '-', ''), 12),
    field(case protection when 'sekretessmarkering' then 'S' when 'skyddad_folkbokforing' then 'F' end, 1),
    field(six(deceased_date), 6), field(case when previous_number <> number then right(previous_number, 10) end, 10),
    field(six(updated_on), 6)) as line
from identity where source = 'elvis'
union all
select '00000012', concat('00000012', '1212121212', field('Tolvansson', 25), field('Tolvan', 25), '121212M', field('', 58), field('', 1 + 6 + 10), '151212');

create or replace table elvis.kontakt_rows as
select *, if(kind = 'condition', 'care_contact-of-' || line, fact_id) as contact_fact from entry
where source = 'elvis' and kind in ('care_contact', 'condition');

create or replace table elvis.kontakt as
select key, concat(
    field(key, 10), field(local_id, 8), field(1 + category, 1), strftime(starts_at, '%y%m%d%H%M'), strftime(ends_at, '%y%m%d%H%M'),
    field('K' || unit_no, 4), field(split_part(author, ',', 1), 20)) as line
from (
    select key, local_id, unit_no, author, contact_category(contact_fact) as category,
        contact_starts(day, contact_fact) as starts_at, contact_ends(day, contact_fact) as ends_at
    from elvis.kontakt_rows);

create or replace table elvis.diagnos as
select key || '01' as key, concat(
    field(key, 10), '01', field(local_id, 8),
    field(case when chance('code_unmapped', e.line) then 'ÖVR' || pick('odd', e.line, 9) else replace(icd, '.', '') end, 6), field(text, 40),
    if(roll('main', e.line) < 0.7, 'H', 'B'),
    case when chance('date_unreadable', e.line) then '230230' when chance('date_sentinel', e.line) then '000000' else six(e.day) end,
    if(nullified, 'X', ' ')) as line
from elvis.kontakt_rows e join condition c using (fact_id) where e.kind = 'condition';

create or replace table elvis.klinik as
select cast(i as varchar) as key, concat(field('K' || i, 4),
    field(['Medicin', 'Kirurgi', 'Akut', 'Ortopedi', 'Kvinnosjukvård', 'Barn'][i], 30), field('SE2321000131-E' || lpad(cast(1000 + i as varchar), 12, '0'), 31)) as line
from range(1, 7) t(i);

-- lines that the export now and then writes twice
create or replace table elvis.repeated as
select 'kontakt' as file, key from elvis.kontakt where chance('line_repeated', key)
union all
select 'diagnos', key from elvis.diagnos where chance('line_repeated', 'D' || key);
