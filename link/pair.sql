-- The pairs as everybody reads them: the lesser identity, by source and local id, stands left.
select
    case when swapped then source_r else source_l end as source_l,
    case when swapped then local_r else local_l end as local_patient_id_l,
    case when swapped then source_l else source_r end as source_r,
    case when swapped then local_l else local_r end as local_patient_id_r,
    cast(match_weight as decimal(18, 6)) as match_weight,
    cast(match_probability as decimal(18, 6)) as match_probability,
    method, decision, rule
from (
    select t.*, l.source as source_l, l.local_patient_id as local_l, r.source as source_r, r.local_patient_id as local_r,
        r.source < l.source or r.source = l.source and r.local_patient_id < l.local_patient_id as swapped
    from told_apart t join standard l on l.id = t.id_l join standard r on r.id = t.id_r
)
order by id_l, id_r
