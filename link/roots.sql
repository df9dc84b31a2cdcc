-- Numbers as integers: a national one is itself, the others are counted off. Only here does one wave's number meet another's.

create or replace table ident as
select
    id, number_key, previous_key, century_certain, identity_status, unlinkable,
    try_cast(number_key as bigint) as number, try_cast(previous_key as bigint) as previous,
    case when given_first is not null then hash(given_first) end as given_hash,
    case when surname_key is not null then hash(surname_key) end as surname_hash,
    case when mother_key is not null then hash(mother_key) end as mother_hash,
    try_cast(born as integer) as born
from standard;

-- a reserve number named as the earlier one has no issuer: it counts when only one issuer has given it
create or replace table reserve as
select split_part(number_key, '@', 1) as number, min(number_key) as number_key
from ident where number is null and number_key is not null
group by 1 having count(distinct number_key) = 1;

create or replace table number_code as
select number_key, -row_number() over (order by number_key) as code
from (
    select number_key from ident where number is null
    union
    select previous_key from ident where previous is null and previous_key not like '%@?'
    union
    select number_key from register_key where try_cast(number_key as bigint) is null
)
where number_key is not null;

create or replace table numbered as
select
    i.* replace (
        coalesce(r.number_key, i.previous_key) as previous_key,
        coalesce(i.number, n.code) as number,
        coalesce(i.previous, p.code, q.code) as previous
    )
from ident i
left join number_code n on n.number_key = i.number_key
left join number_code q on q.number_key = i.previous_key
left join reserve r on r.number = case when i.previous_key like '%@?' then split_part(i.previous_key, '@', 1) end
left join number_code p on p.number_key = r.number_key;

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
select n.* exclude (number, previous, number_key, previous_key, identity_status, unlinkable),
    f.number is not null or coalesce(identity_status = 'false', false) as false_one,
    unlinkable or f.number is not null as unlinkable,
    case when a.number is null then n.number end as number,
    case when b.number is null then n.previous end as previous,
    case when a.number is null then n.number_key end as number_key,
    case when b.number is null then n.previous_key end as previous_key
from numbered n
left join nobodys a on a.number = n.number
left join nobodys b on b.number = n.previous
left join false_number f on f.number = n.number;

-- what of a number is known though its century is a guess
create or replace macro short_of(key) as
    case
        when left(key, 2) in ('18', '19', '20') and (length(key) = 12 or key[13] = '@' and key[9] in $dated)
            then substr(key, 3)
    end;

create or replace table guess as
select id, one_number from (
    select id, unnest([number, previous]) as one_number from counted where not century_certain
) where one_number is not null;

-- a guess is one no longer when a certain identity of the same number bears the same names
create or replace table bearer as
select c.id, c.century_certain, s.given_words, s.surname_words, s.sex, unnest([c.number, c.previous]) as one_number
from counted c join standard s using (id)
where c.number in (select one_number from guess) or c.previous in (select one_number from guess);

create or replace table confirmed as
select distinct g.id
from bearer g join bearer k using (one_number)
where not g.century_certain and k.century_certain
    and names_agree(g.given_words, k.given_words) > 0 and names_agree(g.surname_words, k.surname_words) > 0
    and coalesce(g.sex = k.sex, true);

create or replace table short_number as
with guessed as (
    select distinct unnest([short_of(number_key), short_of(previous_key)]) as short
    from counted anti join confirmed using (id) where not century_certain
)
select id, certain, short from (
    select id, century_certain or confirmed.id is not null as certain,
        unnest(list_distinct([short_of(number_key), short_of(previous_key)])) as short
    from counted left join confirmed using (id)
    where short_of(number_key) in (from guessed) or short_of(previous_key) in (from guessed)
)
where short in (from guessed);

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
