-- The rows behind each resource of a fact or person, one Provenance for each: from which source, table and row it comes,
-- who wrote it where, and who is its controller.
select 'pv-' || resource_id as resource_id, person_id, concat(
    resource('Provenance', 'pv-' || resource_id, meta(null, null, labels(protection, blocked, approved))),
    ',"target":', one(reference(resource_type, resource_id)),
    coalesce(',"recorded":' || bare(instant(recorded_at, null)), ',"_recorded":' || absent('unknown')),
    ',"agent":', arr(concat(
        ',{"type":' || coded('http://terminology.hl7.org/CodeSystem/provenance-participant-type', 'author') || ',"who":'
            || coalesce(practitioner(source, author), organization(source, care_unit))
            || coalesce(',"onBehalfOf":' || case when told(author) is not null then organization(source, care_unit) end, '') || '}',
        ',{"type":' || coded('http://terminology.hl7.org/CodeSystem/provenance-participant-type', 'custodian')
            || ',"who":' || organization(source, care_giver) || '}',
        ',{"type":' || coded('http://terminology.hl7.org/CodeSystem/provenance-participant-type', 'informant')
            || ',"who":{"identifier":{"system":"$basesource","value":' || js(source) || '}}}')),
    ',"entity":' || arr(elements),
    '}') as body
from (
    select f.*, g.protection, b.elements from fact_of_resource as f
    join guarded as g using (person_id) join behind as b using (fact_id)
)
