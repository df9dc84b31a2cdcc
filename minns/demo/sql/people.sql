-- Households, their members, and who they are to each other.

create or replace temp table household as
with drawn as (
    select i as household, roll('kind', i) as r, chance('foreign', i) as of_foreign_origin from range(getvariable('persons')) t(i)
), kinds as (
    select *, case
        when r < 0.34 then 'single' when r < 0.58 then 'couple' when r < 0.67 then 'parent_child'
        when r < 0.78 then 'family1' when r < 0.955 then 'family2'
        when r < 0.97 then 'twins' else 'namesakes' end as kind
    from drawn
), sized as (
    select *, case kind when 'single' then 1 when 'couple' then 2 when 'parent_child' then 2
        when 'family1' then 3 when 'namesakes' then 3 else 4 end as size
    from kinds
)
select *, sum(size) over (order by household) - size as first_pid,
    case when kind in ('single', 'couple') then 20 + cast(floor(pow(roll('age', household), 1.15) * 86) as bigint) else 24 + pick('age', household, 30) end as age
from sized
qualify first_pid < getvariable('persons');

-- role: 1 and 2 the adults, 3 and 4 the children
create or replace temp table member as
with placed as (
    select h.*, cast(first_pid + n as bigint) as pid,
        case when kind in ('parent_child') and n = 1 then 3 else n + 1 end as role
    from household h, range(4) t(n)
    where n < size
), spaced as (
    select *, age - 22 - pick('child', household, 16) as eldest, 2 + pick('gap', household, 3) as gap,
        chance('newborn_family', household) and age <= 42 as newborn_family
    from placed
), aged as (
    -- siblings are years apart, twins not at all; the youngest of a newborn's family is the newborn
    select *, case
        when role = 1 then age
        when role = 2 then greatest(18, age - 4 + pick('partner', household, 9))
        when kind <> 'family2' then if(newborn_family, 0, greatest(0, eldest))
        when newborn_family then if(role = 4, 0, gap)
        else greatest(eldest, gap) - if(role = 4, gap, 0) end as years
    from spaced
)
select household, kind, role, pid, of_foreign_origin,
    case
        when role = 1 and kind = 'single' then if(roll('sex', pid) < 0.5, 'female', 'male')
        when role = 1 then 'female'
        when role = 2 and chance('same_sex_couple', household) then 'female'
        when role = 2 then 'male'
        when kind = 'namesakes' then 'male'
        when kind = 'twins' then if(roll('twins', household) < 0.5, 'female', 'male')
        else if(roll('sex', pid) < 0.5, 'female', 'male')
    end as sex,
    cast(region_end() - cast(years * 365.25 + 3
        + pick('day', if(kind = 'twins' and role > 2, -household - 1, pid), 362) as integer) as date) as drawn_birth,
    (kind = 'twins' and role > 2) as twin,
    (of_foreign_origin and role < 3 and chance('born_1_january', pid)) as january,
    (of_foreign_origin and role < 3 and chance('coordination', pid)) as coordination
from aged
where pid < getvariable('persons');

create or replace temp table family as
select m.*,
    if(january, make_date(year(drawn_birth), 1, 1), drawn_birth) as asked_birth,
    case when role > 2 then min(pid) filter (role = 1) over (partition by household) end as mother_pid,
    case when twin then role - 2 else 1 end as birth_order
from member m;
