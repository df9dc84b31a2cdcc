-- Which persons the run made of the labelled identities. In come `identity`, `pair` and `label`
-- (source, local_patient_id, person, groups); out go counts of pairs and of persons.

create or replace temp table joined as
select row_number() over (order by source, local_patient_id) as id, source, local_patient_id,
    t.person as true_id, i.person_id as found_id, t.groups
from label t join identity i using (source, local_patient_id);

-- pairs of identities that are one person in truth, in the result, or in both
create or replace temp table pair_count as
with counted as (select true_id, found_id, count(*) as n from joined group by all)
select
    (select coalesce(sum(n * (n - 1) // 2), 0) from (select sum(n) as n from counted group by true_id)) as true_pairs,
    (select coalesce(sum(n * (n - 1) // 2), 0) from (select sum(n) as n from counted group by found_id)) as found_pairs,
    (select coalesce(sum(n * (n - 1) // 2), 0) from counted) as both_pairs;

create or replace temp table person_count as
with counted as (select true_id, found_id, count(*) as n from joined group by all),
found as (select found_id, count(*) as trues, sum(n) as n from counted group by found_id),
truth as (select true_id, count(*) as founds, sum(n) as n from counted group by true_id)
select
    (select count(*) from found) as found_persons,
    (select count(*) from truth) as true_persons,
    (select count(*) from counted join found using (found_id) join truth using (true_id) where trues = 1 and founds = 1)
        as whole,
    (select count(*) from found where trues > 1) as laid_over,
    (select count(*) from joined) as identities;

-- a pair is of every group that either side is of
create or replace temp table grouped as
with word as (
    select id, true_id, found_id, unnest(string_split(groups, ' ')) as word from joined where groups <> ''
), truth as (
    select distinct word, least(w.id, j.id) as id_l, greatest(w.id, j.id) as id_r, w.found_id = j.found_id as together
    from word w join joined j on j.true_id = w.true_id and j.id <> w.id
), wrong as (
    select word, count(distinct w.found_id) as laid_over from word w
    where found_id in (select found_id from joined group by found_id having count(distinct true_id) > 1)
    group by word
)
select word, count(id_l) as true_pairs, count(id_l) filter (together) as both_pairs,
    any_value(coalesce(laid_over, 0)) as laid_over
from (select distinct word from word) left join truth using (word) left join wrong using (word)
group by word order by word;

-- what the model alone would give at each threshold, of the pairs that no number decides
create or replace temp table by_weight as
with judged as (
    select cast(floor(p.match_weight) as integer) as weight, l.true_id = r.true_id as same
    from pair p
    join joined l on l.source = p.source_l and l.local_patient_id = p.local_patient_id_l
    join joined r on r.source = p.source_r and r.local_patient_id = p.local_patient_id_r
    where p.match_weight is not null and p.decision in ('linked', 'review')
)
select weight, count(*) as pairs, count(*) filter (same) as same from judged group by weight order by weight;
