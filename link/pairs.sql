-- Every pair that was proposed, and what came of it: by judgement, else by number, else by the model.
with proposed as (
    select id_l, id_r, 1 as priority, null as match_weight, null as match_probability, 'judgement' as method,
        case when verdict = 'different' then 'judged_different' end as veto, null as unmet, false as replaced
    from verdict
    union all
    select id_l, id_r, 2, null, null, case when same_number then 'number' else 'documented' end, veto, unmet, false
    from number_fact
    union all
    select id_l, id_r, 3, match_weight, match_probability, 'model', veto, unmet, replaced
    from score_fact
),
best as (
    from proposed qualify row_number() over (partition by id_l, id_r order by priority) = 1
),
decided as (
    select b.*, l.cluster = r.cluster as together, k.rule as blocked_by
    from best b
    join cluster l on l.id = b.id_l
    join cluster r on r.id = b.id_r
    left join blocked k on k.id_l = b.id_l and k.id_r = b.id_r
),
told_apart as (
    select *,
        case
            when veto = 'judged_different' then 'apart'
            when together then 'linked'
            when replaced then 'review'
            when veto is not null then 'vetoed'
            else 'review'
        end as decision,
        case
            when together then null
            when replaced then 'coordination_and_personal'
            else coalesce(veto, unmet, 'blocked_' || blocked_by, 'blocked')
        end as rule
    from decided
)
select
    case when swapped then r.source else l.source end as source_l,
    case when swapped then r.local_patient_id else l.local_patient_id end as local_patient_id_l,
    case when swapped then l.source else r.source end as source_r,
    case when swapped then l.local_patient_id else r.local_patient_id end as local_patient_id_r,
    cast(t.match_weight as decimal(18, 6)) as match_weight,
    cast(t.match_probability as decimal(18, 6)) as match_probability,
    t.method, t.decision, t.rule
from (
    select t.*, (r.source, r.local_patient_id) < (l.source, l.local_patient_id) as swapped
    from told_apart t join standard l on l.id = t.id_l join standard r on r.id = t.id_r
) t
join standard l on l.id = t.id_l
join standard r on r.id = t.id_r
order by 1, 2, 3, 4
