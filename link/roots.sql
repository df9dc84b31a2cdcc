-- Numbers as integers: a national one is itself, the others are counted off. Only here does one wave's number meet another's.

create or replace table ident as
select
    id, century_certain, identity_status, unlinkable, hash(source) as source_hash,
    try_cast(number_key as bigint) as number, try_cast(previous_key as bigint) as previous,
    case when try_cast(number_key as bigint) is null then number_key end as number_key,
    case when try_cast(previous_key as bigint) is null then previous_key end as previous_key,
    case when given_first is not null then hash(given_first) end as given_hash,
    case when surname_key is not null then hash(surname_key) end as surname_hash,
    case when mother_key is not null then hash(mother_key) end as mother_hash,
    try_cast(born as integer) as born
from standard;

-- a reserve number named as the earlier one has no issuer: it counts when only one issuer has given it
create or replace table reserve as
select split_part(number_key, '@', 1) as number, min(number_key) as number_key
from ident where number_key is not null
group by 1 having count(distinct number_key) = 1;

-- what of a number is known though its century is a guess: of a national one the last ten digits, the others counted off
create or replace macro national_short(number) as
    case when number // 10000000000 between 18 and 20 then number % 10000000000 end;

create or replace table short_code as
select number_key, -dense_rank() over (order by substr(number_key, 3)) as short
from (
    select number_key from ident where number_key is not null
    union
    select previous_key from ident where previous_key is not null
)
where left(number_key, 2) in ('18', '19', '20')
    and (length(number_key) = 12 or number_key[13] = '@' and number_key[9] in $dated);

create or replace table number_code as
select number_key, -row_number() over (order by number_key) as code
from (
    select number_key from ident where number_key is not null
    union
    select previous_key from ident where previous_key not like '%@?'
    union
    select number_key from register_key where try_cast(number_key as bigint) is null
)
where number_key is not null;

-- few numbers are none by themselves
create or replace table coded as
select i.id, n.code as number, coalesce(p.code, q.code) as previous, s.short as number_short, t.short as previous_short
from (from ident where number_key is not null or previous_key is not null) i
left join number_code n on n.number_key = i.number_key
left join number_code q on q.number_key = i.previous_key
left join reserve r on r.number = case when i.previous_key like '%@?' then split_part(i.previous_key, '@', 1) end
left join number_code p on p.number_key = r.number_key
left join short_code s on s.number_key = i.number_key
left join short_code t on t.number_key = coalesce(r.number_key, i.previous_key);

create or replace view numbered as
select
    i.* exclude (number_key, previous_key) replace (
        coalesce(i.number, c.number) as number, coalesce(i.previous, c.previous) as previous
    ),
    c.number_short, c.previous_short
from ident i left join coded c using (id);

-- nobody's: a false identity's, or carried by more identities than a person can have
create or replace table false_number as
select coalesce(try_cast(k.number_key as bigint), n.code) as number
from register_key k left join number_code n using (number_key)
where k.link_kind = 'false' and k.side = 'now' and k.number_key is not null
union
select number from numbered where identity_status = 'false' and century_certain and number is not null;

create or replace table nobodys as
from false_number
union
select number from numbered where number is not null group by number having count(*) > $shared_number_max;

create or replace table counted as
select n.* exclude (number, previous, number_short, previous_short, identity_status, unlinkable),
    f.number is not null or coalesce(identity_status = 'false', false) as false_one,
    unlinkable or f.number is not null as unlinkable,
    case when a.number is null then n.number end as number,
    case when b.number is null then n.previous end as previous,
    case when a.number is null then n.number_short end as number_short,
    case when b.number is null then n.previous_short end as previous_short
from numbered n
left join nobodys a on a.number = n.number
left join nobodys b on b.number = n.previous
left join false_number f on f.number = n.number;

create or replace table guess as
select id, one_number from (
    select id, unnest([number, previous]) as one_number from counted where not century_certain
) where one_number is not null;

-- a guess is one no longer when a certain identity of the same number bears the same names
create or replace table bearer as
with carrier as (
    select id, century_certain, unnest([number, previous]) as one_number from counted
),
asked as (
    from carrier semi join guess using (one_number)
    qualify bool_or(century_certain) over (partition by one_number)
)
select c.*, s.given_words, s.surname_words, s.sex from asked c join standard s using (id);

create or replace table confirmed as
select distinct g.id
from bearer g join bearer k using (one_number)
where not g.century_certain and k.century_certain
    and names_agree(g.given_words, k.given_words) > 0 and names_agree(g.surname_words, k.surname_words) > 0
    and coalesce(g.sex = k.sex, true);

-- nor when there is care at an age that nobody born a hundred years earlier has reached: greatest_age() of minns.codes
insert into confirmed
with last_care as (
    select s.id, least(max(coalesce(t.to_on, t.from_on)), try_strptime(any_value(s.deceased), '%Y%m%d')::date) as day
    from timeline t join standard s using (source, local_patient_id)
    where t.what = 'active' and s.id in (select id from guess) and s.id not in (from confirmed)
    group by s.id
)
select id from guess join last_care using (id)
group by id
having bool_and(one_number > 0 and year(day) - one_number // 100000000 + 100 > 115);

-- disputed: of the numbers that such a short form stands for, more than one is borne for certain
create or replace table short_number as
with carried as (
    select id, century_certain or confirmed.id is not null as certain,
        unnest([number, previous]) as one_number, unnest([
            coalesce(number_short, national_short(number)), coalesce(previous_short, national_short(previous))
        ]) as short
    from counted left join confirmed using (id)
),
short_one as (
    from carried semi join (select short from carried where not certain) using (short)
)
select distinct id, certain, short,
    coalesce(min(case when certain then one_number end) over same <> max(case when certain then one_number end) over same, false)
        as disputed
from short_one window same as (partition by short);

create or replace table told_edge as
select distinct least(number, previous) as id_l, greatest(number, previous) as id_r
from counted left join confirmed c using (id)
where number <> previous and (century_certain or c.id is not null);

-- a reserve number that two personal numbers claim was given twice: it ties neither of them
create or replace table number_edge as
from told_edge where id_l not in (
    select id_l from told_edge where id_l < 0 and id_r > 0 and id_r // 10000 % 100 <= 31 group by id_l having count(*) > 1
)
union
select least(l.number, r.number), greatest(l.number, r.number)
from (
    select line, coalesce(try_cast(number_key as bigint), code) as number
    from register_key left join number_code using (number_key) where side = 'now' and link_kind <> 'false'
) l
join (
    select line, coalesce(try_cast(number_key as bigint), code) as number
    from register_key left join number_code using (number_key) where side = 'earlier'
) r using (line)
where l.number <> r.number and l.number not in (from nobodys) and r.number not in (from nobodys);

create or replace table number_node as
select distinct unnest([id_l, id_r]) as id from number_edge;
