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
    source, local_patient_id, position, number_issuer,
    with_birth_century(as_read, raw_number, birth_date) as number,
    is_century_certain(raw_number, reference) or as_read <> with_birth_century(as_read, raw_number, birth_date)
        as number_certain,
    with_birth_century(previous_read, previous_number, birth_date) as previous,
    is_century_certain(previous_number, reference)
        or previous_read <> with_birth_century(previous_read, previous_number, birth_date) as previous_certain,
    normalised_number(mother_number, reference) as mother
from (
    select *, number as raw_number,
        normalised_number(number, reference) as as_read, normalised_number(previous_number, reference) as previous_read
    from (select *, coalesce(recorded_at::date, birth_date) as reference from known_patient)
);

-- where one of a row's numbers has its century for certain, the other one of the same month has it too
create or replace temp table century as
select * exclude (number_certain, previous_certain)
    replace (
        case when same_month and not number_certain and previous_certain
            then left(previous, 2) || substr(number, 3) else number end as number,
        case when same_month and not previous_certain and number_certain
            then left(number, 2) || substr(previous, 3) else previous end as previous
    ),
    coalesce(
        number_certain and previous_certain or same_month and previous is not null and (number_certain or previous_certain),
        number_certain
    ) as century_certain
from (
    select *, coalesce(length(number) = 12 and length(previous) = 12 and substr(number, 3, 4) = substr(previous, 3, 4), false)
        as same_month
    from numbered
);

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
    case when c.number_kind in ('personal', 'coordination') then right(c.number, 4) end as serial,
    c.century_certain,
    -- the numbers without their century, by which a guess is compared
    list_filter(
        [
            case when c.number_kind in ('personal', 'coordination', 'vgr_reserve') then substr(c.number_key, 3) end,
            case when number_kind(split_part(c.previous_key, '@', 1)) in ('personal', 'coordination', 'vgr_reserve')
                then substr(c.previous_key, 3) end
        ],
        lambda number: number is not null
    ) as short_numbers
from counted c join named n using (source, local_patient_id);

-- a guess is one no longer when a certain identity of the same number bears the same names
create or replace table standard as
select s.* replace (s.century_certain or c.id is not null as century_certain)
from standard s
left join (
    select distinct g.id
    from (select *, unnest([number_key, previous_key]) as one_number from standard where not century_certain) g
    join (select *, unnest([number_key, previous_key]) as one_number from standard where century_certain) k
        using (one_number)
    where names_agree(g.given_words, k.given_words) > 0 and names_agree(g.surname_words, k.surname_words) > 0
        and coalesce(g.sex = k.sex, true)
) c using (id);
