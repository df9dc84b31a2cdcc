-- Numbers: from the official test list while it lasts (its day becomes the birth date), computed beyond it.

create or replace temp table official as
select number, cast(substr(number, 1, 4) as integer) as year, if(digit(number, 11) % 2 = 1, 'male', 'female') as sex,
    cast(substr(number, 7, 2) as integer) > 60 as coordination,
    try_cast(substr(number, 1, 4) || '-' || substr(number, 5, 2) || '-'
        || lpad(cast(cast(substr(number, 7, 2) as integer) % 60 as varchar), 2, '0') as date) as day
from listed
-- the one that everybody uses for their test patient
where number <> '201212121212';

create or replace temp table from_list as
with wanted as (
    select pid, coordination, year(asked_birth) as year, sex,
        row_number() over (partition by coordination, year(asked_birth), sex order by roll('list', pid), pid) as k
    from family where not twin and not january
), offered as (
    select *, row_number() over (partition by coordination, year, sex order by roll('offer', number), number) as k
    from official where day is not null and day <= region_end()
)
select pid, w.coordination, number, day from wanted w join offered o using (coordination, year, sex, k);

create or replace temp table born as
select f.*, coalesce(l.day, f.asked_birth) as birth_date, l.number as listed_number,
    f.coordination and chance('coordination_replaced', pid) as replaced,
    f.coordination and chance('several_coordination', pid) as several,
    not f.coordination and role < 3 and chance('number_corrected', pid) as corrected
from family f left join from_list l using (pid);

-- who needs a computed number, of which kind, for which day
create or replace temp table needed as
select pid, household, 'main' as use, birth_date as day, sex, 0 as shift from born
where listed_number is null and not coordination
union all
select pid, household, 'main', birth_date, sex, 0 from born where coordination and replaced
union all
select pid, household, 'coordination', birth_date, sex, 60 from born where coordination and listed_number is null
union all
select pid, household, 'second', birth_date, sex, 60 from born where several
union all
select pid, household, 'corrected', birth_date + if(day(birth_date) > 15, -1, 1), sex, 0 from born where corrected;

create or replace temp table computed as
with ranked as (
    select *, row_number() over (partition by day, sex, shift order by household, pid, use) as k from needed
), cells as (
    select day, sex, shift, max(k) as most from ranked group by all
), slots as (
    -- serials from 999 downwards, two apart: even for women, odd for men
    select day, sex, shift, with_check(strftime(day, '%Y%m') || lpad(cast(day(day) + shift as varchar), 2, '0')
        || cast(if(sex = 'male', 999, 998) - 2 * i as varchar)) as number, i
    from cells, range(400) t(i)
    where i < most + 12
), free as (
    select day, sex, shift, number, row_number() over (partition by day, sex, shift order by i) as k
    from slots s where not exists (select 1 from listed l where l.number = s.number)
)
select pid, use, number from ranked join free using (day, sex, shift, k);

create or replace temp table reserve as
select pid, reserve_number(birth_date, if(sex = 'male', 'M', 'K'),
    if(sex = 'male', 7, 6) + 2 * ((row_number() over (partition by birth_date, sex order by pid) - 1) % 36)) as reserve
from born;

create or replace temp table numbered as
select b.*, case when b.coordination and not b.replaced then coalesce(b.listed_number, c.number)
        else coalesce(if(b.coordination, null, b.listed_number), m.number) end as number,
    case when b.replaced then coalesce(b.listed_number, c.number) else k.number end as earlier_number,
    case when b.replaced or b.corrected
        then day_between(greatest(birth_date + 6000, date '2004-01-01'), date '2023-06-30', 'changed', pid) end as number_changed_on,
    s.number as second_number, reserve,
    -- from before the regional format: a letter where the sex should stand, and no date
    '1700' || strftime(birth_date, '%m%d') || chr(cast(65 + (pid // 900) % 10 as integer)) || cast(100 + pid % 900 as varchar) as old_reserve,
    -- the migration agency's number for asylum seekers; its form is not published, eight digits are what people remember
    '50-' || lpad(cast(pid as varchar), 6, '0') as lma_number
from born b
    join reserve using (pid)
    left join computed m on m.pid = b.pid and m.use = 'main'
    left join computed c on c.pid = b.pid and c.use = 'coordination'
    left join computed s on s.pid = b.pid and s.use = 'second'
    left join computed k on k.pid = b.pid and k.use = 'corrected';
