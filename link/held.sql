-- Identities whose rows wait until somebody has said who they are.
select s.source, s.local_patient_id, h.rule
from (
    select id, 'overlay_suspect' as rule from suspect
    where id in (
        select unnest([c.id_l, c.id_r]) from clash c left join verdict v using (id_l, id_r) where v.verdict is null
    )
    union all
    select id, 'false_identity' from root
    where false_one and id not in (select unnest([id_l, id_r]) from verdict) and id not in (from suspect)
) h
join standard s using (id)
order by s.source, s.local_patient_id
