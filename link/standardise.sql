-- One comparable row for each identity. Steps of it are tables, so that each macro is planned over plain columns.

create or replace temp table known_patient as
select p.*, o.position
from patient p
join source_order o using (source)
qualify row_number() over (
    partition by source, local_patient_id order by recorded_at desc nulls last, source_table, row_key
) = 1;

create or replace temp table numbered as
select
    source, local_patient_id, position, number_issuer, birth_date,
    regexp_full_match(bare_number(number), '\d{6}\+?\d{4}') as short,
    normalised_number(number, coalesce(recorded_at::date, birth_date)) as as_read,
    normalised_number(previous_number, coalesce(recorded_at::date, birth_date)) as previous,
    normalised_number(mother_number, coalesce(recorded_at::date, birth_date)) as mother
from known_patient;

-- a short number whose six digits are the recorded date of birth has that date's century
create or replace temp table century as
select * exclude (as_read, short),
    case
        when short and length(as_read) = 12 and birth_date is not null
            and substr(as_read, 3, 4) || lpad(number_day(as_read)::varchar, 2, '0') = strftime(birth_date, '%y%m%d')
            then left(birth_date::varchar, 2) || substr(as_read, 3)
        else as_read
    end as number
from numbered;

create or replace temp table judged as
select *,
    number_kind(number) as number_kind, is_valid_number(number) as valid,
    case when is_valid_number(number) then number_sex(number) end as number_sex,
    number_kind(previous) as previous_kind, is_valid_number(previous) as previous_valid,
    case when is_valid_number(mother) then mother end as mother_key
from century;

-- what a number counts as: itself when national, else itself within its issuer
create or replace temp table keyed as
select *,
    case
        when number_kind in ('personal', 'coordination') then case when valid then number end
        when number_kind = 'national_reserve' then case when valid then number || '@' || $national_reserve end
        when nullif(trim(number_issuer), '') is null then null
        when number_kind = 'vgr_reserve' and not valid then null
        else number || '@' || trim(number_issuer)
    end as number_key
from judged;

-- a reserve number named as the earlier one has no issuer: it counts when only one issuer has given it
create or replace temp table reserve as
select number, min(number_key) as number_key
from keyed where number_key like '%@%'
group by number having count(distinct number_key) = 1;

create or replace temp table documented as
select k.*, case when k.previous_valid and k.previous_kind in ('personal', 'coordination') then k.previous
    else r.number_key end as previous_key
from keyed k left join reserve r on r.number = k.previous;

-- a number carried by more identities than a person can have was typed in for want of one
create or replace temp table fake as
select number_key from documented where number_key is not null
group by number_key having count(*) > $shared_number_max;

create or replace temp table counted as
select d.* replace (case when f.number_key is null then d.number_key end as number_key)
from documented d left join fake f using (number_key);

create or replace temp table named as
select
    p.source, p.local_patient_id,
    p.protection <> 'none' as protected,
    case when not is_placeholder_name(p.given_names) then name_words(p.given_names) end as given_words,
    case when not is_placeholder_name(p.surname)
        then list_filter(
            name_words(p.surname),
            lambda word: word not in ('von', 'af', 'av', 'de', 'la', 'van', 'der', 'den', 'el', 'al', 'del', 'di', 'da')
        )
    end as surname_words,
    case when p.birth_date not in (date '1900-01-01', date '1899-12-30', date '1753-01-01', date '1800-01-01')
        then strftime(p.birth_date, '%Y%m%d') end as born,
    nullif(p.sex, 'unknown') as sex,
    case when p.protection = 'none' then nullif(regexp_replace(folded(p.street), '[^a-z0-9]', '', 'g'), '') end
        as street,
    case when p.protection = 'none' then nullif(regexp_replace(p.postal_code, '\D', '', 'g'), '') end as postal_code,
    case when p.protection = 'none'
        then nullif(right(regexp_replace(p.phone, '\D', '', 'g'), 8), '') end as phone,
    p.birth_order
from known_patient p;

create or replace table standard as
select
    row_number() over (order by c.position, c.source, c.local_patient_id) as id,
    c.source, c.local_patient_id, c.number, c.number_kind, c.valid, c.number_key, c.previous_key,
    n.protected,
    case when len(n.given_words) > 0 then n.given_words end as given_words,
    nullif(array_to_string(list_sort(list_distinct(n.given_words)), ' '), '') as given_key,
    n.given_words[1] as given_first,
    case when len(n.surname_words) > 0 then n.surname_words end as surname_words,
    nullif(array_to_string(list_sort(list_distinct(n.surname_words)), ' '), '') as surname_key,
    coalesce(
        n.born,
        case when c.valid then strftime(number_birth_date(c.number), '%Y%m%d') end
    ) as born,
    -- what is recorded and what the number tells: known when they do not contradict each other
    case
        when n.sex <> nullif(c.number_sex, 'unknown') then null
        else coalesce(n.sex, nullif(c.number_sex, 'unknown'))
    end as sex,
    n.street, n.postal_code,
    case when length(n.phone) >= 6 then n.phone end as phone,
    c.mother_key, n.birth_order,
    case when c.number_kind in ('personal', 'coordination') then right(c.number, 4) end as serial
from counted c join named n using (source, local_patient_id);
