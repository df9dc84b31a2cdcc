-- Pairs that wait for a judgement. A pair waits when it was put to review, or when a veto on it is why an identity's
-- rows are held. Ordered: held rows first, since nothing of them is loaded; then by the harm of the rule, alerts and
-- active medicines on either side, protection, and nearness to the threshold.
with waiting as (
    select $pair_id as pair_id, p.*, l.source is not null or r.source is not null as held
    from pair p
    left join held l on l.source = p.source_l and l.local_patient_id = p.local_patient_id_l
    left join held r on r.source = p.source_r and r.local_patient_id = p.local_patient_id_r
    where p.decision = 'review'
        or p.decision = 'vetoed' and (p.rule in (l.rule, r.rule) or 'false_identity' in (l.rule, r.rule))
),
side as (
    select pair_id, source_l as source, local_patient_id_l as local_patient_id from waiting
    union all
    select pair_id, source_r, local_patient_id_r from waiting
),
care as (
    select source, local_patient_id, 1 as alerts, 0 as medicines from alert
    where not coalesce(negated, false) and status not in ('refuted', 'nullified')
    union all
    select source, local_patient_id, 0, 1 from medication
    where status = 'active' and coalesce(order_type, 'start') = 'start'
),
risk as (
    select pair_id, sum(alerts) as alerts, sum(medicines) as medicines
    from side join care using (source, local_patient_id) group by pair_id
),
hidden as (
    -- one identity that is protected protects the whole person
    select distinct s.pair_id
    from side s
    join identity i using (source, local_patient_id)
    join identity o using (person_id)
    join patient p on p.source = o.source and p.local_patient_id = o.local_patient_id
    where p.protection <> 'none'
)
select w.pair_id, w.source_l, w.local_patient_id_l, w.source_r, w.local_patient_id_r, w.rule, w.decision,
    w.method, cast(w.match_weight as double) as match_weight, w.held,
    $harm as harm,
    cast(coalesce(r.alerts, 0) as bigint) as alerts, cast(coalesce(r.medicines, 0) as bigint) as medicines,
    h.pair_id is not null as protected
from waiting w
left join risk r using (pair_id)
left join hidden h using (pair_id)
order by held desc, harm desc, alerts + medicines > 0 desc, protected desc,
    abs(match_weight - $1) nulls last, pair_id
