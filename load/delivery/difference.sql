-- What is wanted against what stands there: what to put and what to delete, in the order of delivery.
-- `resource` is wanted; `standing` is what the journal knows. A reference within escaped text is none, for its quotes
-- are escaped.
create or replace table waiting as
select
    case when r.resource_id is null then 10 - coalesce(p.phase, 2) else coalesce(p.phase, 2) end as phase,
    coalesce(r.person_id, s.person_id) as person_id,
    coalesce(r.resource_type, s.resource_type) as resource_type,
    coalesce(r.resource_id, s.resource_id) as resource_id,
    coalesce(r.content_hash, '') as content_hash,
    case when r.resource_id is null then s.refs else array_to_string(list_sort(list_distinct(
        regexp_extract_all(r.body, '"reference":"([A-Za-z]+/[A-Za-z0-9.-]{1,64})"', 1))), ' ') end as refs,
    coalesce(s.version, '') as version,
    coalesce(s.digest, '') as digest,
    s.resource_id is not null as known,
    case when r.resource_id is null then 'gone' when s.resource_id is null then 'new' else 'changed' end as change
from resource as r
full join standing as s using (resource_type, resource_id)
left join (values ('Organization', 0), ('Practitioner', 0), ('PractitionerRole', 0), ('Location', 0), ('Device', 0),
    ('Patient', 1)) as p (kind, phase) on p.kind = coalesce(r.resource_type, s.resource_type)
where s.content_hash is distinct from r.content_hash;
