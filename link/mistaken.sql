-- Dates of birth a year beside the one that the identity's own number tells, where another identity of that number, of the
-- same given name, surname and sex, writes the number's: a slip, and what it should be. A sibling's number on a record is
-- not borne out so, nor a father's on his namesake's.

create or replace table mistaken as
with told as (
    select id, number, century_certain, born, number // 10000 as number_born
    from root
    where number > 0 and number // 10000 % 100 <= 31 and born is not null
),
slip as (
    from told
    where born % 1000000 <> number_born % 1000000
        and abs(born // 10000 % 100 - number_born // 10000 % 100) in (0, 1, 99)
),
borne_out as (
    select s.id, w.id as witness, w.born
    from slip s join told w on w.number = s.number and w.born = w.number_born
    union
    -- a number whose century is a guess tells of the other century as well
    select s.id, w.id, w.born
    from slip s join told w on w.number = s.number - 10000000000 and w.born = w.number_born and w.century_certain
    where not s.century_certain
)
select b.id, cast(min(b.born) as varchar) as born
from borne_out b
join standard l on l.id = b.id
join standard r on r.id = b.witness
where names_agree(l.given_words, r.given_words) > 0 and names_agree(l.surname_words, r.surname_words) > 0
    and coalesce(l.sex = r.sex, true)
group by b.id
having min(b.born) = max(b.born);
