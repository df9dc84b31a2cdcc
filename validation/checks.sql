-- Each check is a query that returns offenders: pointers, never values. The lines before a query name the check,
-- and say how many rows were expected and how many found; none offending and both alike means pass.
-- {kind} stands for a clinical kind, for checks that are made of each; {sources} for the sources of the run.

-- check: rows_have_one_fate
-- expected: select count(*) from landed
-- found: select count(*) from row_fate
select source, source_table, row_key
from (
    select source, source_table, row_key, 1 as n from landed
    union all
    select source, source_table, row_key, -1 from row_fate
)
group by source, source_table, row_key
having sum(n) <> 0;

-- check: nothing_unexplained
-- expected: select 0
-- found: select count(*) from unexplained
select source, source_table, row_key, kind from unexplained;

-- check: no_contradiction
-- expected: select 0
-- found: select count(*) from fault
select source, source_table, row_key, kind from fault;

-- check: books_balance
-- expected: select coalesce(sum(extracted), 0) from balance
-- found: select coalesce(sum(loaded + consolidated + held + quarantined + excluded + unexplained), 0) from balance
select source, source_table, '' as row_key
from balance
where extracted <> loaded + consolidated + held + quarantined + excluded + unexplained;

-- check: told_rows_reach_the_target
-- expected: select count(*) from fate where fate in ('loaded', 'consolidated')
-- found: select count(*) from fate semi join reached using (fact_id, kind, source, source_table, row_key) where fate in ('loaded', 'consolidated')
select source, source_table, row_key, kind, fact_id
from fate f
where fate in ('loaded', 'consolidated')
    and not exists (
        from reached r
        where r.fact_id = f.fact_id and r.kind = f.kind and r.source = f.source
            and r.source_table = f.source_table and r.row_key = f.row_key
    );

-- check: lineage_points_to_landed_rows
-- expected: select count(*) from target_lineage where source in ({sources})
-- found: select count(*) from target_lineage where source in ({sources})
select source, source_table, row_key, kind, fact_id
from target_lineage l
where source in ({sources})
    and not exists (
        from landed d
        where d.source = l.source and d.source_table = l.source_table and d.row_key = l.row_key
    );

-- check: lineage_points_to_current_facts
-- expected: select count(*) from target_lineage where source in ({sources})
-- found: select count(*) from reached where source in ({sources})
select source, source_table, row_key, kind, fact_id
from target_lineage l
where source in ({sources})
    and not exists (from current_fact c where c.fact_id = l.fact_id and c.kind = l.kind);

-- check: lineage_is_as_computed
-- expected: select count(*) from lineage where source in ({sources})
-- found: select count(*) from target_lineage where source in ({sources})
with differing as (
    select truth
    from (
        select truth, 1 as n from wanted_lineage where source in ({sources})
        union all
        select truth, -1 from target_lineage where source in ({sources})
    )
    group by truth
    having sum(n) <> 0
)
select source, source_table, row_key, kind, fact_id
from wanted_lineage semi join differing using (truth)
where source in ({sources})
union
select source, source_table, row_key, kind, fact_id
from target_lineage semi join differing using (truth)
where source in ({sources});

-- check: facts_have_rows_behind_them of {kind}
-- expected: select count(*) from "target_{kind}" where source in ({sources})
-- found: select count(*) from "target_{kind}" where source in ({sources})
select '{kind}' as kind, fact_id
from "target_{kind}" f
where source in ({sources})
    and not exists (from target_lineage l where l.fact_id = f.fact_id and l.kind = '{kind}');

-- check: facts_are_as_desired of {kind}
-- expected: select count(*) from "wanted_{kind}" where source in ({sources})
-- found: select count(*) from "target_{kind}" where source in ({sources})
select '{kind}' as kind, coalesce(t.fact_id, w.fact_id) as fact_id
from (from "target_{kind}" where source in ({sources})) t
full join (from "wanted_{kind}" where source in ({sources})) w on w.fact_id = t.fact_id
where t.truth is distinct from w.truth;

-- check: stored_hashes_are_true of {kind}
-- expected: select count(*) from "target_{kind}"
-- found: select count(*) from "target_{kind}" where stored = truth
select '{kind}' as kind, fact_id from "target_{kind}" where stored is distinct from truth;

-- check: facts_have_one_version of {kind}
-- expected: select count(*) from "target_{kind}"
-- found: select count(distinct fact_id) from "target_{kind}"
select '{kind}' as kind, fact_id from "target_{kind}" group by fact_id having count(*) > 1;

-- check: facts_belong_to_a_person of {kind}
-- expected: select count(*) from "target_{kind}"
-- found: select count(*) from "target_{kind}" where person_id in (select person_id from target_person)
select '{kind}' as kind, fact_id
from "target_{kind}"
where person_id is null or person_id not in (select person_id from target_person);

-- check: persons_are_as_desired
-- expected: select count(*) from wanted_person
-- found: select count(*) from wanted_person semi join target_person using (person_id, truth)
select 'patient' as kind, w.person_id as fact_id
from wanted_person w
left join target_person t on t.person_id = w.person_id
where t.truth is distinct from w.truth;

-- check: medicines_are_as_desired
-- expected: select count(*) from wanted_medication_group
-- found: select count(*) from wanted_medication_group semi join target_medication_group using (group_id, truth)
select 'medication' as kind, w.group_id as fact_id
from wanted_medication_group w
left join target_medication_group t on t.group_id = w.group_id
where t.truth is distinct from w.truth or t.stored is distinct from t.truth;

-- check: persons_have_an_identity
-- expected: select count(*) from target_person
-- found: select count(*) from target_person where person_id in (select person_id from target_identity)
select 'patient' as kind, person_id as fact_id
from target_person
where person_id not in (select person_id from target_identity)
union all
select 'patient', person_id from target_person group by person_id having count(*) > 1;

-- check: identities_stand_once
-- expected: select count(*) from known_identity
-- found: select count(*) from target_identity semi join known_identity using (source, local_patient_id)
select k.source, '' as source_table, md5(k.local_patient_id) as row_key
from known_identity k
left join target_identity t on t.source = k.source and t.local_patient_id = k.local_patient_id
group by k.source, k.local_patient_id
having count(t.person_id) <> 1;

-- check: identities_keep_their_person
-- expected: select count(*) from known_identity semi join identity using (source, local_patient_id)
-- found: select count(*) from target_identity semi join identity using (source, local_patient_id, person_id) semi join known_identity using (source, local_patient_id)
select i.source, '' as source_table, md5(i.local_patient_id) as row_key
from identity i
semi join known_identity k on k.source = i.source and k.local_patient_id = i.local_patient_id
left join target_identity t
    on t.source = i.source and t.local_patient_id = i.local_patient_id and t.person_id = i.person_id
where t.person_id is null
