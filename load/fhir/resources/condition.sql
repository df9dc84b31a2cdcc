-- Diagnoses. The day is that of the diagnosis, not of the disease's onset; nobody said that a diagnosis is resolved.
select fact_id as resource_id, person_id, concat(
    resource('Condition', fact_id, meta(source, null, labels(protection, blocked, approved_for_patient))),
    ',"extension":' || arr(concat(
        case when diagnosed_on is not null and partial(diagnosed_on, date_precision) is not null then
            ',{"url":"http://hl7.org/fhir/StructureDefinition/condition-assertedDate","valueDateTime":"'
            || partial(diagnosed_on, date_precision) || '"}' end,
        extension('week', 'valueString', bare(week_known(diagnosed_on, date_precision))),
        extension('chronic', 'valueBoolean', case chronic when true then 'true' when false then 'false' end),
        kept(status, ['active'], signed, unread))),
    ',"clinicalStatus":' || coded('http://terminology.hl7.org/CodeSystem/condition-clinical', case
        when negated or status in ('refuted', 'nullified', 'unknown') then null
        when status = 'active' then 'active' else 'inactive' end),
    ',"verificationStatus":' || coded('http://terminology.hl7.org/CodeSystem/condition-ver-status', case
        when status = 'nullified' then 'entered-in-error'
        when negated or status = 'refuted' then 'refuted'
        when certainty = 'suspected' then 'provisional'
        when certainty = 'confirmed' then 'confirmed' end),
    case category
        when 'main' then ',"category":[{"coding":[{"system":"urn:oid:1.2.752.129.2.2.3.2","code":"HD","display":"Huvuddiagnos"}]}]'
        when 'secondary' then ',"category":[{"coding":[{"system":"urn:oid:1.2.752.129.2.2.3.2","code":"BY","display":"Bidiagnos"}]}]'
    end,
    ',"code":', coalesce(
        concept(local_system, local_code, local_text, system, system_version, code, display, equivalence),
        absent('unknown')),
    ',"subject":', reference('Patient', person_id),
    ',"recordedDate":' || bare(moment(recorded_at)),
    ',"recorder":' || practitioner(source, author),
    '}') as body
from condition join guarded using (person_id)
