-- Every pair that was proposed, and what came of it: by judgement, else by number, else by the model. Firm crowds are
-- together unless the cluster had to be parted.

create or replace table weighed as
with proposed as (
    select id_l, id_r, 1 as priority, null::decimal(18, 6) as match_weight, null::decimal(18, 6) as match_probability,
        'judgement' as method, case when verdict = 'different' then 'judged_different' end as veto, null as unmet,
        null as doubtful
    from verdict
    union all
    select f.id_l, f.id_r, 2, null, null, case when same_number then 'number' else 'documented' end, veto, unmet, null
    from number_fact f join base l on l.id = f.id_l join base r on r.id = f.id_r and r.base <> l.base
    union all
    select s.id_l, s.id_r, 2, null, null, s.method, null, null, null
    from star s where (id_l, id_r) in (select (id_l, id_r) from blocked)
        or (id_l, id_r) in (select (id_l, id_r) from verdict)
    union all
    select id_l, id_r, 3, match_weight, match_probability, 'model', veto, unmet, doubtful from score_fact
    union all
    select id_l, id_r, 4, null, null, 'registry', null, null, null from blocked
),
best as (
    from proposed qualify row_number() over (partition by id_l, id_r order by priority) = 1
),
decided as (
    select b.*, l.cluster as cluster_l, r.cluster as cluster_r, l.cluster = r.cluster as together, k.rule as blocked_by,
        -- against what a number or a source says itself, such a veto is a doubt
        coalesce(
            starts_with(veto, 'timeline_') and unmet is null and method <> 'judgement'
            or veto = 'reserve_number_twice' and method = 'documented', false
        ) as in_doubt
    from best b
    join cluster l on l.id = b.id_l
    join cluster r on r.id = b.id_r
    left join blocked k on k.id_l = b.id_l and k.id_r = b.id_r
)
select *,
    case
        when veto = 'judged_different' then 'apart'
        when together then 'linked'
        when blocked_by = 'judged_different' then 'apart'
        when doubtful is not null or in_doubt then 'review'
        when veto is not null then 'vetoed'
        else 'review'
    end as decision,
    case
        when together and veto is distinct from 'judged_different' then null
        when doubtful is not null then doubtful
        when veto is null and unmet is null and blocked_by in ('bridge', 'judged_different') then blocked_by
        else coalesce(veto, unmet, 'blocked_' || blocked_by, 'blocked')
    end as rule
from decided;

-- one question for two persons: the pair that says most is asked about, and none that has been answered
create or replace table answered as
select distinct least(cluster_l, cluster_r) as cluster_l, greatest(cluster_l, cluster_r) as cluster_r
from weighed where veto = 'judged_different';

create or replace table told_apart as
select w.id_l, w.id_r, w.match_weight, w.match_probability, w.method,
    case when asked and (answered or turn > 1) then 'apart' else decision end as decision,
    case when asked and answered then 'judged_different' when asked and turn > 1 then 'same_question' else rule end as rule
from (
    select w.*, a.cluster_l is not null as answered, w.decision = 'review' as asked,
        row_number() over (
            partition by least(w.cluster_l, w.cluster_r), greatest(w.cluster_l, w.cluster_r), w.decision
            order by w.priority, w.match_weight desc, w.id_l, w.id_r
        ) as turn
    from weighed w
    left join answered a
        on a.cluster_l = least(w.cluster_l, w.cluster_r) and a.cluster_r = greatest(w.cluster_l, w.cluster_r)
) w
union all
select id_l, id_r, null, null, method, 'linked', null
from star anti join weighed using (id_l, id_r);
