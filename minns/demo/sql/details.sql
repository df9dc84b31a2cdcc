-- What each fact says.

create or replace temp table condition as
with drawn as (
    select f.*, p.sex, p.birth_date, case when domain = 'general' then list_filter(
        [one_of(getvariable('diagnoses'), 'icd1', fact_id), one_of(getvariable('diagnoses'), 'icd2', fact_id),
            one_of(getvariable('diagnoses'), 'icd3', fact_id), one_of(getvariable('diagnoses'), 'icd4', fact_id)],
        lambda d: (d.sex is null or d.sex = p.sex)
            and date_diff('year', p.birth_date, f.day) between cast(d.age_from as integer) and cast(d.age_to as integer))[1] end as d,
        if(domain = 'maternity', if(k % 10 = 0, one_of(getvariable('births'), 'birth', fact_id), one_of(getvariable('pregnancies'), 'birth', fact_id)), null) as b
    from drawn_fact f join person p using (pid) where f.kind = 'condition'
)
select fact_id, coalesce(d.icd, b.icd) as icd, coalesce(d.text, b.text) as text, coalesce(d.chronic, '0') = '1' as chronic,
    d.ksh as ksh, d.ksh_text as ksh_text, pid, day
from drawn where d is not null or b is not null
-- a chronic disease is one fact, however often it is met; an acute one counts once a quarter
qualify row_number() over (partition by pid, icd, if(chronic, 0, year(day) * 4 + quarter(day)) order by day, fact_id) = 1;

create or replace temp table alert as
select fact_id, pid, day, a.agent as agent, a.category as category, a.melior_type as melior_type, a.atc as atc,
    a.asynja_code as asynja_code, a.asynja_text as asynja_text, a.agent like 'Ingen känd%' as negated,
    if(negated, null, 1 + pick('severity', fact_id, 3)) as severity, chance('suspected', fact_id) as suspected, chance('refuted', fact_id) as refuted,
    one_of(['', 'Utslag efter två dagar.', 'Enligt patienten; ej "utredd"', 'Svullnad i ansiktet, sökte akut', 'Uppgift från anhörig'],
        'comment', fact_id) as comment
from (select *, one_of(getvariable('agents'), 'agent', fact_id) as a from drawn_fact where kind = 'alert')
qualify row_number() over (partition by pid, agent order by fact_id) = 1;

create or replace temp table medication as
select fact_id, pid, day, m.atc as atc, m.name as name, m.generic as generic, m.strength as strength, m.form as form, m.route as route,
    one_of(string_split(m.doses, ';'), 'dose', fact_id) as dose,
    one_of(string_split(m.doses, ';'), 'other dose', fact_id) || ' enl ny ord' as other_dose,
    case when roll('stopped', fact_id) < 0.45 then least(day + cast(7 + pick('days', fact_id, 700) as integer), region_end()) end as ends_on,
    cast(null as varchar) as renews, cast(null as varchar) as stops -- facts that it follows on: medicines.sql
from (select f.*, one_of(getvariable('drugs'), 'drug', fact_id) as m, birth_date from drawn_fact f join person using (pid) where f.kind = 'medication')
where date_diff('year', birth_date, day) >= cast(m.age_from as integer)
qualify row_number() over (partition by pid, atc order by fact_id) = 1;

create or replace macro bell(what, who) as (roll(what || 'a', who) + roll(what || 'b', who) + roll(what || 'c', who) - 1.5) * 2;

create or replace temp table observation as
with drawn as (
    select *, domain = 'general' and roll('vital', fact_id) < 0.3 as is_vital,
        one_of(getvariable('tests'), 'test', fact_id) as t, one_of(getvariable('vitals'), 'vitals', fact_id) as v
    from drawn_fact where kind = 'observation'
), measured as (
    select fact_id, pid, day, at_work(day, 'observed', fact_id) as observed_at, domain, is_vital,
        case when domain = 'newborn' then ['FV', 'FL', 'APGAR5'][k - 99] when domain = 'maternity' then ['SF', 'BT-S'][1 + k % 2]
            when is_vital then v.melior_code else t.npu end as code,
        case when domain = 'newborn' then ['Födelsevikt', 'Födelselängd', 'Apgar 5 min'][k - 99]
            when domain = 'maternity' then ['Symfys-fundus-mått', 'Systoliskt blodtryck'][1 + k % 2]
            when is_vital then v.name else t.name end as name,
        if(is_vital, v.asynja_code, t.asynja_code) as asynja_code, if(is_vital, v.name, t.asynja_name) as asynja_name,
        case when domain = 'newborn' then ['g', 'cm', ''][k - 99] when domain = 'maternity' then ['cm', 'mmHg'][1 + k % 2]
            when is_vital then v.unit else coalesce(t.unit, '') end as unit,
        cast(case when domain = 'newborn' then [3500, 50, 9][k - 99] when domain = 'maternity' then [34, 118][1 + k % 2]
            when is_vital then cast(v.mean as double) else cast(t.mean as double) end as double) as mean,
        cast(case when domain = 'newborn' then [500, 2, 0.6][k - 99] when domain = 'maternity' then [2, 11][1 + k % 2]
            when is_vital then cast(v.spread as double) else cast(t.spread as double) end as double) as spread,
        cast(case when domain <> 'general' then '0' when is_vital then v.decimals else t.decimals end as integer) as decimals,
        if(is_vital or domain <> 'general', null, t.interval) as interval,
        if(is_vital or domain <> 'general', null, cast(t.low as double)) as low,
        if(is_vital or domain <> 'general', null, cast(t.high as double)) as high
    from drawn
), valued as (
    select *, cast(round(greatest(mean + spread * bell('value', fact_id), mean / 8), decimals) as decimal(12, 2)) as value from measured
), told as (
    select *, case
        when code = 'SWE05074' then one_of(['neg', 'neg', 'neg', 'pos'], 'strip', fact_id)
        when code = 'NPU19748' and value < 5 then '<5'
        when not is_vital and domain = 'general' and chance('textual', fact_id) then one_of(['hemolys', 'se kommentar', 'ej utfört', 'koag'], 'words', fact_id)
        when not is_vital and domain = 'general' and chance('below_range', fact_id) then '<' || replace(cast(round(low, decimals)::decimal(12, 1) as varchar), '.', ',')
        end as words
    from valued
)
select *, if(words is null, value, null) as number,
    coalesce(words, replace(case decimals when 0 then cast(cast(value as bigint) as varchar)
        when 1 then cast(cast(value as decimal(12, 1)) as varchar) else cast(value as varchar) end, '.', ',')) as written,
    words is null and high > 0 and (value < low or value > high) as abnormal
from told;

-- what was done; what was done at a birth follows from how the child was born
create or replace temp table procedure as
with drawn as (
    select f.*, list_filter(
            [one_of(getvariable('operations'), 'operation1', fact_id), one_of(getvariable('operations'), 'operation2', fact_id),
                one_of(getvariable('operations'), 'operation3', fact_id)],
            lambda d: (d.sex is null or d.sex = p.sex)
                and date_diff('year', p.birth_date, f.day) between cast(d.age_from as integer) and cast(d.age_to as integer))[1] as d
    from drawn_fact f join person p using (pid) where f.kind = 'procedure' and domain = 'general'
), born as (
    select f.fact_id, f.pid, f.day, case when c.icd like 'O82%' then ['MCA10', 'Kejsarsnitt'] when roll('helped', f.fact_id) < 0.12 then ['MAE00', 'Vakuumextraktion']
        when roll('helped', f.fact_id) < 0.3 then ['MAC00', 'Amniotomi'] end as done
    from drawn_fact f left join condition c on c.fact_id = replace(f.fact_id, 'procedure', 'condition')
    where f.kind = 'procedure' and f.domain = 'maternity'
)
select fact_id, pid, day, d.kva as kva, d.text as text, d.melior_code as melior_code, d.asynja_code as asynja_code, d.asynja_text as asynja_text
from drawn where d is not null
-- an organ is taken out once; what is looked at or sewn can be so again
qualify row_number() over (partition by pid, text, if(kva is null or kva similar to '[AUQ].*', day, null) order by day, fact_id) = 1
union all
-- twins are born by one section
select fact_id, pid, day, done[1], done[2], null, null, null from born where done is not null
qualify row_number() over (partition by pid, day, done[1] order by fact_id) = 1;

-- the doses of one vaccine are counted; a newborn gets one only where the mother's disease asks for it
create or replace temp table immunization as
with drawn as (
    select f.*, case when domain = 'newborn' then (select v from vaccine v where atc = 'J07BC01') else list_filter(
        [one_of(getvariable('vaccines'), 'vaccine1', fact_id), one_of(getvariable('vaccines'), 'vaccine2', fact_id),
            one_of(getvariable('vaccines'), 'vaccine3', fact_id), one_of(getvariable('vaccines'), 'vaccine4', fact_id)],
        lambda v: date_diff('year', p.birth_date, f.day) between cast(v.age_from as integer) and cast(v.age_to as integer)
            and year(f.day) >= cast(v.since as integer))[1] end as v
    from drawn_fact f join person p using (pid)
    where f.kind = 'immunization' and (domain = 'general' or chance('newborn_vaccinated', fact_id))
), told as (
    select fact_id, pid, day, v.atc as atc, v.product as product, v.words as words, cast(v.doses as integer) as doses from drawn where v is not null
    qualify row_number() over (partition by pid, atc, day order by fact_id) = 1
)
select *, row_number() over (partition by pid, atc order by day) as dose,
    one_of(['A', 'B', 'E', 'K', 'R', 'U'], 'batch letter', fact_id) || lpad(cast(pick('batch', fact_id, 100000) as varchar), 5, '0') as batch,
    one_of(['A', 'B', 'E', 'K', 'R', 'U'], 'other letter', fact_id) || lpad(cast(pick('other batch', fact_id, 100000) as varchar), 5, '0') as other_batch
from told
qualify row_number() over (partition by pid, atc order by day) <= doses;

-- one contact, whoever tells it
create or replace temp table care_contact as
select fact_id, pid, day, contact_category(fact_id) as category, contact_starts(day, fact_id) as starts_at, contact_ends(day, fact_id) as ends_at,
    1 + pick('unit', fact_id, 6) as unit_no
from drawn_fact where kind = 'care_contact';

create or replace temp table document as
select fact_id, pid, day,
    if(domain = 'general', n.heading, b.heading) as heading,
    if(domain = 'general', n.body, b.body) || case when roll('tail', fact_id) < 0.5
        then ' Nästa kontroll ' || strftime(day + cast(30 + pick('next', fact_id, 300) as integer), '%Y-%m-%d') || '.' else '' end
        || if(pid is not distinct from getvariable('canary_pid'), ' ' || getvariable('canary_name') || ' önskar återkoppling.', '') as body
from (select *, one_of(getvariable('notes'), 'note', fact_id) as n, one_of(getvariable('birth_notes'), 'birth note', fact_id) as b
    from drawn_fact where kind = 'document');

create or replace temp table access_block as
select fact_id, pid, day, if(roll('outer', fact_id) < 0.4, 'outer', 'inner') as block_type,
    case when roll('open', fact_id) < 0.3 then 'lak upp' end as exempt,
    case when roll('ended', fact_id) < 0.3 then least(day + 700, region_end()) end as ends_on
from drawn_fact where kind = 'access_block';

create or replace temp table detail as
select fact_id from condition union all select fact_id from alert union all select fact_id from medication
union all select fact_id from observation union all select fact_id from document union all select fact_id from access_block
union all select fact_id from care_contact union all select fact_id from procedure union all select fact_id from immunization;
