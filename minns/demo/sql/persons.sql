-- Names, addresses, deaths and protection: the person as the population register would hold them.

set variable pools = (select map_from_entries(list((pool, names))) from (
    select pool, list(name order by rank) as names from name group by pool));
set variable places = (select list({'postal_code': postal_code, 'city': city} order by postal_code) from place);

-- a home of some forty residents for each 7,500 inhabitants
create or replace macro homes() as greatest(1, getvariable('persons') // 7500);
create or replace macro home_place(home) as one_of(getvariable('places'), 'home place', home);

create or replace macro pool(kind) as getvariable('pools')[kind];

create or replace temp table surnames as
select household, of_foreign_origin, case
        when of_foreign_origin then one_of(pool('surname_foreign'), 'surname', household)
        when roll('made', household) < 0.45
            then one_of(pool('surname_first'), 'first', household) || one_of(pool('surname_last'), 'last', household)
        else common_of(pool('surname_swedish'), 'surname', household) end as surname,
    if(of_foreign_origin, one_of(pool('surname_foreign'), 'maiden', household),
        common_of(pool('surname_swedish'), 'maiden', household)) as maiden,
    common_of(pool('street'), 'street', household) || ' ' || (1 + pick('house', household, 140))
        || case when roll('letter', household) < 0.3 then ' ' || one_of(['A', 'B', 'C'], 'stair', household) else '' end
        || case when roll('flat', household) < 0.25 then ' lgh 1' || (1 + pick('floor', household, 5)) || '01' else '' end as street,
    one_of(getvariable('places'), 'place', household) as place,
    '0799-' || lpad(pick('phone', household, 1000000)::varchar, 6, '0') as phone,
    case when chance('skyddad_folkbokforing', household) then 'skyddad_folkbokforing'
        when chance('sekretessmarkering', household) then 'sekretessmarkering' else 'none' end as protection
from household;

create or replace temp table given as
with pooled as (
    select *, sex || '_' || case when of_foreign_origin then 'foreign' when birth_date < date '1958-01-01' then 'old'
        when birth_date < date '1992-01-01' then 'mid' else 'young' end as era
    from numbered
), drawn as (
    select pid, household, kind, role, sex,
        common_of(pool(era), 'given1', pid) as first,
        case when roll('names', pid) < 0.7 then one_of(pool(era), 'given2', pid) end as second,
        case when roll('names', pid) < 0.18 then one_of(pool(era), 'given3', pid) end as third
    from pooled
), shared as (
    -- father and son of one name share it; twins never do
    select *, first_value(first) over (partition by household, sex order by role) as fathers,
        lag(first) over (partition by household order by role) as elders
    from drawn
), settled as (
    select *, case when kind = 'namesakes' and role = 3 then fathers
        when kind = 'twins' and role = 4 and first = elders then if(sex = 'female', 'Ronja', 'Birk')
        else first end as given1
    from shared
)
select pid, given1, list_distinct([given1])
    || case when second is not null and second <> given1 then [second] else [] end
    || case when third is not null and third not in (given1, second) then [third] else [] end as given
from settled;

-- a number of one's own, or the household's
create or replace macro phone_of(who, shared) as
    if(roll('mobile', who) < 0.75, '0799-' || lpad(pick('mobile', who, 1000000)::varchar, 6, '0'), shared);

create or replace temp table person as
with named as (
    select n.pid, n.household, kind, role, sex, birth_date, twin, mother_pid, birth_order, n.of_foreign_origin,
        number, earlier_number, number_changed_on, n.coordination, replaced, corrected, second_number, reserve, old_reserve, lma_number, given,
        1 + case when len(given) > 1 and roll('called', n.pid) < 0.25 then 1 else 0 end as called,
        case
            when role = 2 and roll('own_name', n.pid) < 0.3 then maiden
            when roll('double', n.household) < 0.05 then maiden || '-' || surname
            when roll('double', n.household) < 0.08 then maiden || ' ' || surname
            else surname end as surname,
        maiden, street, place.postal_code as postal_code, place.city as city, protection,
        case when role < 3 then phone_of(n.pid, phone) when chance('parents_phone', n.pid) then phone_of(mother_pid, phone) else phone end as phone,
        if(date_diff('year', birth_date, region_end()) >= 80 and chance('care_home', n.pid), pick('home', n.pid, homes()), null) as home
    from numbered n join surnames s using (household) join given g using (pid)
), dated as (
    select *, sex = 'female' and role = 1 and kind <> 'single' and chance('name_changed', pid) as renamed,
        home is not null or (role < 3 and chance('moved', pid)) as moved,
        case when date_diff('year', birth_date, region_end()) > 84 then roll('death', pid) < 0.4
            when date_diff('year', birth_date, region_end()) > 69 then roll('death', pid) < 0.12
            else roll('death', pid) < 0.005 end as dead
    from named
)
-- a care home's residents share its address, and most of them its telephone
select * exclude (maiden, renamed, moved, dead, home) replace (
        if(home is null, street, common_of(pool('street'), 'home street', home) || ' ' || (1 + pick('home house', home, 60))) as street,
        if(home is null, postal_code, home_place(home).postal_code) as postal_code,
        if(home is null, city, home_place(home).city) as city,
        if(home is null or roll('home_phone', pid) >= 0.7, phone, '0799-' || lpad(pick('home phone', home, 1000000)::varchar, 6, '0')) as phone
    ),
    home is not null as in_home,
    if(renamed, maiden, null) as old_surname,
    if(renamed, day_between(birth_date + 8000, region_end(), 'renamed', pid), null) as renamed_on,
    if(moved, if(home is null, common_of(pool('street'), 'old_street', pid) || ' ' || (1 + pick('old_house', pid, 140)), street), null) as old_street,
    if(home is null, one_of(getvariable('places'), 'old_place', pid), {'postal_code': postal_code, 'city': city}) as old_place,
    if(moved, day_between(date '2008-01-01', region_end(), 'moved', pid), null) as moved_on,
    if(dead, day_between(greatest(birth_date + 30, date '2012-01-01'), region_end(), 'died', pid), null) as deceased_date
from dated;
