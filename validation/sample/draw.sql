-- The facts of a sample in the order in which they are read, over the view population. $size, $least and $seed are
-- filled in. The place in the list and the choice within a piece go by two hashes: with one, what stands at the end of
-- a cell would never be chosen over the beginning of the next.
with listed as (
    select *, md5(concat_ws('|', 'choice', $seed, kind, fact_id)) as choice,
        row_number() over (
            order by risk_order, source, kind, md5(concat_ws('|', 'place', $seed, kind, fact_id)), fact_id
        ) - 1 as place,
        count(*) over () as every
    from population
), cut as (
    select *, if(every <= $size, place, place * $size // every) as piece from listed
), chosen as (
    select *, row_number() over (partition by piece order by choice, fact_id) = 1 as base from cut
), filled as (
    select *, row_number() over (partition by risk_order order by base desc, choice, fact_id) as filling from chosen
)
select fact_id, kind, person_id, source, risk, protected, base, mark
from filled
where base or (filling <= $least and risk <> 'other')
order by base desc, choice, kind, fact_id
