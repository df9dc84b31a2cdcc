-- Care units and care givers, each by its HSA-id; a name that is none counts within its source only.
select resource_id, null as person_id, concat(
    resource('Organization', resource_id, meta(null, 'http://hl7.se/fhir/ig/base/StructureDefinition/SEBaseOrganization', null)),
    ',"extension":' || arr(extension('record-unit', 'valueReference', case when told(record_unit) is not null
        and organization_id(source, record_unit) <> resource_id then organization(source, record_unit) end)),
    ',"identifier":', one(case
        when is_hsa(unit) then '{"type":' || coded('http://terminology.hl7.org/CodeSystem/v2-0203', 'PRN')
            || ',"system":"urn:oid:1.2.752.29.4.19","value":' || js(unit) || '}'
        else identifier('unit', source, unit) end),
    ',"name":' || js(case when not is_hsa(unit) then unit end),
    ',"partOf":' || case when organization_id(source, care_giver) <> resource_id then organization(source, care_giver) end,
    '}') as body
from named_unit
